import { completeStatus, lateBy } from './rollout-phase.ts'
import { atDesiredScale, desiredWeight, scaling, serviceTargets, weightStatus } from './rollout-scale.ts'
import {
  inRollbackWindow,
  iso,
  isPromoted,
  pauseSeconds,
  type RolloutStatus,
  stepHash,
  type View,
} from './rollout-types.ts'
import { availableOf, type ReplicaSet } from './types.ts'

/** What one pass over a Rollout does. Decided here without effects, carried out by the controller. */
export interface Plan {
  /** Make the ReplicaSet of the template as it stands, or raise the revision of the one that is there. */
  readonly ensureFresh: boolean
  readonly scale: readonly { readonly set: ReplicaSet; readonly replicas: number }[]
  /** Scale-down deadline of a ReplicaSet; null takes it away. */
  readonly deadlines: readonly { readonly set: ReplicaSet; readonly at: string | null }[]
  /** Pod hash that each Service selects. */
  readonly services: readonly { readonly name: string; readonly hash: string }[]
  readonly weight?: { readonly canary: number; readonly stable: number }
  readonly status: RolloutStatus
  readonly events: readonly {
    readonly type: 'Normal' | 'Warning'
    readonly reason: string
    readonly message: string
  }[]
  readonly againMs?: number
}

/** One pass of the canary strategy with a traffic router (argo-rollouts v1.9, rollout/canary.go and sync.go). */
export function planRollout(seen: View): Plan {
  const view = withoutIdleAbort(seen)
  const changed = templateOrStepsChanged(view)
  return changed || view.fresh === undefined ? restart(view) : proceed(view)
}

/** An abort with nothing in flight is taken back before anything is done about it. */
function withoutIdleAbort(view: View): View {
  if (view.status.abort !== true || !isPromoted(view.status)) return view
  const status = structuredClone(view.status)
  clearAbort(status)
  return { ...view, status }
}

function templateOrStepsChanged({ status, rollout, hash }: View): boolean {
  if (status.currentStepHash !== stepHash(rollout)) return true
  return status.currentPodHash !== undefined && status.currentPodHash !== hash
}

const empty = { scale: [], deadlines: [], services: [] } as const

/** A new template or new steps: pauses, abort and full promotion are forgotten, the steps begin anew. */
function restart(view: View): Plan {
  const { status, steps, hash, fresh } = view
  const next: RolloutStatus = { ...structuredClone(status), currentPodHash: hash }
  clearPauses(next)
  clearAbort(next)
  delete next.promoteFull
  if (steps.length > 0) next.currentStepIndex = 0
  const events: Plan['events'][number][] = []
  const skip = (message: string) => {
    next.currentStepIndex = steps.length
    events.push({ type: 'Normal', reason: 'SkipSteps', message })
  }
  if (steps.length > 0 && fresh !== undefined) {
    if (status.stableRS === hash) skip('Rollback to stable ReplicaSets')
    else if (inRollbackWindow(view) && fresh.spec.replicas > 0)
      skip('Rollback to active ReplicaSets within RollbackWindow')
  }
  completeStatus(view, next, iso(view.now))
  return { ...empty, ensureFresh: true, status: next, events }
}

function clearPauses(status: RolloutStatus): void {
  delete status.pauseConditions
  delete status.controllerPause
}

function clearAbort(status: RolloutStatus): void {
  delete status.abort
  delete status.abortedAt
}

