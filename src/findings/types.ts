/** How bad, in the five steps that GitHub shows. `none` is told and never fails a gate by itself. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'none'

/** Worst first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none']

/** True when `left` is as bad as `right`, or worse. */
export function atLeast(left: Severity, right: Severity): boolean {
  return severities.indexOf(left) <= severities.indexOf(right)
}

export interface FindingLocation {
  /** Relative to the root of the repository, with `/`. */
  readonly file: string
  /** These count from 1. */
  readonly line?: number
  readonly endLine?: number
  readonly column?: number
  readonly endColumn?: number
}

/** One thing that a tool holds against the code, whatever format it came in. */
export interface Finding {
  /** The rule, in the tool's own words: `javascript.eval`, `CVE-2026-1234`, `lock-timeout-missing`. */
  readonly rule: string
  readonly severity: Severity
  /** One sentence, plain text. */
  readonly message: string
  readonly location?: FindingLocation
  /** `CWE-89`, upper case and without leading zeros. */
  readonly cwes?: readonly string[]
  /** `name/vN` -> value. Stays the same over new commits; never holds an absolute line number. */
  readonly fingerprints?: Readonly<Record<string, string>>
  /** What the rule is about, once per rule; the first finding of a rule that has it counts. */
  readonly about?: { readonly title?: string; readonly help?: string; readonly helpUri?: string }
  /** A package and its version, where the finding is one of a dependency. */
  readonly package?: { readonly purl: string; readonly name: string; readonly version?: string }
}

/** What one tool says of one commit. */
export interface FindingRun {
  readonly tool: string
  readonly toolVersion?: string
  readonly informationUri?: string
  /** Tells several runs of a tool apart, as the category of code scanning: `semgrep/api`. */
  readonly category?: string
  /** Commit that was looked at. */
  readonly commit?: string
  /** False when the tool did not look at everything it should have: readers end `incomplete` on it. */
  readonly complete?: boolean
  readonly findings: readonly Finding[]
}
