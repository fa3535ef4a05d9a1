/** Reason codes of rollback: code -> what it means, in one sentence. Outputs and docs use these and no others. */
export const rollbackReasons = {
  'rollback-not-proved': 'A region was pinned back, and it was not seen to serve the old release everywhere.',
  'rollback-requested': 'A person asked for the way back.',
} as const satisfies Record<string, string>
