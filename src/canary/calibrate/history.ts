import { type Clock, err, ok, type Result } from '../../release/index.ts'
import { merge } from '../samples/collect.ts'
import { ambiguity, type PodCounters } from '../samples/counters.ts'
import { ambiguous, clocksDiffer, SKEW_MS, stale } from '../samples/faults.ts'
import type { Prometheus, Series } from '../samples/prometheus.ts'
import { reader } from '../samples/reader.ts'
import type { MetricSource } from '../samples/source.ts'
import type { PodBlock, Tally } from './types.ts'

export interface HistoryOptions {
  readonly metrics: readonly MetricSource[]
  /** Name of the ReplicaSet whose pods are read. */
  readonly stable: string
  readonly from: Date
  readonly clock: Clock
  readonly blockMs: number
  /** When each pod was made, of those the cluster still knows. */
  readonly created: ReadonlyMap<string, number>
}

/** One answer stays small: a day of histograms at once is more than many servers give. */
const CHUNK_MS = 2 * 3_600_000

/** What every pod of one ReplicaSet has answered, block by block, from raw samples. */
export async function readPodBlocks(
  server: Prometheus,
  options: HistoryOptions,
  signal: AbortSignal,
): Promise<Result<readonly PodBlock[]>> {
  const { from: begin, clock } = options
  const [from, now] = [begin.getTime(), clock.now().getTime()]
  // No canary stands beside them: an arm without a name has no pods.
  const arms = { canary: '', stable: options.stable }
  const readers = options.metrics.map((each) => reader(each, arms))
  const series = new Map<string, ReadonlyMap<string, Series>>()
  for (const query of new Set(readers.flatMap((each) => each.queries))) {
    const read = await readRange(server, query, { from, to: now, clock }, signal)
    if (!read.ok) return read
    series.set(query, read.value)
  }
  const of = (query: string) => [...(series.get(query)?.values() ?? [])]
  const counters = { rangeStart: from, created: options.created }
  const counted: Record<string, readonly (readonly PodCounters[])[]> = {}
  for (const each of readers) {
    // All of it is the past that cuts of a histogram are chosen by.
    const cuts = each.count(of, { host: server.host, arms, start: now, counters })
    if (!cuts.ok) return cuts
    counted[each.name] = cuts.value
  }
  const newest = Math.max(...Object.values(counted).flat(2).map(lastAt))
  const allowed = Math.max(10_000, 4 * options.blockMs)
  if (now - newest > allowed) return err(stale(server.host, now - newest))
  return ok(toPodBlocks(counted, from, options.blockMs, newest))
}

async function readRange(
  server: Prometheus,
  query: string,
  { from, to, clock }: { readonly from: number; readonly to: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, Series>>> {
  let known: ReadonlyMap<string, Series> = new Map()
  for (let start = from; start < to; start += CHUNK_MS) {
    const end = Math.min(start + CHUNK_MS, to)
    const answer = await server.raw(query, (end - start) / 1000, signal, new Date(end))
    if (!answer.ok) return answer
    const { serverNow } = answer.value
    const skew = serverNow === undefined ? 0 : serverNow.getTime() - clock.now().getTime()
    if (Math.abs(skew) > SKEW_MS) return err(clocksDiffer(server.host, skew))
    const problem = ambiguity(answer.value.series)
    if (problem !== undefined) return err(ambiguous(query, problem))
    known = merge(known, answer.value.series)
  }
  return ok(known)
}

const lastAt = ({ increments }: PodCounters) => increments.at(-1)?.at ?? Number.NEGATIVE_INFINITY

/** Only whole blocks; a pod that was not scraped in one is not in it, and neither is one with a cut missing. */
function toPodBlocks(
  counted: Readonly<Record<string, readonly (readonly PodCounters[])[]>>,
  from: number,
  blockMs: number,
  newest: number,
): readonly PodBlock[] {
  const whole = Math.max(0, Math.floor((newest - from) / blockMs))
  const blocks: Record<string, Record<string, Tally[]>>[] = Array.from({ length: whole }, () => ({}))
  for (const [metric, cuts] of Object.entries(counted)) {
    for (const [cut, pods] of cuts.entries()) {
      for (const { pod, increments } of pods) {
        for (const { at, total, bad } of increments) {
          const metrics = blocks[Math.ceil((at - from) / blockMs) - 1]
          if (metrics === undefined) continue
          metrics[pod] ??= {}
          const tallies = metrics[pod][metric] ?? cuts.map(() => ({ n: 0, e: 0 }))
          const { n, e } = tallies[cut] ?? { n: 0, e: 0 }
          tallies[cut] = { n: n + total, e: e + bad }
          metrics[pod][metric] = tallies
        }
      }
    }
  }
  return blocks
}
