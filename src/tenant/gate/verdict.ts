import type { CaseVerdict } from '../types.ts'
import type { TenantResult } from './result.ts'

/** What a result is held against. */
export interface Expectation {
  readonly commit: string
  /** Operations of the OpenAPI description. */
  readonly operations: readonly { readonly id: string; readonly method: string; readonly path: string }[]
  readonly exempt: ReadonlySet<string>
  readonly inconclusiveLimit: number
  /** Set when the owner does without the self-test for now. */
  readonly mutationWaived: boolean
  /** Set when the run itself says that it proves nothing. */
  readonly invalid?: string
  /** Seeded objects that could not be removed. */
  readonly left: readonly string[]
}

export type State = 'pass' | 'leak' | 'untested' | 'inconclusive' | 'invalid'

export interface OperationVerdict {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly state: CaseVerdict
  readonly why?: string
}

export interface GateVerdict {
  readonly state: State
  readonly operations: readonly OperationVerdict[]
  /** What is wrong, worst first. */
  readonly problems: readonly string[]
  readonly counts: Readonly<Record<CaseVerdict, number>>
}

/**
 * Computes the verdict anew from the cases: what a simulator says of itself does not count. A leak is told before
 * everything else, also when the run as a whole proves nothing.
 */
export function decide(result: TenantResult, expectation: Expectation): GateVerdict {
  const cases = result.operations.flatMap((one) => one.cases)
  const counts: Record<CaseVerdict, number> = { pass: 0, leak: 0, inconclusive: 0, untested: 0, exempt: 0 }
  for (const { verdict } of cases) counts[verdict] += 1
  const operations = [...described(result, expectation), ...others(result, expectation)]
  const invalid = invalidity(result, expectation, counts)
  const leaks = operations.filter(({ state }) => state === 'leak')
  const untested = operations.filter(({ state }) => state === 'untested')
  const unclear = counts.inconclusive > expectation.inconclusiveLimit
  const problems = [
    ...leaks.map(({ id, why }) => `${id} leaks: ${why ?? ''}`),
    ...invalid,
    ...untested.map(({ id, why }) => `${id} is not tested: ${why ?? 'no case of it is in the result'}`),
    ...(unclear
      ? [`${counts.inconclusive} cases are inconclusive, ${expectation.inconclusiveLimit} are allowed`]
      : []),
    ...expectation.left.map((one) => `not removed: ${one}`),
  ]
  // Two names of one tenant see everything of each other; that is no leak of the service.
  const state: State =
    expectation.invalid !== undefined
      ? 'invalid'
      : leaks.length > 0
        ? 'leak'
        : invalid.length > 0
          ? 'invalid'
          : untested.length > 0
            ? 'untested'
            : unclear || expectation.left.length > 0
              ? 'inconclusive'
              : 'pass'
  return { state, operations, problems, counts }
}

function invalidity(
  result: TenantResult,
  expectation: Expectation,
  counts: GateVerdict['counts'],
): readonly string[] {
  const { commit, tenants, controls } = result
  return [
    expectation.invalid,
    commit === expectation.commit
      ? undefined
      : `the result is of commit ${commit.slice(0, 12)}, not of ${expectation.commit.slice(0, 12)}`,
    new Set(tenants).size >= 2 ? undefined : `${new Set(tenants).size} tenants are no two`,
    controls.positive > 0 ? undefined : 'no positive control worked, so no refusal says anything',
    controls.mutationCaught || expectation.mutationWaived
      ? undefined
      : 'a leak that was put in was not found',
    counts.pass + counts.leak > 0 ? undefined : 'no case was decided',
  ].filter((one) => one !== undefined)
}

function described(result: TenantResult, { operations, exempt }: Expectation): readonly OperationVerdict[] {
  const byId = new Map(result.operations.map((one) => [one.id, one.cases]))
  return operations.map(({ id, method, path }) => {
    const cases = byId.get(id) ?? []
    const worst = worstOf(cases)
    const open = exempt.has(id) ? undefined : missing(cases, result.tenants)
    if (worst?.verdict === 'leak')
      return { id, method, path, state: 'leak', why: worst.evidence?.why ?? worst.attack }
    if (exempt.has(id)) return { id, method, path, state: 'exempt' }
    if (open !== undefined) return { id, method, path, state: 'untested', why: untestedWhy(cases) ?? open }
    const why = worst?.verdict === 'inconclusive' ? { why: worst.evidence?.why ?? worst.attack } : {}
    return { id, method, path, state: worst?.verdict ?? 'untested', ...why }
  })
}

/** Subjects of events and whatever else a simulator looked at: they count, and nothing asks for them. */
function others(result: TenantResult, { operations }: Expectation): readonly OperationVerdict[] {
  const known = new Set(operations.map(({ id }) => id))
  return result.operations
    .filter(({ id }) => !known.has(id))
    .map(({ id, method = '', path, subject, cases }) => {
      const worst = worstOf(cases)
      const why = worst?.evidence?.why
      return {
        id,
        method,
        path: path ?? subject ?? '',
        state: worst?.verdict ?? 'untested',
        ...(why === undefined ? {} : { why }),
      }
    })
}

type ResultCase = TenantResult['operations'][number]['cases'][number]
const order: readonly CaseVerdict[] = ['leak', 'untested', 'inconclusive', 'pass', 'exempt']

function worstOf(cases: readonly ResultCase[]): ResultCase | undefined {
  return [...cases].sort((left, right) => order.indexOf(left.verdict) - order.indexOf(right.verdict))[0]
}

function untestedWhy(cases: readonly ResultCase[]): string | undefined {
  return cases.find(({ verdict }) => verdict === 'untested')?.evidence?.why
}

/** Something has to be decided in both directions between two tenants; an exempt case decides nothing. */
function missing(cases: readonly ResultCase[], tenants: readonly string[]): string | undefined {
  if (cases.some(({ verdict }) => verdict === 'untested')) return 'a case of it is untested'
  const decided = cases.filter(({ verdict }) => verdict !== 'exempt')
  for (const from of tenants) {
    if (!decided.some((one) => one.from === from && one.to !== from))
      return `no case with the credentials of ${from} is decided`
  }
  return undefined
}
