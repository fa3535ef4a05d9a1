/** What a review says of the files themselves: phases, pairs, waivers. Hazards of statements stand in src/hazards. */
export const reviewRules = {
  'phase-mismatch': 'the file is declared milder than what it does',
  'declaration-unknown': 'a line of declaration that is not understood',
  'pair-missing': 'it breaks the previous release and names no forward migration that would give it back',
  'pair-not-found': 'the paired migration does not exist',
  'pair-fails': 'the paired migration does not apply after it',
  'pair-incomplete': 'the paired migration does not give the previous release all it needs',
  'unused-since-missing': 'a contract step has to name the release that stopped using the old shape',
  'contract-too-early': 'a region still runs a release that uses the old shape',
  'contract-not-checked': 'which releases the regions run is not known here',
  'phases-mixed': 'a contract step travels alone: a release carries expand steps only',
  'waiver-expired': 'the waiver has expired and no longer holds',
  'waiver-unmatched': 'the waiver matches nothing and can go',
  'waiver-invalid': 'the waiver cannot be read',
} as const satisfies Record<string, string>

export type ReviewRuleId = keyof typeof reviewRules
