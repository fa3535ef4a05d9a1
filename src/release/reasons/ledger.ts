/** Reason codes of ledger: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const ledgerReasons = {
  'ledger-unreadable': 'A line of the ledger is not an event of the schema; nothing was decided on it.',
  'ledger-broken':
    'The hash chain of the ledger does not hold: a line was changed, added, removed or reordered by hand.',
  'ledger-state-differs': 'state.json is not what the log adds up to.',
  'ledger-newer': 'The ledger was written by a newer version of Tuesday.',
  'ledger-conflict':
    'Somebody else kept committing to the GitOps branch; the decision was thrown away each time.',
  'ledger-clock-differs': 'The ledger was begun with another kind of clock, simulated or real.',
  'clock-skewed': "The clock of this machine is too far from the server's, or behind the ledger.",
  'clock-unchecked': 'No server answered with its time, so the clock of this machine could not be checked.',
  'clock-not-allowed':
    "Another clock than the machine's is allowed only where every endpoint is on this machine.",
} as const satisfies Record<string, string>
