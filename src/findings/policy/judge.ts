import type { Identified } from '../identity/identify.ts'
import type { Matched, Newness } from '../match/match.ts'
import { normalName } from '../sarif/names.ts'
import { atLeast, type Severity } from '../types.ts'
import { globMatcher } from './glob.ts'
import type { Policy, PolicyRule, Suppression } from './schema.ts'
import type { Suppressor } from './suppress.ts'

export interface Judged {
  readonly finding: Identified
  readonly tool: string
  readonly category?: string
  readonly newness: Newness
  readonly state: 'blocking' | 'reported' | 'suppressed'
  /** Why it blocks or does not, one clause. */
  readonly why: string
  readonly suppression?: Suppression
  /** When it was seen first, where the baseline knows. */
  readonly firstSeen?: string
  /** Its age is limited, and not known. */
  readonly ageUnknown?: boolean
}

export interface JudgeInput {
  readonly policy: Policy
  readonly today: Date
  readonly suppressor: Suppressor
}

export type Judge = (matched: Matched, run: { readonly tool: string; readonly category?: string }) => Judged

/** What the policy says of one finding after the other. The order counts: a suppression can be spent. */
export function judgeOf({ policy, today, suppressor }: JudgeInput): Judge {
  const limitOf = limits(policy)
  return ({ finding, newness, before }, { tool, category }) => {
    const firstSeen = before?.firstSeen ?? finding.firstSeen
    const base = {
      finding,
      tool,
      newness,
      ...(category === undefined ? {} : { category }),
      ...(firstSeen === undefined ? {} : { firstSeen }),
    }
    const suppression = suppressor.cover(finding)
    if (suppression !== undefined) {
      const why = `suppressed until ${suppression.expires} by ${suppression.owner}: ${suppression.reason}`
      return { ...base, state: 'suppressed', why, suppression }
    }
    if (
      finding.suppressed !== undefined &&
      policy['suppressed-by-tool'] === 'count' &&
      !ended(finding, today)
    ) {
      const where = finding.suppressed === 'source' ? 'in the source' : 'by the tool'
      return { ...base, state: 'suppressed', why: `suppressed ${where}` }
    }
    return { ...base, ...verdictOf(base, policy, today, limitOf(finding, tool)) }
  }
}

function ended({ suppressedUntil }: Identified, today: Date): boolean {
  return suppressedUntil !== undefined && !(Date.parse(suppressedUntil) > today.getTime())
}

type Limit = { readonly severity: Severity | 'off'; readonly because: string }

function verdictOf(
  { finding, newness, firstSeen }: Pick<Judged, 'finding' | 'newness' | 'firstSeen'>,
  policy: Policy,
  today: Date,
  limit: Limit,
): Pick<Judged, 'state' | 'why' | 'ageUnknown'> {
  if (limit.severity === 'off') return { state: 'reported', why: limit.because }
  if (newness === 'known') return ageOf(finding.severity, firstSeen, policy, today)
  if (!atLeast(finding.severity, limit.severity))
    return { state: 'reported', why: `milder than ${limit.severity}` }
  if (newness === 'new') return { state: 'blocking', why: limit.because }
  const why = 'the code stood there before, the tool is another one now'
  return { state: policy['tool-upgrade'] === 'fail' ? 'blocking' : 'reported', why }
}

/** A known finding blocks when it has stayed longer than its severity may. */
function ageOf(severity: Severity, firstSeen: string | undefined, policy: Policy, today: Date) {
  const days = policy.fail['known-days'][severity]
  if (days === undefined) return { state: 'reported' as const, why: 'in the baseline' }
  const since = firstSeen === undefined ? Number.NaN : Date.parse(firstSeen)
  if (Number.isNaN(since)) {
    return { state: 'reported' as const, why: 'in the baseline, without a date', ageUnknown: true }
  }
  const age = Math.floor((today.getTime() - since) / 86_400_000)
  return age > days
    ? { state: 'blocking' as const, why: `known for ${age} days, and ${severity} ones may stay ${days}` }
    : { state: 'reported' as const, why: `in the baseline for ${age} days` }
}

/** The first rule that fits decides; without one a listed CWE blocks at any severity, and else the severity decides. */
function limits(policy: Policy): (finding: Identified, tool: string) => Limit {
  const rules = policy.rules.map((rule) => ({ rule, fits: fitterOf(rule) }))
  return (finding, tool) => {
    const found = rules.findIndex(({ fits }) => fits(finding, tool))
    const rule = rules[found]?.rule
    if (rule !== undefined) return { severity: rule.severity, because: `rule ${found + 1} of the policy` }
    const listed = finding.cwes?.find((cwe) => policy.fail.cwe.includes(cwe))
    if (listed !== undefined)
      return { severity: 'none', because: `new, and ${listed} blocks at any severity` }
    return { severity: policy.fail.severity, because: `new, and ${policy.fail.severity} or worse` }
  }
}

function fitterOf({ paths, tools, rules, cwe }: PolicyRule): (finding: Identified, tool: string) => boolean {
  const matchers = paths?.map(globMatcher)
  const names = tools?.map(normalName)
  const ids = rules?.map((pattern) => globMatcher(`/${pattern}`))
  return (finding, tool) => {
    const file = finding.location?.file
    return (
      (matchers === undefined || (file !== undefined && matchers.some((matches) => matches(file)))) &&
      (names === undefined || names.some((name) => toolIs(tool, name))) &&
      (ids === undefined || ids.some((matches) => matches(finding.rule))) &&
      (cwe === undefined || cwe.some((id) => finding.cwes?.includes(id) === true))
    )
  }
}

/** `semgrep` is the tool that calls itself `Semgrep OSS`. */
export function toolIs(tool: string, name: string): boolean {
  const own = normalName(tool)
  const asked = normalName(name)
  return own === asked || own.startsWith(`${asked}-`)
}
