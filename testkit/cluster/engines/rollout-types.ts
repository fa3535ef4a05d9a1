import { unsupported } from '../faults.ts'
import { canonical, type KubeObject, kubeTime, safeHash, templateHash } from '../objects.ts'
import type { Condition, PodTemplate, ReplicaSet } from './types.ts'

export const hashLabel = 'rollouts-pod-template-hash'
export const revisionAnnotation = 'rollout.argoproj.io/revision'
export const historyAnnotation = 'rollout.argoproj.io/revision-history'
export const desiredAnnotation = 'rollout.argoproj.io/desired-replicas'
export const deadlineAnnotation = 'scale-down-deadline'
export const managedAnnotation = 'argo-rollouts.argoproj.io/managed-by-rollouts'

export interface Step {
  setWeight?: number
  pause?: { duration?: number | string }
}

export interface WeightDestination {
  weight: number
  serviceName: string
  podTemplateHash: string
}

export interface RolloutStatus {
  observedGeneration?: string
  phase?: 'Healthy' | 'Degraded' | 'Progressing' | 'Paused'
  message?: string
  currentPodHash?: string
  stableRS?: string
  currentStepIndex?: number
  currentStepHash?: string
  pauseConditions?: { reason: string; startTime: string }[]
  controllerPause?: boolean
  abort?: boolean
  abortedAt?: string
  promoteFull?: boolean
  replicas?: number
  HPAReplicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  selector?: string
  conditions?: Condition[]
  canary?: { weights?: { canary: WeightDestination; stable: WeightDestination } }
  blueGreen?: Record<string, never>
}

export interface Rollout extends KubeObject {
  spec: {
    replicas?: number
    minReadySeconds?: number
    paused?: boolean
    progressDeadlineSeconds?: number
    progressDeadlineAbort?: boolean
    revisionHistoryLimit?: number
    rollbackWindow?: { revisions?: number }
    selector: { matchLabels: Record<string, string> }
    template: PodTemplate
    strategy: {
      canary?: {
        steps?: Step[]
        stableService?: string
        canaryService?: string
        scaleDownDelaySeconds?: number
        scaleDownDelayRevisionLimit?: number
        minPodsPerReplicaSet?: number
        abortScaleDownDelaySeconds?: number
        maxUnavailable?: number | string
        maxSurge?: number | string
        trafficRouting?: { istio?: { virtualService?: { name: string; routes?: string[] } } }
      }
    }
  }
  status?: RolloutStatus
}

const knownSpec = words(
  'replicas minReadySeconds paused progressDeadlineSeconds progressDeadlineAbort revisionHistoryLimit rollbackWindow',
  'selector template strategy',
)
const knownCanary = words(
  'steps stableService canaryService scaleDownDelaySeconds scaleDownDelayRevisionLimit abortScaleDownDelaySeconds',
  'minPodsPerReplicaSet maxUnavailable maxSurge trafficRouting',
)

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')))
}

/** Refuses every feature that the stand-in does not carry out: a field that is ignored would be a lie. */
export function admitRollout(object: KubeObject): void {
  const { spec } = object as Rollout
  const refuse = (what: string): never => {
    throw unsupported(`the Rollout ${what}`)
  }
  for (const field of Object.keys(spec ?? {})) if (!knownSpec.has(field)) refuse(`field spec.${field}`)
  const canary = spec?.strategy?.canary
  if (canary === undefined) throw unsupported('the Rollout strategy without canary')
  for (const field of Object.keys(canary))
    if (!knownCanary.has(field)) refuse(`field spec.strategy.canary.${field}`)
  if (canary.abortScaleDownDelaySeconds === 0) refuse('abortScaleDownDelaySeconds of 0')
  const routing = canary.trafficRouting
  if (routing?.istio?.virtualService === undefined || Object.keys(routing).length > 1) {
    refuse('traffic routing other than one Istio VirtualService')
  }
  if (canary.stableService === undefined || canary.canaryService === undefined)
    refuse('canary without both Services')
  for (const step of canary.steps ?? []) {
    const names = Object.keys(step)
    if (names.length !== 1 || (names[0] !== 'setWeight' && names[0] !== 'pause'))
      refuse(`step ${JSON.stringify(step)}`)
  }
}

/** A Rollout with all that decides about it, at one moment. */
export interface View {
  readonly rollout: Rollout
  readonly status: RolloutStatus
  readonly hash: string
  readonly replicas: number
  readonly steps: readonly Step[]
  /** The ReplicaSet of the template as it stands; absent before it is made. */
  readonly fresh: ReplicaSet | undefined
  readonly stable: ReplicaSet | undefined
  readonly others: readonly ReplicaSet[]
  readonly all: readonly ReplicaSet[]
  readonly now: number
}

export function viewOf(rollout: Rollout, owned: readonly ReplicaSet[], now: number): View {
  const status = rollout.status ?? {}
  const hash = templateHash(rollout.spec.template)
  const fresh = owned.find((set) => hashOf(set) === hash)
  const stable =
    status.stableRS === undefined ? undefined : owned.find((set) => hashOf(set) === status.stableRS)
  return {
    rollout,
    status,
    hash,
    replicas: rollout.spec.replicas ?? 1,
    steps: rollout.spec.strategy.canary?.steps ?? [],
    fresh,
    stable,
    others: owned.filter((set) => set !== fresh && set !== stable),
    all: owned,
    now,
  }
}

/** RFC 3339 with whole seconds, as the controller writes times. */
export const iso = (ms: number): string => kubeTime(new Date(ms))

export const hashOf = (set: ReplicaSet | undefined): string => set?.metadata.labels?.[hashLabel] ?? ''

export const revisionOf = (set: ReplicaSet): number =>
  Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)

export const stepHash = (rollout: Rollout): string =>
  safeHash(canonical(rollout.spec.strategy.canary?.steps ?? []), 10)

/** Fully promoted: what is wanted is what is stable. */
export const isPromoted = (status: RolloutStatus): boolean =>
  status.stableRS !== undefined && status.stableRS === status.currentPodHash

/** Weight of the last setWeight up to a step; 100 when all steps are done; 0 before the first or when aborted. */
export function weightAt(status: RolloutStatus, steps: readonly Step[], index: number): number {
  if (status.abort === true) return 0
  if (index >= steps.length) return 100
  for (let at = index; at >= 0; at--) {
    const weight = steps[at]?.setWeight
    if (weight !== undefined) return weight
  }
  return 0
}

/** Undo that is fast: back to a ReplicaSet older than stable with fewer than N others in between. */
export function inRollbackWindow({ rollout, fresh, stable, all }: View): boolean {
  const revisions = rollout.spec.rollbackWindow?.revisions ?? 0
  const made = (set: ReplicaSet | undefined) => Date.parse(set?.metadata.creationTimestamp ?? '')
  if (revisions <= 0 || fresh === undefined || stable === undefined || !(made(fresh) < made(stable)))
    return false
  const between = all.filter((set) => made(fresh) < made(set) && made(set) < made(stable))
  return between.length < revisions
}

export function pauseSeconds(pause: NonNullable<Step['pause']>): number | undefined {
  const { duration } = pause
  if (duration === undefined || typeof duration === 'number') return duration
  const [, amount = '', unit = 's'] = /^(\d+)([smh]?)$/.exec(duration) ?? []
  return Number(amount) * ({ s: 1, m: 60, h: 3600 }[unit || 's'] ?? 1)
}
