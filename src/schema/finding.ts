import type { Danger, Major, Prediction, RuleId } from '../hazards/index.ts'
import type { ReviewRuleId } from './review-rules.ts'

export type Level = 'error' | 'warning' | 'notice'

/** One thing to know of one line of one file, for all server versions that share it. */
export interface ReviewFinding {
  readonly rule: RuleId | ReviewRuleId
  readonly danger: Danger | 'process'
  readonly level: Level
  readonly title: string
  /** `unsafe`: it will be so. `assumed`: something is not known, and the worse was taken. */
  readonly certainty: 'unsafe' | 'assumed'
  readonly what: string
  /** SQL to paste, or one clause. */
  readonly instead: string
  readonly prediction?: Prediction
  readonly versions: readonly Major[]
  /** Path from the root of the checkout. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Who answers for it and until when, where a waiver holds. */
  readonly waived?: { readonly owner: string; readonly reason: string; readonly expires: string }
}

const order: Readonly<Record<ReviewFinding['danger'], number>> = {
  fails: 0,
  blocks: 1,
  loses: 2,
  breaks: 3,
  process: 4,
  stalls: 5,
  note: 6,
  style: 7,
}
const levels: readonly Level[] = ['error', 'warning', 'notice']

/** Most important first: what a reader with ten lines has to see. */
export function byImportance(left: ReviewFinding, right: ReviewFinding): number {
  return (
    Number(left.waived !== undefined) - Number(right.waived !== undefined) ||
    levels.indexOf(left.level) - levels.indexOf(right.level) ||
    order[left.danger] - order[right.danger] ||
    Number(left.certainty === 'assumed') - Number(right.certainty === 'assumed') ||
    (left.file < right.file ? -1 : left.file > right.file ? 1 : left.line - right.line)
  )
}

/** Lock, rewrite, scan and break in words, for an annotation or a log. */
export function describe(finding: ReviewFinding): string {
  const { rule, title, what, certainty, prediction, versions, danger, instead, waived } = finding
  const certain = certainty === 'unsafe' ? 'Unsafe' : 'Unknown, assumed unsafe'
  const assumed = prediction?.assumed.length ? ` (${prediction.assumed.join('; ')})` : ''
  return [
    `${rule}: ${title}: ${what}.`,
    danger === 'process'
      ? undefined
      : `${certain} on PostgreSQL ${versions.join(', ')}${assumed}. ${costs(finding)}`,
    waived && `Waived by ${waived.owner} until ${waived.expires}: ${waived.reason}`,
    `Instead:\n${instead}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n')
}

export function costs({ prediction, danger }: ReviewFinding): string {
  const { locks = {}, rewrites = [], indexRebuilds = [], scans = [] } = prediction ?? {}
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
  const held = Object.entries(locks).map(([name, mode]) => `${mode} on ${name}`)
  return `Locks: ${list(held)}. Rewritten: ${list([...rewrites, ...indexRebuilds])}. Read whole: ${list(scans)}. Previous release: ${danger === 'breaks' ? 'breaks' : 'not affected by this'}.`
}
