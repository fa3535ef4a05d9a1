import type { Rollout, RolloutStatus } from './rollout-types.ts'
import { isPromoted, stepHash, type View } from './rollout-types.ts'
import { availableOf, replicasOf, setCondition } from './types.ts'

/** The phase and its message, in the order in which the controller looks (argo-rollouts, CalculateRolloutPhase). */
export function phaseOf(
  rollout: Rollout,
  status: RolloutStatus,
): { phase: NonNullable<RolloutStatus['phase']>; message: string } {
  for (const { reason, message } of status.conditions ?? []) {
    if (reason === 'RolloutAborted' || reason === 'ProgressDeadlineExceeded')
      return { phase: 'Degraded', message: `${reason}: ${message}` }
  }
  if (rollout.spec.paused === true) return { phase: 'Paused', message: 'manually paused' }
  const pause = status.pauseConditions?.[0]
  if (pause !== undefined) return { phase: 'Paused', message: pause.reason }
  const updated = status.updatedReplicas ?? 0
  if (updated < (rollout.spec.replicas ?? 1))
    return { phase: 'Progressing', message: 'more replicas need to be updated' }
  if ((status.availableReplicas ?? 0) < updated) {
    return { phase: 'Progressing', message: 'updated replicas are still becoming available' }
  }
  if (!isPromoted(status)) return { phase: 'Progressing', message: 'waiting for all steps to complete' }
  return { phase: 'Healthy', message: '' }
}

/** Counts and conditions that follow from the ReplicaSets; `next` is completed in place. */
export function completeStatus(view: View, next: RolloutStatus, now: string): void {
  const { rollout, fresh, all, replicas, steps, status } = view
  const sum = (count: (set: (typeof all)[number]) => number) =>
    all.reduce((total, set) => total + count(set), 0)
  next.replicas = sum(replicasOf)
  next.HPAReplicas = next.replicas
  next.updatedReplicas = replicasOf(fresh)
  next.readyReplicas = sum((set) => set.status?.readyReplicas ?? 0)
  next.availableReplicas = sum(availableOf)
  next.currentStepHash = stepHash(rollout)
  next.selector = Object.entries(rollout.spec.selector.matchLabels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
  next.observedGeneration = String(rollout.metadata.generation ?? 1)
  next.blueGreen = {}
  next.canary ??= {}

  const conditions = structuredClone(status.conditions ?? [])
  next.conditions = conditions
  const set = fresh?.metadata.name ?? rollout.metadata.name
  const paused = (next.pauseConditions ?? []).length > 0 || rollout.spec.paused === true
  const allSteps = steps.length === 0 || next.currentStepIndex === steps.length
  const healthy =
    allSteps &&
    isPromoted(next) &&
    next.replicas === replicas &&
    next.updatedReplicas === replicas &&
    next.availableReplicas === replicas
  const wasAborted = conditions.some((condition) => condition.reason === 'RolloutAborted')

  if (healthy || conditions.some((condition) => condition.type === 'Healthy')) {
    const message = healthy ? 'Rollout is healthy' : 'Rollout is not healthy'
    setCondition(conditions, now, {
      type: 'Healthy',
      status: healthy ? 'True' : 'False',
      reason: 'RolloutHealthy',
      message,
    })
  }
  if (next.abort === true) {
    const message = `Rollout aborted update to revision ${rollout.metadata.annotations?.['rollout.argoproj.io/revision'] ?? '0'}`
    setCondition(conditions, now, { type: 'Progressing', status: 'False', reason: 'RolloutAborted', message })
  } else {
    progress(view, next, now, { healthy, paused, wasAborted, set })
    setCondition(conditions, now, {
      type: 'Paused',
      status: paused ? 'True' : 'False',
      reason: 'RolloutPaused',
      message: 'Rollout is paused',
    })
  }
  const enough = next.availableReplicas >= replicas
  setCondition(conditions, now, {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: 'AvailableReason',
    message: enough ? 'Rollout has minimum availability' : 'Rollout does not have minimum availability',
  })
  setCondition(conditions, now, {
    type: 'Completed',
    status: isPromoted(next) ? 'True' : 'False',
    reason: 'RolloutCompleted',
    message: 'RolloutCompleted',
  })
  const { phase, message } = phaseOf(rollout, next)
  next.phase = phase
  if (message === '') delete next.message
  else next.message = message
}

interface Situation {
  readonly healthy: boolean
  readonly paused: boolean
  readonly wasAborted: boolean
  readonly set: string
}

/** The Progressing condition of a Rollout that is not aborted, with the deadline for progress. */
function progress(
  view: View,
  next: RolloutStatus,
  now: string,
  { healthy, paused, wasAborted, set }: Situation,
): void {
  const { status } = view
  const conditions = next.conditions ?? []
  const before = conditions.find((condition) => condition.type === 'Progressing')
  const say = (flag: 'True' | 'False' | 'Unknown', reason: string, message: string, touch = false) =>
    setCondition(conditions, now, { type: 'Progressing', status: flag, reason, message }, { touch })
  const moved =
    status.updatedReplicas !== next.updatedReplicas ||
    (status.availableReplicas ?? 0) < (next.availableReplicas ?? 0) ||
    status.currentStepIndex !== next.currentStepIndex ||
    status.stableRS !== next.stableRS
  if (healthy) say('True', 'NewReplicaSetAvailable', `ReplicaSet "${set}" has successfully progressed.`)
  else if (wasAborted) say('Unknown', 'RolloutRetry', 'Retry initiated')
  else if (before === undefined) say('True', 'NewReplicaSetCreated', `Created new replica set "${set}"`)
  else if (paused) say('Unknown', 'RolloutPaused', 'Rollout is paused')
  else if (before.reason === 'RolloutPaused') say('Unknown', 'RolloutResumed', 'Rollout is resumed')
  else if (moved) say('True', 'ReplicaSetUpdated', `ReplicaSet "${set}" is progressing.`, true)
  else if (before.reason !== 'NewReplicaSetAvailable' && lateBy(view, next, now) >= 0) {
    say('False', 'ProgressDeadlineExceeded', `ReplicaSet "${set}" has timed out progressing.`)
    if (view.rollout.spec.progressDeadlineAbort === true) Object.assign(next, { abort: true, abortedAt: now })
  }
}

/** Milliseconds beyond the progress deadline; negative while there is time. Pauses stop the deadline. */
export function lateBy(view: View, next: RolloutStatus, now: string): number {
  const progressing = next.conditions?.find((condition) => condition.type === 'Progressing')
  const atPause = view.steps[next.currentStepIndex ?? 0]?.pause !== undefined
  const draining = view.others.some((set) => set.metadata.annotations?.['scale-down-deadline'] !== undefined)
  if (progressing === undefined || atPause || draining || isPromoted(next)) return Number.NEGATIVE_INFINITY
  const deadlineMs = (view.rollout.spec.progressDeadlineSeconds ?? 600) * 1000
  return Date.parse(now) - Date.parse(progressing.lastUpdateTime) - deadlineMs
}
