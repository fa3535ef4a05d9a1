import type { Plan } from './rollout-plan.ts'
import {
  deadlineAnnotation,
  hashOf,
  iso,
  isPromoted,
  type RolloutStatus,
  revisionOf,
  type View,
  weightAt,
} from './rollout-types.ts'
import { availableOf, type ReplicaSet, replicasOf, scaled } from './types.ts'

/** Pods of the canary for the weight of the step; all of them once it is promoted or on its way there. */
function canaryReplicas({ rollout, status, steps, replicas, stable }: View): number {
  const least = rollout.spec.strategy.canary?.minPodsPerReplicaSet ?? 0
  const all = status.promoteFull === true || stable === undefined || isPromoted(status)
  const wanted = all
    ? replicas
    : Math.ceil((weightAt(status, steps, status.currentStepIndex ?? 0) * replicas) / 100)
  return wanted === 0 ? 0 : Math.max(wanted, least)
}

export function atDesiredScale(view: View): boolean {
  const { fresh, stable, replicas } = view
  const wanted = canaryReplicas(view)
  const freshThere = fresh?.spec.replicas === wanted && availableOf(fresh) === wanted
  const stableThere = stable?.spec.replicas === replicas && replicasOf(stable) === replicas
  return freshThere && stableThere
}

/** The canary's part of the traffic; undefined while stable cannot carry the rest: then nothing moves. */
export function desiredWeight(view: View): number | undefined {
  const { status, steps, fresh, stable, replicas } = view
  const index = status.currentStepIndex ?? 0
  const want = (): number => {
    if (isPromoted(status) || status.abort === true || availableOf(fresh) === 0) return 0
    if (status.promoteFull === true) return status.canary?.weights?.canary.weight ?? 0
    if (steps.length === 0) return 0
    if (atDesiredScale(view)) return weightAt(status, steps, index)
    return index === 0 ? 0 : weightAt(status, steps, index - 1)
  }
  const weight = want()
  if (stable === undefined || availableOf(stable) < Math.floor(((100 - weight) * replicas) / 100))
    return undefined
  return weight
}

export function weightStatus({ rollout, fresh, stable }: View, weight: number) {
  const { canaryService = '', stableService = '' } = rollout.spec.strategy.canary ?? {}
  return {
    canary: { weight, serviceName: canaryService, podTemplateHash: hashOf(fresh) },
    stable: { weight: 100 - weight, serviceName: stableService, podTemplateHash: hashOf(stable) },
  }
}

/** A Service moves to a ReplicaSet that has pods to answer; on abort the canary Service goes home at once. */
export function serviceTargets(
  view: View,
  stable: ReplicaSet | undefined,
  fresh: ReplicaSet,
  aborted: boolean,
): Plan['services'] {
  const { canaryService, stableService } = view.rollout.spec.strategy.canary ?? {}
  const targets: Plan['services'][number][] = []
  if (stableService !== undefined && stable !== undefined && availableOf(stable) > 0) {
    targets.push({ name: stableService, hash: hashOf(stable) })
  }
  const canary = aborted && stable !== undefined ? stable : fresh
  if (canaryService !== undefined && (aborted || availableOf(canary) > 0)) {
    targets.push({ name: canaryService, hash: hashOf(canary) })
  }
  return targets
}

export function scaling(view: View): {
  scale: Plan['scale'][number][]
  deadlines: Plan['deadlines'][number][]
  againMs: number[]
} {
  const { rollout, status, fresh, stable, others, replicas, now, all } = view
  const scale: Plan['scale'][number][] = []
  const deadlines: Plan['deadlines'][number][] = []
  const againMs: number[] = []
  const resize = (set: ReplicaSet, wanted: number) => {
    if (set.spec.replicas !== wanted) scale.push({ set, replicas: wanted })
  }
  const deadlineOf = (set: ReplicaSet) => set.metadata.annotations?.[deadlineAnnotation]
  const canary = rollout.spec.strategy.canary ?? {}
  const leaving = status.abort === true && status.promoteFull !== true && stable !== undefined

  if (stable !== undefined && stable !== fresh) {
    if (deadlineOf(stable) !== undefined) deadlines.push({ set: stable, at: null })
    resize(stable, replicas)
  }
  if (fresh !== undefined) {
    const deadline = deadlineOf(fresh)
    if (!leaving || fresh === stable) {
      if (deadline !== undefined) deadlines.push({ set: fresh, at: null })
      resize(fresh, canaryReplicas(view))
    } else if (deadline === undefined) {
      // An aborted canary stays up for a while, so that connections end well.
      if (availableOf(stable) === replicas && fresh.spec.replicas > 0) {
        const delayMs = (canary.abortScaleDownDelaySeconds ?? 30) * 1000
        deadlines.push({ set: fresh, at: iso(now + delayMs) })
        againMs.push(delayMs)
      }
    } else if (Date.parse(deadline) <= now) resize(fresh, 0)
    else againMs.push(Date.parse(deadline) - now)
  }

  const unavailable = scaled(canary.maxUnavailable, '25%', replicas, 'down')
  let spare = all.reduce((total, set) => total + availableOf(set), 0) - (replicas - unavailable)
  const limit = canary.scaleDownDelayRevisionLimit ?? Number.POSITIVE_INFINITY
  let kept = 0
  for (const set of others.toSorted((a, b) => revisionOf(b) - revisionOf(a))) {
    if (set.spec.replicas === 0) continue
    const deadline = deadlineOf(set)
    if (availableOf(set) < set.spec.replicas) resize(set, availableOf(set))
    else if (spare <= 0 || isReferenced(status, set)) againMs.push(1000)
    else if (deadline === undefined && isPromoted(status) && kept < limit) {
      kept++
      // The previous stable stays warm for its delay: going back needs no new pods.
      const delayMs = (canary.scaleDownDelaySeconds ?? 30) * 1000
      if (delayMs === 0) resize(set, 0)
      else deadlines.push({ set, at: iso(now + delayMs) })
      againMs.push(delayMs)
    } else if (deadline !== undefined && Date.parse(deadline) > now && kept < limit) {
      kept++
      againMs.push(Date.parse(deadline) - now)
    } else {
      spare -= set.spec.replicas
      resize(set, 0)
    }
  }
  return { scale, deadlines, againMs }
}

function isReferenced(status: RolloutStatus, set: ReplicaSet): boolean {
  const weights = status.canary?.weights
  return [weights?.canary.podTemplateHash, weights?.stable.podTemplateHash].includes(hashOf(set))
}
