/** Why an answer says nothing of the code: code -> what it means. Each of them ends `incomplete`, which fails. */
export const flawMeanings = {
  'tool-missing': 'A tool that is asked for has no run.',
  'tool-gone': 'A tool of the baseline has no run now.',
  'report-missing': 'A report is not there.',
  'report-empty': 'A report has no bytes.',
  'report-unreadable': 'A report is not JSON of the form that its tool writes.',
  'report-too-large': 'A report is larger than what is read.',
  'sarif-version': 'A report is SARIF of another version than 2.1.0.',
  'no-runs': 'A SARIF report has no runs.',
  'results-absent': 'A run has no results, which is not the same as an empty list of them.',
  'execution-failed': 'A tool says itself that it did not succeed.',
  'tool-error': 'A tool has noted an error.',
  'exit-code': 'The exit code is not one that the tool gives after a whole scan.',
  'step-outcome': 'The step of the scan did not succeed.',
  'nothing-scanned': 'A tool has looked at no file.',
  'scanned-less': 'A tool has looked at far less than it did for the baseline.',
  'not-covered': 'A part of the tree is in no run.',
  truncated: 'A run holds as many results as its format or its consumer cuts off at.',
  stale: 'A report is of another commit.',
  'location-outside': 'A finding lies outside of the repository.',
  'baseline-unreadable': 'A baseline was given and cannot be read.',
  'baseline-grown': 'A change adds to the committed baseline, which may only get shorter.',
  'age-unknown': 'The policy limits the age of findings, and the baseline has no dates.',
} as const satisfies Record<string, string>

export type FlawCode = keyof typeof flawMeanings

export interface Flaw {
  readonly code: FlawCode
  /** The tool or the file it is about. */
  readonly about: string
  /** What was found, one sentence. */
  readonly says: string
  /** What to do now. */
  readonly next?: string
}
