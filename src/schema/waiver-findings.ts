import type { Major } from '../hazards/index.ts'
import type { ReviewFinding } from './finding.ts'
import { type ReviewRuleId, reviewRules } from './review-rules.ts'
import type { Applied, Waiver } from './waivers.ts'

interface Setting {
  readonly waiversFile: string
  readonly grammars: readonly { readonly major: Major }[]
}

/** Waivers that no longer do anything. One for a file that is not under review may still have its reason. */
export function waiverFindings(
  { expired, unmatched }: Applied,
  { waiversFile, grammars }: Setting,
  reviewed: ReadonlySet<string>,
): readonly ReviewFinding[] {
  const found = (rule: ReviewRuleId, waiver: Waiver, instead: string): ReviewFinding => ({
    rule,
    danger: 'process',
    level: 'warning',
    title: reviewRules[rule],
    certainty: 'unsafe',
    what: `${waiver.rule} in ${waiver.file}, of ${waiver.owner}, until ${waiver.expires}`,
    instead,
    versions: grammars.map(({ major }) => major),
    file: waiversFile,
    line: waiver.line,
    column: 1,
  })
  return [
    ...expired.map((waiver) =>
      found('waiver-expired', waiver, 'Make the statement safe, or have it reviewed again.'),
    ),
    ...unmatched
      .filter(({ file }) => reviewed.has(file))
      .map((waiver) => found('waiver-unmatched', waiver, 'Remove it, or correct its file, rule or object.')),
  ]
}
