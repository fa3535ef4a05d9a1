/** Reason codes of Flagger: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const flaggerReasons = {
  'flagger-promoted': 'Flagger has promoted the digest; what the evidence of the gate said stands beside it.',
  'flagger-failed':
    'Flagger has failed the canary of the digest, by its own checks or because someone stopped it.',
  'flagger-progressing': 'Flagger moves the digest on by its own schedule; the gate watches.',
  'flagger-waiting': 'Flagger waits for a confirmation hook, which is not for the gate to give.',
  'flagger-suspended': 'spec.suspend of the Canary stands, so Flagger does nothing.',
  'flagger-not-stopped':
    'The canary is bad and Flagger was not stopped: no rollback hook, no address of its gate, or it promotes already.',
  'flagger-stop-not-effective':
    'The rollback hook was opened, and Flagger did not fail the canary within its bound.',
  'flagger-gate-refused': 'The gate behind the rollback hook of the Canary did not take the request.',
} as const satisfies Record<string, string>