function proceed(view: View): Plan {
  const { status, steps, hash, fresh, stable, replicas } = view
  const next: RolloutStatus = { ...structuredClone(status), currentPodHash: hash }
  const weight = desiredWeight(view)
  const weights = weight === undefined ? undefined : { canary: weight, stable: 100 - weight }
  if (weights !== undefined) next.canary = { weights: weightStatus(view, weights.canary) }
  const { scale, deadlines, againMs } =
    view.rollout.spec.paused === true ? { scale: [], deadlines: [], againMs: [] } : scaling(view)
  const events: Plan['events'][number][] = []
  const wakes = [...againMs]
  const settled = scale.length === 0

  // A user's null on pauseConditions is the promotion: the controller still remembers its own pause.
  const index = status.currentStepIndex ?? 0
  const step = steps[index]
  const fast = status.promoteFull === true || inRollbackWindow(view)
  if (!isPromoted(status)) next.promoteFull = status.promoteFull === true
  if (next.promoteFull !== true) delete next.promoteFull
  if (fast) {
    clearPauses(next)
    clearAbort(next)
    if (steps.length > 0) next.currentStepIndex = steps.length
  }
  const aborted = status.abort === true && !fast
  if (!aborted) clearAbort(next)
  const reason = promotion(view, aborted, fast)
  if (reason !== undefined) {
    clearPauses(next)
    clearAbort(next)
    delete next.promoteFull
    if (steps.length > 0) next.currentStepIndex = steps.length
    if (next.stableRS !== hash) {
      next.stableRS = hash
      events.push({
        type: 'Normal',
        reason: 'RolloutCompleted',
        message: `Rollout completed update (${hash}): ${reason}`,
      })
    }
  } else if (aborted) {
    clearPauses(next)
    next.abort = true
    next.abortedAt = status.abortedAt ?? iso(view.now)
    if (steps.length > 0) next.currentStepIndex = isPromoted(next) ? steps.length : 0
    if (status.abortedAt === undefined)
      events.push({ type: 'Warning', reason: 'RolloutAborted', message: 'Rollout aborted update' })
  } else if (!fast && step !== undefined && view.rollout.spec.paused !== true) {
    if (stepDone(view, next)) {
      clearPauses(next)
      next.currentStepIndex = index + 1
    } else if (settled && step.pause !== undefined && status.controllerPause !== true) {
      next.pauseConditions = [{ reason: 'CanaryPauseStep', startTime: iso(view.now) }]
      next.controllerPause = true
      events.push({ type: 'Normal', reason: 'RolloutPaused', message: 'Rollout is paused (CanaryPauseStep)' })
      const seconds = pauseSeconds(step.pause)
      if (seconds !== undefined) wakes.push(seconds * 1000)
    } else if (step.pause !== undefined) {
      const wait = pauseLeft(view)
      if (wait !== undefined) wakes.push(Math.max(1, wait))
    }
  }
  completeStatus(view, next, iso(view.now))
  const late = lateBy(view, next, iso(view.now))
  if (Number.isFinite(late) && late < 0) wakes.push(-late + 1000)
  const services = fresh === undefined ? [] : serviceTargets(view, stable, fresh, aborted)
  return {
    ensureFresh: false,
    scale,
    deadlines,
    services: replicas === 0 ? [] : services,
    ...(weights === undefined ? {} : { weight: weights }),
    status: next,
    events,
    ...(wakes.length === 0 ? {} : { againMs: Math.min(...wakes) }),
  }
}

/** Why the wanted ReplicaSet becomes the stable one now; undefined when it does not. */
function promotion(view: View, aborted: boolean, fast: boolean): string | undefined {
  const { status, stable, fresh, replicas, steps } = view
  if (stable === undefined) return 'Initial deploy'
  if (aborted || fresh === undefined || availableOf(fresh) < replicas) return undefined
  if (fast) return status.promoteFull === true ? 'Full promotion requested' : 'Rollback within window'
  return steps.length === 0 || status.currentStepIndex === steps.length
    ? `Completed all ${steps.length} canary steps`
    : undefined
}

function stepDone(view: View, next: RolloutStatus): boolean {
  const { status, steps } = view
  const step = steps[status.currentStepIndex ?? 0]
  if (step?.setWeight !== undefined)
    return atDesiredScale(view) && next.canary?.weights?.canary.weight === step.setWeight
  if (step?.pause === undefined) return false
  const paused = (status.pauseConditions ?? []).length > 0
  if (status.controllerPause === true && !paused) return true
  const left = pauseLeft(view)
  return left !== undefined && left <= 0
}

/** Milliseconds until a timed pause ends; undefined for a pause without end, or none. */
function pauseLeft({ status, steps, now }: View): number | undefined {
  const pause = steps[status.currentStepIndex ?? 0]?.pause
  const started = status.pauseConditions?.[0]?.startTime
  const seconds = pause === undefined ? undefined : pauseSeconds(pause)
  return started === undefined || seconds === undefined
    ? undefined
    : Date.parse(started) + seconds * 1000 - now
}
