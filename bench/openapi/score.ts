import type { Run } from './run.ts'

export interface Figure {
  readonly figure: string
  readonly value: number
  readonly goal?: number
  readonly atLeast?: boolean
  readonly [more: string]: unknown
}

/** A pair that was refused or that failed is judged wrongly, whatever its label. */
function judgedBreaking({ comparison }: Run): boolean | undefined {
  return comparison === undefined ? undefined : comparison.counts.error > 0
}

export function figuresOf(core: readonly Run[], all: readonly Run[]): readonly Figure[] {
  const labelled = core.filter(({ given }) => given.breaking === true)
  const empty = labelled.filter(({ equal }) => equal)
  const breaking = labelled.filter(({ equal }) => !equal)
  const compatible = core.filter(({ given }) => given.breaking === false)
  const caught = breaking.filter((run) => judgedBreaking(run) === true).length
  const passed = compatible.filter((run) => judgedBreaking(run) === false).length
  const named = core.filter(
    ({ given, equal }) => !equal && given.source === 'oasdiff' && rulesOf(given.expected_ids).length > 0,
  )
  const agreed = named.filter((run) => missingFamilies(run).length === 0).length
  const times = all.map(({ ms }) => ms).sort((left, right) => left - right)
  const time = (share: number): number =>
    round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0, 2)
  return [
    {
      figure: 'recall',
      value: share(caught, breaking.length),
      goal: 0.97,
      atLeast: true,
      of: breaking.length,
      equalPairsLabelledBreaking: empty.length,
      withThem: share(caught, labelled.length),
    },
    {
      figure: 'specificity',
      value: share(passed, compatible.length),
      goal: 0.97,
      atLeast: true,
      of: compatible.length,
    },
    { figure: 'id families', value: share(agreed, named.length), goal: 0.9, atLeast: true, of: named.length },
    {
      figure: 'exceptions',
      value: all.filter(({ exception }) => exception !== undefined).length,
      goal: 0,
      of: all.length,
    },
    { figure: 'refused', value: all.filter(({ fault }) => fault !== undefined).length, of: all.length },
    { figure: 'ms a pair, median', value: time(0.5), goal: 20 },
    { figure: 'ms a pair, p95', value: time(0.95) },
  ]
}

/** What was judged differently from the label, with what was found. */
export function missesOf(runs: readonly Run[]): readonly object[] {
  return runs.flatMap((run) => {
    const { given, comparison, fault, exception } = run
    const verdict = judgedBreaking(run)
    const families = given.source === 'oasdiff' ? missingFamilies(run) : []
    const wrong = given.breaking !== null && verdict !== given.breaking
    if (!wrong && families.length === 0 && fault === undefined && exception === undefined) return []
    const found = comparison?.findings.map(({ id, level, where }) => `${level} ${id} (${where})`).slice(0, 12)
    const failure = exception ?? fault
    return [
      {
        miss: given.id,
        label: given.breaking,
        verdict: verdict ?? 'none',
        strength: given.strength,
        ...(families.length > 0 ? { families } : {}),
        ...(failure === undefined ? {} : { failure }),
        expected: given.expected_ids,
        found,
        note: given.note,
      },
    ]
  })
}

/** Ids of comments stand beside the id of their rule and are no rule of their own. */
function rulesOf(ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !id.endsWith('-comment'))
}

function missingFamilies({ given, comparison }: Run): readonly string[] {
  const found = new Set((comparison?.findings ?? []).map(({ id }) => familyOf(id)))
  return rulesOf(given.expected_ids).filter((id) => !found.has(familyOf(id)))
}

const positions = [
  'request-parameter-property-',
  'request-parameter-',
  'request-header-property-',
  'request-read-only-property-',
  'request-property-',
  'request-body-',
  'response-write-only-property-',
  'response-property-',
  'response-header-',
  'response-body-',
]

/** The keyword and what happened to it, without the position: `request-body-max-decreased` is `max-decreased`. */
export function familyOf(id: string): string {
  const position = positions.find((prefix) => id.startsWith(prefix))
  return position === undefined ? id : id.slice(position.length)
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : round(part / whole, 4))

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
