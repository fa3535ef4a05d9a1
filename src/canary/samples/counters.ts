import { describe, type Series } from './prometheus.ts'

/** What one pod counted between two scrapes; belongs to the moment of the second. */
export interface Increment {
  readonly at: number
  readonly total: number
  readonly bad: number
}

export interface PodCounters {
  readonly pod: string
  /** One per scrape, zero or more, in order of time. */
  readonly increments: readonly Increment[]
}

export interface CounterOptions {
  /** Start of the range that was asked for: a pod that was there before it has counted already. */
  readonly rangeStart: number
  /** When a pod was made, of those the cluster still knows. */
  readonly created: ReadonlyMap<string, number>
}

/**
 * Whole numbers from raw counters, series by series and only then summed: a sum over series hides a reset.
 * `increase()` is not used: it drops the first value of a new series and extrapolates to fractions.
 */
export function podCounters(
  total: readonly Series[],
  bad: readonly Series[],
  options: CounterOptions,
): readonly PodCounters[] {
  const pods = new Map<string, { total: Series[]; bad: Series[] }>()
  for (const kind of ['total', 'bad'] as const) {
    for (const each of kind === 'total' ? total : bad) {
      const pod = each.labels.pod ?? ''
      const entry = pods.get(pod) ?? { total: [], bad: [] }
      entry[kind].push(each)
      pods.set(pod, entry)
    }
  }
  return [...pods].map(([pod, series]) => ({ pod, increments: incrementsOf(pod, series, options) }))
}

function incrementsOf(
  pod: string,
  series: { readonly total: readonly Series[]; readonly bad: readonly Series[] },
  options: CounterOptions,
): readonly Increment[] {
  const first = earliest([...series.total, ...series.bad])
  const newborn = isNewborn(pod, first, options)
  const at = new Map<number, { total: number; bad: number }>()
  for (const kind of ['total', 'bad'] as const) {
    for (const { samples } of series[kind]) {
      let before: number | undefined
      for (const sample of samples) {
        const entry = at.get(sample.at) ?? { total: 0, bad: 0 }
        entry[kind] += before === undefined ? firstValue(sample, first, newborn) : rise(before, sample.value)
        at.set(sample.at, entry)
        before = sample.value
      }
    }
  }
  const sorted = [...at].sort(([a], [b]) => a - b)
  // The first scrape of a pod that was there before is a base and no interval.
  const counted = newborn ? sorted : sorted.slice(1)
  return counted.map(([time, { total, bad }]) => ({ at: time, total, bad: Math.min(bad, total) }))
}

/** A counter falls only when its process starts anew; then all it says has happened since. */
const rise = (before: number, value: number) => Math.round(value >= before ? value - before : value)

/** A series that appears on a pod already scraped was born there: its first value happened since the last scrape. */
function firstValue(sample: { at: number; value: number }, first: number, newborn: boolean): number {
  return newborn || sample.at > first ? Math.round(sample.value) : 0
}

function earliest(series: readonly Series[]): number {
  let first = Number.POSITIVE_INFINITY
  for (const { samples } of series) first = Math.min(first, samples[0]?.at ?? first)
  return first
}

/**
 * A pod that the cluster no longer knows counts as new when it was first scraped well inside the range;
 * otherwise the range has simply cut its life.
 */
function isNewborn(pod: string, first: number, { created, rangeStart }: CounterOptions): boolean {
  const made = created.get(pod)
  return made === undefined ? first > rangeStart + 60_000 : made >= rangeStart
}

/** Labels by which one target, scraped twice, differs from itself. */
const COLLECTORS = [
  'prometheus',
  'prometheus_replica',
  'replica',
  '__replica__',
  'job',
  'instance',
  'endpoint',
]

/** Why these series cannot be counted by pod, if so. */
export function ambiguity(series: readonly Series[]): string | undefined {
  const seen = new Map<string, Series>()
  for (const each of series) {
    if (each.labels.pod === undefined || each.labels.pod === '')
      return `${describe(each.labels)} has no label \`pod\``
    const identity = Object.entries(each.labels)
      .filter(([key]) => !COLLECTORS.includes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(identity)
    const other = seen.get(key)
    if (other !== undefined && overlap(other, each)) {
      return `${describe(each.labels)} and ${describe(other.labels)} are the same target, collected twice`
    }
    seen.set(key, each)
  }
  return undefined
}

/** A restarted target may change its `instance`; two that are alive at the same time are counted twice. */
function overlap(a: Series, b: Series): boolean {
  const [aFirst, aLast] = [a.samples[0]?.at, a.samples.at(-1)?.at]
  const [bFirst, bLast] = [b.samples[0]?.at, b.samples.at(-1)?.at]
  if (aFirst === undefined || aLast === undefined || bFirst === undefined || bLast === undefined) return false
  return aFirst < bLast && bFirst < aLast
}
