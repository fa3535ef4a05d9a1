/** Reason codes of rollback: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const rollbackReasons = {
  'rollback-not-proved': 'A region was pinned back, and it was not seen to serve the old release everywhere.',
  'rollback-target-unknown': 'The release that was to be gone back to is not in the ledger.',
  'rollback-target-unverified':
    'The release that was to be gone back to was never verified in this region, or not on what it runs now.',
  'rollback-target-vetoed': 'The release that was to be gone back to was found bad before.',
  'rollback-not-fast': 'A rollback from here would be slow; the answer has the lines of YAML that mend it.',
  'rollback-requested': 'A person asked for the way back.',
} as const satisfies Record<string, string>
