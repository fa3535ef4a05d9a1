import {
  type Alarm,
  type Digest,
  err,
  type Fault,
  ok,
  type RegionFacts,
  type Result,
} from '../../release/index.ts'
import { ambiguity, podCounters } from '../samples/counters.ts'
import { ambiguous, clocksDiffer, noSeries, SKEW_MS, stale } from '../samples/faults.ts'
import type { Prometheus } from '../samples/prometheus.ts'
import { selectPods } from '../samples/selector.ts'
import { burnAlarms, type Errors } from './burn.ts'

export interface LivePod {
  readonly name: string
  readonly digest: Digest
  readonly createdAt: Date
}

export interface LiveOptions {
  /** Selectors of two counters, variables filled in, and the target as a part of one (0.999). */
  readonly slo: {
    readonly name: string
    readonly total: string
    readonly bad: string
    readonly target: number
  }
  /** Pods that requests are routed to, of the workload that takes the traffic. */
  readonly pods: readonly LivePod[]
  /** The digest that most of the traffic is routed to, by routes and weights. */
  readonly live: Digest | undefined
  readonly now: Date
  /** Count requests from here on, at most six hours back; default: since the oldest pod of the digest. */
  readonly since?: Date
}

export interface LiveFacts {
  /** Of the digest that serves most. */
  readonly traffic: NonNullable<RegionFacts['traffic']>
  readonly alarms: readonly Alarm[]
}

const LONGEST_MS = 6 * 3_600_000

/** What the digests that serve now have answered, each by its own pods: an alarm names the one that is live. */
export async function readLive(
  server: Prometheus,
  options: LiveOptions,
  signal: AbortSignal,
): Promise<Result<LiveFacts>> {
  const { live } = options
  if (live === undefined || !options.pods.some(({ digest }) => digest === live)) return err(nobody())
  const now = options.now.getTime()
  const oldest = Math.min(...options.pods.map((pod) => pod.createdAt.getTime()))
  const rangeStart = Math.max(now - LONGEST_MS, oldest - 60_000)
  const names = options.pods.map((pod) => pod.name)
  const seconds = (now - rangeStart) / 1000
  const [total, bad] = await Promise.all([
    server.raw(exactPods(options.slo.total, names), seconds, signal),
    server.raw(exactPods(options.slo.bad, names), seconds, signal),
  ])
  if (!total.ok) return total
  if (!bad.ok) return bad
  const skew = total.value.serverNow === undefined ? 0 : total.value.serverNow.getTime() - now
  if (Math.abs(skew) > SKEW_MS) return err(clocksDiffer(server.host, skew))
  const problem = ambiguity(total.value.series)
  if (problem !== undefined) return err(ambiguous(options.slo.total, problem))
  if (total.value.series.length === 0) return err(noSeries(server.host, options.slo.total))
  const newest = Math.max(...total.value.series.map((each) => each.samples.at(-1)?.at ?? 0))
  if (now - newest > 120_000) return err(stale(server.host, now - newest))

  const created = new Map(options.pods.map((pod) => [pod.name, pod.createdAt.getTime()]))
  const counters = podCounters(total.value.series, bad.value.series, { rangeStart, created })
  const alarms: Alarm[] = []
  for (const digest of new Set(options.pods.map((pod) => pod.digest))) {
    const own = new Set(options.pods.filter((pod) => pod.digest === digest).map((pod) => pod.name))
    const events: Errors[] = counters
      .filter(({ pod }) => own.has(pod))
      .flatMap(({ increments }) => increments.map(({ at, total: n, bad: e }) => ({ at, n, e })))
    for (const alarm of burnAlarms(events, options.slo.target, now)) {
      alarms.push({
        digest,
        name: `${options.slo.name} ${alarm.name}`,
        since: new Date(alarm.since).toISOString(),
        why: alarm.why,
      })
    }
  }
  const liveSince = Math.min(
    ...options.pods.filter((pod) => pod.digest === live).map((pod) => pod.createdAt.getTime()),
  )
  const since = Math.max(options.since?.getTime() ?? liveSince, rangeStart)
  const own = new Set(options.pods.filter((pod) => pod.digest === live).map((pod) => pod.name))
  let requests = 0
  for (const { pod, increments } of counters) {
    if (!own.has(pod)) continue
    for (const each of increments) if (each.at > since) requests += each.total
  }
  return ok({ traffic: { digest: live, since: new Date(since).toISOString(), requests }, alarms })
}

/** Pods of one ReplicaSet share a prefix, so the matcher stays short however many there are. */
function exactPods(selector: string, names: readonly string[]): string {
  return selectPods(selector, [...new Set(names.map((name) => name.slice(0, name.lastIndexOf('-'))))])
}

function nobody(): Fault {
  return {
    blame: 'world',
    reason: 'canary-blind',
    cause: 'No pod of the workload is ready, so nothing can be said of its traffic.',
    next: 'Look at the pods of the workload.',
  }
}
