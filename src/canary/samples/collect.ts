import { err, ok, type Result } from '../../release/index.ts'
import type { Block, History } from '../judge/types.ts'
import { type Arms, toBlocks, toHistory } from './blocks.ts'
import { ambiguity, type PodCounters } from './counters.ts'
import { joinCuts, joinHistory, splitCuts } from './cuts.ts'
import { ambiguous, clocksDiffer, SKEW_MS, stale } from './faults.ts'
import type { Prometheus, Series } from './prometheus.ts'
import { reader } from './reader.ts'
import type { MetricSource } from './source.ts'

export interface CollectOptions {
  readonly metrics: readonly MetricSource[]
  readonly arms: Arms
  /** Start of the evidence, by the clock of the cluster. */
  readonly start: Date
  readonly blockMs: number
  readonly now: Date
  readonly created: ReadonlyMap<string, number>
  /** When a pod became ready, of those the cluster knows; warm-up counts from there. */
  readonly ready?: ReadonlyMap<string, number>
  readonly weightChanges: readonly Date[]
}

export interface Collected {
  readonly blocks: readonly Block[]
  readonly history: History
  /** Newest scrape, by the clock of Prometheus. */
  readonly newest: Date
  /** False while no scrape of a canary pod has been seen. */
  readonly canarySeen: boolean
}

const FAR = Number.POSITIVE_INFINITY
/** Baseline from before the start. */
const HISTORY_MS = 30 * 60_000
/** Asked again on each look, so that samples that come late are seen. */
const OVERLAP_MS = 90_000
/** Reads samples and remembers them, so that each look asks only for the newest and those that may have come late. */
export interface Collector {
  collect(options: CollectOptions, signal: AbortSignal): Promise<Result<Collected>>
}

export function collector(server: Prometheus): Collector {
  const memory = new Map<string, Map<string, Series>>()
  let readUpTo: number | undefined

  async function fetchInto(
    query: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<Result<Date | undefined>> {
    const answer = await server.raw(query, seconds, signal)
    if (!answer.ok) return answer
    const problem = ambiguity(answer.value.series)
    if (problem !== undefined) return err(ambiguous(query, problem))
    memory.set(query, merge(memory.get(query), answer.value.series))
    return ok(answer.value.serverNow)
  }

  return {
    async collect(options, signal) {
      const now = options.now.getTime()
      const rangeStart = options.start.getTime() - HISTORY_MS
      const from = readUpTo === undefined ? rangeStart : Math.max(rangeStart, readUpTo - OVERLAP_MS)
      const seconds = (now - from) / 1000
      const readers = options.metrics.map((each) => reader(each, options.arms))
      // Two metrics may share a counter, such as all requests.
      const queries = [...new Set(readers.flatMap((each) => each.queries))]
      const answers = await Promise.all(queries.map((query) => fetchInto(query, seconds, signal)))
      for (const answer of answers) {
        if (!answer.ok) return answer
        const skew = answer.value === undefined ? 0 : answer.value.getTime() - now
        if (Math.abs(skew) > SKEW_MS) return err(clocksDiffer(server.host, skew))
      }
      const series = (query: string) => [...(memory.get(query)?.values() ?? [])]
      const given = {
        host: server.host,
        arms: options.arms,
        start: options.start.getTime(),
        counters: {
          rangeStart,
          created: options.created,
          ...(options.ready === undefined ? {} : { ready: options.ready }),
        },
      }
      const cuts: Record<string, readonly (readonly PodCounters[])[]> = {}
      for (const each of readers) {
        const counted = each.count(series, given)
        if (!counted.ok) return counted
        cuts[each.name] = counted.value
      }
      const newest = queries.flatMap(series).reduce((most, each) => Math.max(most, lastAt(each)), -1)
      readUpTo = Math.min(newest, now)
      const allowed = Math.max(10_000, 4 * options.blockMs)
      if (now - newest > allowed) return err(stale(server.host, now - newest))
      const plan = {
        start: options.start.getTime(),
        lengthMs: options.blockMs,
        arms: options.arms,
        weightChanges: options.weightChanges.map((each) => each.getTime()),
      }
      const metrics = splitCuts(cuts)
      const widths = Object.fromEntries(Object.entries(cuts).map(([name, each]) => [name, each.length]))
      return ok({
        blocks: toBlocks(metrics, plan).map((block) => joinCuts(block, widths)),
        history: joinHistory(toHistory(metrics, plan), widths),
        newest: new Date(newest),
        canarySeen: Object.values(metrics)
          .flat()
          .some(({ pod }) => pod.startsWith(`${options.arms.canary}-`)),
      })
    },
  }
}

/** New samples behind the known ones; a sample that came late finds its place by time. */
export function merge(
  known: ReadonlyMap<string, Series> | undefined,
  fresh: readonly Series[],
): Map<string, Series> {
  const merged = new Map(known)
  for (const each of fresh) {
    const key = JSON.stringify(Object.entries(each.labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    const before = merged.get(key)
    const cut = Math.min(each.samples[0]?.at ?? FAR, each.histograms?.[0]?.at ?? FAR)
    const isOlder = (sample: { readonly at: number }) => sample.at < cut
    const histograms = [...(before?.histograms?.filter(isOlder) ?? []), ...(each.histograms ?? [])]
    merged.set(key, {
      labels: each.labels,
      samples: [...(before?.samples.filter(isOlder) ?? []), ...each.samples],
      ...(histograms.length === 0 ? {} : { histograms }),
    })
  }
  return merged
}

function lastAt({ samples, histograms }: Series): number {
  return Math.max(samples.at(-1)?.at ?? -1, histograms?.at(-1)?.at ?? -1)
}
