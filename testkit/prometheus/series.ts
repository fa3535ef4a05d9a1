import { type Matcher, matchesValue, type Selector } from './selector.ts'

export interface Point {
  /** Milliseconds. */
  readonly at: number
  /** Undefined marks the series as ended here (Prometheus stores a special NaN). */
  readonly value: number | undefined
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly points: Point[]
}

export interface SeriesStore {
  append(labels: Readonly<Record<string, string>>, at: number, value: number | undefined): void
  select(matchers: readonly Matcher[]): Series[]
}

/** How long a sample counts as the present value when no newer one comes. */
export const lookbackMs = 5 * 60_000

export const identity = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

export function createSeries(): SeriesStore {
  const all = new Map<string, Series>()
  return {
    append(labels, at, value) {
      const kept = Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ''))
      const key = identity(kept)
      const series = all.get(key) ?? { labels: kept, points: [] }
      all.set(key, series)
      // Out of order samples are refused, as by the real head block.
      if (at > (series.points.at(-1)?.at ?? Number.NEGATIVE_INFINITY)) series.points.push({ at, value })
    },
    select: (matchers) =>
      [...all.values()].filter(({ labels }) =>
        matchers.every((matcher) => matchesValue(matcher, labels[matcher.label] ?? '')),
      ),
  }
}

export interface RangeResult {
  readonly labels: Series['labels']
  readonly points: readonly { readonly at: number; readonly value: number }[]
}

const bySeries = (a: RangeResult, b: RangeResult) => (identity(a.labels) < identity(b.labels) ? -1 : 1)

/**
 * Samples in [until - range, until] (both ends belong to it in Prometheus 2; 3 leaves the older one out), without the markers of ended series; series without samples are left out.
 */
export function range(store: SeriesStore, { matchers, rangeMs = 0 }: Selector, until: number): RangeResult[] {
  return store
    .select(matchers)
    .map(({ labels, points }) => ({
      labels,
      points: points.flatMap(({ at, value }) =>
        at >= until - rangeMs && at <= until && value !== undefined ? [{ at, value }] : [],
      ),
    }))
    .filter(({ points }) => points.length > 0)
    .sort(bySeries)
}

/** The newest sample of each series, unless the series ended with it or it is too old. */
export function instant(store: SeriesStore, { matchers }: Selector, until: number): RangeResult[] {
  return store
    .select(matchers)
    .flatMap(({ labels, points }) => {
      const last = points.findLast(({ at }) => at <= until)
      if (last?.value === undefined || last.at < until - lookbackMs) return []
      return [{ labels, points: [{ at: last.at, value: last.value }] }]
    })
    .sort(bySeries)
}

/** `sum(increase(…))`: extrapolated to the ends of the range as the real server does; undefined without two samples. */
export function increase(store: SeriesStore, selector: Selector, until: number): number | undefined {
  const grown = range(store, selector, until).flatMap(({ points }) => {
    const one = grownBy(points, until - (selector.rangeMs ?? 0), until)
    return one === undefined ? [] : [one]
  })
  return grown.length === 0 ? undefined : grown.reduce((sum, each) => sum + each, 0)
}

/** promql/functions.go, extrapolatedRate: the ends are reached when the samples come close, else half a step is added. */
function grownBy(points: RangeResult['points'], from: number, until: number): number | undefined {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < 2) return undefined
  let value = last.value - first.value
  for (const [at, point] of points.entries()) {
    const before = points[at - 1]
    if (before !== undefined && point.value < before.value) value += before.value
  }
  const sampled = last.at - first.at
  const step = sampled / (points.length - 1)
  const reach = (gap: number) => (gap >= 1.1 * step ? step / 2 : gap)
  const untilZero = value > 0 ? sampled * (first.value / value) : Number.POSITIVE_INFINITY
  const covered = sampled + Math.min(reach(first.at - from), untilZero) + reach(until - last.at)
  return (value * covered) / sampled
}
