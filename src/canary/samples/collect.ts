import { err, type Fault, ok, type Result } from '../../release/index.ts'
import type { Block, History } from '../judge/types.ts'
import { type Arms, toBlocks, toHistory } from './blocks.ts'
import { ambiguity, type PodCounters, podCounters } from './counters.ts'
import type { Prometheus, Series } from './prometheus.ts'
import { selectPods } from './selector.ts'

export interface MetricSource {
  readonly name: string
  /** Selectors of two counters, variables filled in. */
  readonly total: string
  readonly bad: string
}

export interface CollectOptions {
  readonly metrics: readonly MetricSource[]
  readonly arms: Arms
  /** Start of the evidence, by the clock of the cluster. */
  readonly start: Date
  readonly blockMs: number
  readonly now: Date
  readonly created: ReadonlyMap<string, number>
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

/** Baseline from before the start. */
const HISTORY_MS = 30 * 60_000
/** Asked again on each look, so that samples that come late are seen. */
const OVERLAP_MS = 90_000
/** More than this between the clocks of Prometheus and this machine, and blocks cannot be trusted. */
const SKEW_MS = 60_000

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
      const queries = options.metrics.map((each) => ({
        name: each.name,
        total: selectPods(each.total, [options.arms.canary, options.arms.stable]),
        bad: selectPods(each.bad, [options.arms.canary, options.arms.stable]),
      }))
      const answers = await Promise.all(
        queries.flatMap((each) => [
          fetchInto(each.total, seconds, signal),
          fetchInto(each.bad, seconds, signal),
        ]),
      )
      for (const answer of answers) {
        if (!answer.ok) return answer
        const skew = answer.value === undefined ? 0 : answer.value.getTime() - now
        if (Math.abs(skew) > SKEW_MS) return err(clocksDiffer(server.host, skew))
      }
      const metrics: Record<string, readonly PodCounters[]> = {}
      let newest = Number.NEGATIVE_INFINITY
      for (const each of queries) {
        const total = [...(memory.get(each.total)?.values() ?? [])]
        if (total.length === 0) return err(noSeries(server.host, each.total))
        for (const { samples } of total) newest = Math.max(newest, samples.at(-1)?.at ?? newest)
        const bad = [...(memory.get(each.bad)?.values() ?? [])]
        metrics[each.name] = podCounters(total, bad, { rangeStart, created: options.created })
      }
      readUpTo = Math.min(newest, now)
      const allowed = Math.max(10_000, 4 * options.blockMs)
      if (now - newest > allowed) return err(stale(server.host, now - newest))
      const plan = {
        start: options.start.getTime(),
        lengthMs: options.blockMs,
        arms: options.arms,
        weightChanges: options.weightChanges.map((each) => each.getTime()),
      }
      const blocks = toBlocks(metrics, plan)
      return ok({
        blocks,
        history: toHistory(metrics, plan),
        newest: new Date(newest),
        canarySeen: Object.values(metrics)
          .flat()
          .some(({ pod }) => pod.startsWith(`${options.arms.canary}-`)),
      })
    },
  }
}

/** New samples behind the known ones; a sample that came late finds its place by time. */
function merge(known: Map<string, Series> | undefined, fresh: readonly Series[]): Map<string, Series> {
  const merged = new Map(known)
  for (const each of fresh) {
    const key = JSON.stringify(Object.entries(each.labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    const before = merged.get(key)
    const cut = each.samples[0]?.at ?? Number.POSITIVE_INFINITY
    const older = before?.samples.filter((sample) => sample.at < cut) ?? []
    merged.set(key, { labels: each.labels, samples: [...older, ...each.samples] })
  }
  return merged
}

function noSeries(host: string, query: string): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-no-series',
    cause: `Prometheus at ${host} has no series for ${query}.`,
    likely: 'The label `pod` is missing or named otherwise, or the pods are not scraped.',
    next: 'Try the selector without its pod matcher in the Prometheus page and correct tuesday.yaml.',
  }
}

function stale(host: string, ageMs: number): Fault {
  return {
    blame: 'world',
    reason: 'prometheus-stale',
    cause: `The newest sample of Prometheus at ${host} is ${Math.round(ageMs / 1000)} s old.`,
    likely: 'The targets are no longer scraped, or Prometheus is catching up after a restart.',
    next: 'Look at the targets page of Prometheus; the canary stays where it is until samples come again.',
  }
}

function clocksDiffer(host: string, skewMs: number): Fault {
  return {
    blame: 'world',
    reason: 'prometheus-stale',
    cause: `The clock of Prometheus at ${host} differs from this machine's by ${Math.round(skewMs / 1000)} s.`,
    likely: 'One of the machines does not synchronise its clock.',
    next: 'Correct the clock; samples cannot be put beside the weights of the rollout until then.',
  }
}

function ambiguous(query: string, problem: string): Fault {
  return {
    blame: 'user',
    reason: 'prometheus-series-ambiguous',
    cause: `The series of ${query} cannot be counted by pod: ${problem}.`,
    likely: 'Two collectors scrape the same pods, or the metric comes from outside of the pods.',
    next: 'Name the collector in the selector of tuesday.yaml, or drop the duplicate.',
  }
}
