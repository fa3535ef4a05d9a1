/** Reason codes of findings: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const findingsReasons = {
  'findings-clean': 'Every tool that was asked for has looked at this commit, and nothing blocks.',
  'findings-blocking': 'Findings that the policy does not let pass are new, or have stayed for too long.',
  'findings-incomplete':
    'A scan that is asked for is missing, failed, is of another commit or looked at too little: nothing is known.',
  'findings-policy-invalid':
    'The policy of findings cannot be read, or holds a key that would be without effect.',
  'findings-base-missing': 'The commit that this change is compared with is not in the checkout.',
  'findings-path-outside': 'A path of a report or a policy leads out of the checkout.',
  'findings-checkout-unreadable': 'Git does not answer for the checkout that was scanned.',
} as const satisfies Record<string, string>
