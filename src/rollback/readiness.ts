import { type LiveState, viewOf } from '../cluster/index.ts'
import type { Digest } from '../release/index.ts'
import { count, podSeconds } from './path/path.ts'

/** Something that would make a rollback slow, with the lines that mend it. */
export interface Hindrance {
  readonly workload: string
  readonly what: string
  /** As it stands in the manifest of the workload. */
  readonly yaml: string
}

export interface Readiness {
  readonly workload: string
  /** What would apply while the release is on its way, and once it is promoted. */
  readonly inFlight: string
  readonly promoted: string
  /** About how long the slower of the two takes. */
  readonly seconds: number
  readonly hindrances: readonly Hindrance[]
}

/** A way back that takes longer is not fast (the promise is 30 s where pods are warm). */
export const FAST_SECONDS = 30
/** An aborted revision or two come between, and the one to go back to must not be pruned. */
const LEAST_HISTORY = 3
/** Old pods that are gone sooner than somebody can look at a dashboard are not warm. */
const LEAST_WARM_SECONDS = 300
/** Of both controllers of blue-green and routed canaries (argo-rollouts, defaults.go). */
const USUAL_WARM_SECONDS = 30

/**
 * Before a release: how it would be taken back from this workload. Pure. `target` is what a rollback would go to;
 * it is what serves now, unless somebody has changed that.
 */
export function readinessOf(live: LiveState, target: Digest): Readiness {
  const hindrances: Hindrance[] = []
  const hinder = (what: string, yaml: string) => hindrances.push({ workload: live.name, what, yaml })
  const start = podSeconds(live)

  if (live.history < LEAST_HISTORY)
    hinder(
      `revisionHistoryLimit is ${live.history}: the ReplicaSet to go back to can be pruned before it is needed`,
      'spec:\n  revisionHistoryLimit: 5',
    )
  if (live.pausedByPerson)
    hinder('spec.paused is set: nothing is scaled or switched', 'spec:\n  paused: false')
  if (live.specDigest !== target && !live.arms.some((arm) => arm.digest === target))
    hinder(
      'no ReplicaSet of the release to go back to is left: every pod would have to be made anew from Git',
      'spec:\n  revisionHistoryLimit: 5',
    )
  if (live.kind === 'canary' && live.rollbackWindow < 1)
    hinder(
      'no rollbackWindow: without it the way back walks the steps of a canary unless it is promoted in full',
      'spec:\n  rollbackWindow:\n    revisions: 3',
    )
  if (live.kind === 'canary' && live.dynamicStableScale && live.abortDelaySaid)
    hinder(
      'dynamicStableScale with abortScaleDownDelaySeconds: an abort never ends (argo-rollouts#4898)',
      'spec:\n  strategy:\n    canary:\n      dynamicStableScale: false',
    )
  const keeps = live.kind === 'blue-green' || (live.kind === 'canary' && live.router !== 'none')
  const kept = live.keptSeconds ?? USUAL_WARM_SECONDS
  if (keeps && kept < LEAST_WARM_SECONDS)
    hinder(
      `old pods are gone ${kept} s after a release: from then on a way back waits for the start of every pod`,
      `spec:\n  strategy:\n    ${live.kind === 'blue-green' ? 'blueGreen' : 'canary'}:\n      scaleDownDelaySeconds: 3600`,
    )
  const rounds = roundsOf(live, keeps)
  const seconds = Math.ceil(1 + rounds * start)
  if (seconds > FAST_SECONDS)
    hinder(
      `old pods would start in ${rounds} rounds of ${start.toFixed(0)} s each`,
      viewOf(live) === undefined
        ? 'spec:\n  strategy:\n    rollingUpdate:\n      maxSurge: 100%'
        : 'spec:\n  strategy:\n    canary:\n      maxSurge: 100%',
    )
  return { workload: live.name, ...cases(live, keeps), seconds, hindrances }
}

/** Warm pods need no start; without a router or a second Service they are replaced round by round. */
function roundsOf(live: LiveState, keeps: boolean): number {
  if (live.kind === 'canary' && live.dynamicStableScale) return 1
  if (keeps) return 0
  const { maxSurge, maxUnavailable } = live.surge
  const spare = count(maxUnavailable, live.replicas, Math.floor)
  const step = Math.max(1, spare + count(maxSurge, live.replicas, Math.ceil))
  return Math.ceil(live.replicas / step)
}

function cases(live: LiveState, keeps: boolean): Pick<Readiness, 'inFlight' | 'promoted'> {
  if (live.kind === 'deployment')
    return { inFlight: 'K: the old template again', promoted: 'K: the old template again, pod by pod' }
  if (live.kind === 'flagger')
    return {
      inFlight: 'Flagger stops its analysis when it is asked to',
      promoted: 'Flagger judges the old version like a new one, weight by weight',
    }
  if (live.kind === 'blue-green')
    return {
      inFlight: 'D or E: abort before the cut-over, the old template after it',
      promoted: 'F: switched back',
    }
  const promoted = keeps ? 'G: old pods up, switched back' : 'H: old pods start again'
  if (live.dynamicStableScale)
    return { inFlight: 'C: the old template, once its pods are up again', promoted }
  const inFlight = live.router === 'none' ? 'B: abort, by pods' : 'A: abort, by weight'
  return { inFlight, promoted }
}
