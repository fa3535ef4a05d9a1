import { isCrashing, type LiveState, type Pod, type WorkloadRef } from '../../cluster/index.ts'
import type { Digest, ReasonCode } from '../../release/index.ts'

/** A number that a workload without HTTP is judged by: messages that wait, seconds behind, its own failures. */
export interface Gauge {
  readonly name: string
  /** Selector of a gauge; the largest of its series counts. */
  readonly series: string
  readonly atMost: number
}

/** Another workload of the service, and the numbers it is judged by besides restarts and readiness. */
export interface CompanionRef extends WorkloadRef {
  readonly gauges?: readonly Gauge[]
}

/** What one of the other workloads of the service says about the digest. */
export interface Companion {
  readonly name: string
  readonly state: 'well' | 'unwell' | 'bad' | 'not-ours' | 'unknown'
  readonly reason: ReasonCode
  readonly why: string
}

/** Restarts of one container since this run has first seen its pod. */
export type Restarts = Map<string, number>

/** So many restarts of new pods, and the version is what is wrong. */
const MOST_RESTARTS = 3

export function judgeCompanion(
  live: LiveState,
  digest: Digest,
  seen: Restarts,
  readings: readonly { readonly gauge: Gauge; readonly value: number | undefined }[],
): Companion {
  const { name } = live
  if (live.specDigest !== digest || !live.identified) {
    return { name, state: 'not-ours', reason: 'canary-holding', why: `${name} does not run the digest` }
  }
  const pods = live.fresh?.pods ?? []
  const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod, seen), 0)
  if (pods.length > 0 && pods.every(isCrashing)) {
    return { name, state: 'bad', reason: 'canary-not-ready', why: `every pod of ${name} crashes in a loop` }
  }
  if (restarts >= MOST_RESTARTS) {
    return {
      name,
      state: 'bad',
      reason: 'canary-restarts',
      why: `pods of ${name} restarted ${restarts} times`,
    }
  }
  for (const { gauge, value } of readings) {
    if (value === undefined) {
      const why = `${name}: nothing is known of ${gauge.name}`
      return { name, state: 'unknown', reason: 'canary-blind', why }
    }
    if (value > gauge.atMost) {
      const why = `${name}: ${gauge.name} is ${value}, over ${gauge.atMost}`
      return { name, state: 'unwell', reason: 'canary-companion', why }
    }
  }
  if (!live.healthy) {
    return { name, state: 'unwell', reason: 'canary-companion', why: `${name} is not ready: ${live.why}` }
  }
  const told = readings.map(({ gauge, value }) => `${gauge.name} ${value}`)
  return { name, state: 'well', reason: 'canary-good', why: [`${name} well`, ...told].join(', ') }
}

function restartsOf(pod: Pod, seen: Restarts): number {
  let added = 0
  for (const { name, restartCount = 0 } of pod.status?.containerStatuses ?? []) {
    const key = `${pod.metadata.name}/${name}`
    const first = seen.get(key)
    if (first === undefined) seen.set(key, restartCount)
    else added += Math.max(0, restartCount - first)
  }
  return added
}
