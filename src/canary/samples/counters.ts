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
  /** What the second counter counts; the bad ones unless said otherwise. */
  readonly part?: 'bad' | 'good'
  /** What a new pod answers in this time is left out: caches are cold, code is not compiled yet. */
  readonly warmupMs?: number
  /** When a pod became ready, of those the cluster still knows; otherwise its first scrape counts. */
  readonly ready?: ReadonlyMap<string, number>
}

/**
 * Whole numbers from raw counters, series by series and only then summed: a sum over series hides a reset.
 * `increase()` is not used: it drops the first value of a new series and extrapolates to fractions.
 */
export function podCounters(
  total: readonly Series[],
  part: readonly Series[],
  options: CounterOptions,
): readonly PodCounters[] {
  const pods = new Map<string, { total: Series[]; part: Series[] }>()
  for (const kind of ['total', 'part'] as const) {
    for (const each of kind === 'total' ? total : part) {
      const pod = each.labels.pod ?? ''
      const entry = pods.get(pod) ?? { total: [], part: [] }
      entry[kind].push(each)
      pods.set(pod, entry)
    }
  }
  return [...pods].map(([pod, series]) => ({ pod, increments: incrementsOf(pod, series, options) }))
}

function incrementsOf(
  pod: string,
  series: { readonly total: readonly Series[]; readonly part: readonly Series[] },
  options: CounterOptions,
): readonly Increment[] {
  const first = earliest([...series.total, ...series.part])
  const newborn = isNewborn(pod, first, options)
  const at = new Map<number, { total: number; part: number }>()
  for (const kind of ['total', 'part'] as const) {
    for (const { samples } of series[kind]) {
      let before: number | undefined
      for (const sample of samples) {
        const entry = at.get(sample.at) ?? { total: 0, part: 0 }
        entry[kind] += before === undefined ? firstValue(sample, first, newborn) : rise(before, sample.value)
        at.set(sample.at, entry)
        before = sample.value
      }
    }
  }
  const sorted = [...at].sort(([a], [b]) => a - b)
  // The first scrape of a pod that was there before is a base and no interval.
  const counted = newborn ? sorted : sorted.slice(1)
  const warm = newborn ? (options.ready?.get(pod) ?? first) + (options.warmupMs ?? 0) : first
  const known = options.part === 'good' ? latest(series.part) : Number.POSITIVE_INFINITY
  return counted
    .filter(([time]) => (options.warmupMs === undefined || time >= warm) && time <= known)
    .map(([time, { total, part }]) => ({ at: time, total, bad: badOf(total, part, options.part) }))
}

/** Two counters of one scrape may be read in two moments: a good one that is missing is no bad request. */
function badOf(total: number, part: number, kind: CounterOptions['part']): number {
  return kind === 'good' ? Math.max(0, total - part) : Math.min(part, total)
}

/** The last moment for which good ones are known; a pod that has never counted any is taken at its word. */
function latest(series: readonly Series[]): number {
  if (series.length === 0) return Number.POSITIVE_INFINITY
  return Math.max(...series.map(({ samples }) => samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY))
}

/** A gauge or a count of restarts: every scrape of a pod is one event, bad when `isBad` says so. */
export function scrapeEvents(
  series: readonly Series[],
  isBad: (value: number, before: number | undefined) => boolean,
): readonly PodCounters[] {
  const pods = new Map<string, Map<number, boolean>>()
  for (const { labels, samples } of series) {
    const events = pods.get(labels.pod ?? '') ?? new Map<number, boolean>()
    let before: number | undefined
    for (const { at, value } of samples) {
      events.set(at, events.get(at) === true || isBad(value, before))
      before = value
    }
    pods.set(labels.pod ?? '', events)
  }
  return [...pods].map(([pod, events]) => ({
    pod,
    increments: [...events]
      .sort(([a], [b]) => a - b)
      .map(([at, bad]) => ({ at, total: 1, bad: bad ? 1 : 0 })),
  }))
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
