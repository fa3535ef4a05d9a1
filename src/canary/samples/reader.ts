import { err, ok, type Result } from '../../release/index.ts'
import { type Arms, armOf } from './blocks.ts'
import { type CounterOptions, type PodCounters, podCounters, scrapeEvents } from './counters.ts'
import { badHistogram, noSeries, unknownCut } from './faults.ts'
import { type Cumulative, chooseCuts, classic, native, suffixed } from './histogram.ts'
import type { Series } from './prometheus.ts'
import { selectPods } from './selector.ts'
import type { HistogramSource, MetricSource } from './source.ts'

export interface ReadOptions {
  readonly host: string
  readonly arms: Arms
  readonly start: number
  readonly counters: CounterOptions
}

/** How one metric is asked for and counted. One list of counters per cut; all metrics but histograms have one. */
export interface Reader {
  readonly name: string
  readonly queries: readonly string[]
  count(
    series: (query: string) => readonly Series[],
    options: ReadOptions,
  ): Result<readonly (readonly PodCounters[])[]>
}

/** What latency says in the first minute of a pod is about caches and compilers. */
const LATENCY_WARMUP_MS = 60_000

export function reader(source: MetricSource, arms: Arms): Reader {
  const { name } = source
  const named = [arms.canary, arms.stable].filter((arm) => arm !== '')
  const pods = (selector: string) => selectPods(selector, named)
  const warm = source.warmupMs === undefined ? {} : { warmupMs: source.warmupMs }
  if ('histogram' in source) return histogramReader(source, pods)
  if ('gauge' in source || 'restarts' in source) {
    const query = pods('gauge' in source ? source.gauge : source.restarts)
    const isBad =
      'gauge' in source
        ? (value: number) => value > source.above
        : (value: number, before: number | undefined) => before !== undefined && value > before
    return {
      name,
      queries: [query],
      count: (series, { host }) =>
        series(query).length === 0 ? err(noSeries(host, query)) : ok([scrapeEvents(series(query), isBad)]),
    }
  }
  const total = pods(source.total)
  const part = pods(source.good ?? source.bad ?? source.total)
  return {
    name,
    queries: [total, part],
    count(series, { host, counters }) {
      if (series(total).length === 0) return err(noSeries(host, total))
      // No bad request has no series; no good one anywhere is a wrong selector.
      if (source.good !== undefined && series(part).length === 0) return err(noSeries(host, part))
      const kind = source.good === undefined ? 'bad' : 'good'
      return ok([podCounters(series(total), series(part), { ...counters, ...warm, part: kind })])
    },
  }
}

function histogramReader(source: HistogramSource, pods: (selector: string) => string): Reader {
  const buckets = pods(suffixed(source.histogram, '_bucket'))
  const whole = pods(source.histogram)
  return {
    name: source.name,
    queries: [buckets, whole],
    count(series, options) {
      const read = cumulative(series(buckets), series(whole), buckets, options.host)
      if (!read.ok) return read
      const counters = {
        ...options.counters,
        part: 'good',
        warmupMs: source.warmupMs ?? LATENCY_WARMUP_MS,
      } as const
      const { count, upTo } = read.value
      const at = (bound: number) => podCounters(count, upTo.get(bound) ?? [], counters)
      if (source.cutSeconds !== undefined) {
        return upTo.has(source.cutSeconds)
          ? ok([at(source.cutSeconds)])
          : err(
              unknownCut(
                buckets,
                source.cutSeconds,
                [...upTo.keys()].sort((a, b) => a - b),
              ),
            )
      }
      const byBound = new Map([...upTo.keys()].map((bound) => [bound, at(bound)] as const))
      const tails = new Map(
        [...byBound].map(([bound, counted]) => [bound, stablePast(counted, options)] as const),
      )
      const cuts = chooseCuts(tails).flatMap((bound) => {
        const counted = byBound.get(bound)
        return counted === undefined ? [] : [counted]
      })
      return cuts.length > 0
        ? ok(cuts)
        : err(badHistogram(buckets, 'no bound has stable requests on both sides'))
    },
  }
}

function cumulative(
  buckets: readonly Series[],
  whole: readonly Series[],
  query: string,
  host: string,
): Result<Cumulative> {
  if (buckets.length > 0) {
    const read = classic(buckets)
    return read.ok ? ok(read.value) : err(badHistogram(query, read.problem))
  }
  const histograms = whole.filter((each) => each.histograms !== undefined)
  return histograms.length > 0 ? ok(native(histograms)) : err(noSeries(host, query))
}

function stablePast(
  counters: readonly PodCounters[],
  { arms, start }: ReadOptions,
): { n: number; e: number } {
  const sum = { n: 0, e: 0 }
  for (const { pod, increments } of counters) {
    if (armOf(pod, arms) !== 'stable') continue
    for (const { at, total, bad } of increments) {
      if (at > start) break
      sum.n += total
      sum.e += bad
    }
  }
  return sum
}
