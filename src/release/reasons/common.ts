/** Reason codes any action may answer: code -> what it means, in one sentence. */
export const commonReasons = {
  done: 'The work was done and its effect was read back.',
  'nothing-to-do': 'The wanted state was already there; nothing was changed.',
  'invalid-input': 'An input of the action is missing, misspelt or out of range; nothing was touched.',
  cancelled: 'The job was cancelled; the log says what was left and how to go on.',
  'internal-error': 'A defect of Tuesday; nothing is known to be wrong with the release.',
  'network-unreachable': 'A server did not answer within its bound.',
  'permission-denied': 'The credentials do not carry the right that this step needs.',
  'credentials-expired': 'The credentials were refused as expired, also after they were read again.',
} as const satisfies Record<string, string>
