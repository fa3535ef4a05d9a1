import { isCrashing, type LiveTarget, type Pod } from '../../cluster/index.ts'
import type { Digest, ReasonCode } from '../../release/index.ts'

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

export function judgeCompanion(live: LiveTarget, digest: Digest, seen: Restarts): Companion {
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
  if (!live.healthy) {
    return { name, state: 'unwell', reason: 'canary-companion', why: `${name} is not ready: ${live.why}` }
  }
  return { name, state: 'well', reason: 'canary-good', why: `${name} well` }
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
