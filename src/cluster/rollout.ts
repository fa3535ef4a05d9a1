import type { Digest } from '../release/index.ts'
import { digestOfTemplate } from './images.ts'
import type { CanaryStep, Condition, ReplicaSet, ResolvedRollout, Rollout } from './objects.ts'
import { POD_HASH_LABEL } from './objects.ts'

/** A Rollout as its controller sees it: identity first, then what it does. */
export interface RolloutView {
  readonly name: string
  readonly resourceVersion: string
  readonly strategy: 'canary' | 'blue-green'
  /** Set when the template is that of another workload. */
  readonly workload?: ResolvedRollout['workload']
  /** Only a controller that was started with this instance id looks at the Rollout. */
  readonly instanceId?: string
  /** The controller has taken up the spec of this very object. */
  readonly observed: boolean
  /** Digest of the spec; believed only together with `observed` and the ReplicaSet of `currentHash`. */
  readonly specDigest?: Digest
  readonly currentHash?: string
  /** Absent on the initial deployment, which runs no steps. */
  readonly stableHash?: string
  readonly steps: readonly CanaryStep[]
  /** `steps.length` when all are done. */
  readonly stepIndex: number
  /** Weight that the steps up to now ask for; 100 when all are done or nothing is in flight. */
  readonly stepWeight: number
  readonly phase: 'healthy' | 'progressing' | 'paused' | 'aborted' | 'degraded'
  readonly why: string
  /** Since when it waits in a pause without an end. */
  readonly pausedSince?: Date
  readonly pauseReason?: string
  /** A promotion was taken up, or lost (see promote.ts): paused by the controller and no condition left. */
  readonly unpausing: boolean
  readonly pausedByPerson: boolean
  readonly abortRequested: boolean
  readonly abortedAt?: Date
  readonly promoteFull: boolean
  readonly inFlight: boolean
  readonly invalidSpec?: string
  readonly deadlineExceeded: boolean
}

export function viewRollout(rollout: ResolvedRollout, container: string): RolloutView {
  const { spec, status = {}, metadata, workload } = rollout
  const steps = spec.strategy?.canary?.steps ?? []
  const currentHash = text(status.currentPodHash)
  const stableHash = text(status.stableRS)
  const inFlight = currentHash !== undefined && currentHash !== stableHash
  const stepIndex = Math.min(status.currentStepIndex ?? 0, steps.length)
  const pause = status.pauseConditions?.[0]
  const abortedAt = date(status.abortedAt)
  const invalid = condition(rollout, 'InvalidSpec')
  const progressing = condition(rollout, 'Progressing')
  const specDigest = digestOfTemplate(spec.template, container)
  const pausedSince = date(pause?.startTime)
  const instanceId = text(metadata.labels?.[INSTANCE_LABEL])
  const strategy = spec.strategy?.blueGreen === undefined ? 'canary' : 'blue-green'
  const unpausing = status.controllerPause === true && (status.pauseConditions?.length ?? 0) === 0
  return {
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    strategy,
    observed: isObserved(rollout),
    steps,
    stepIndex,
    stepWeight: inFlight && stableHash !== undefined ? weightAt(steps, stepIndex) : 100,
    ...(workload === undefined ? {} : { workload }),
    ...(instanceId === undefined ? {} : { instanceId }),
    phase: phaseOf(rollout, unpausing, abortedAt),
    why: status.message ?? '',
    unpausing,
    pausedByPerson: spec.paused === true,
    abortRequested: status.abort === true,
    promoteFull: status.promoteFull === true,
    inFlight,
    deadlineExceeded: progressing?.reason === 'ProgressDeadlineExceeded',
    ...(specDigest === undefined ? {} : { specDigest }),
    ...(currentHash === undefined ? {} : { currentHash }),
    ...(stableHash === undefined ? {} : { stableHash }),
    ...(pausedSince === undefined ? {} : { pausedSince }),
    ...(pause === undefined ? {} : { pauseReason: pause.reason }),
    ...(abortedAt === undefined ? {} : { abortedAt }),
    ...(invalid?.status === 'True' ? { invalidSpec: invalid.message ?? 'invalid spec' } : {}),
  }
}

/** argo-rollouts: a controller started with `--instance-id` sees only Rollouts that carry it in this label. */
const INSTANCE_LABEL = 'argo-rollouts.argoproj.io/controller-instance-id'

/**
 * `observedGeneration` is a string here. One that is no number, or ahead of the object, was written by a
 * controller before 0.10 and counts as observed (rolloututil.isGenerationObserved).
 */
function isObserved(rollout: ResolvedRollout): boolean {
  const { workload, status } = rollout
  // The Rollout itself does not change when the workload does: the pair of annotation and status, which kubectl
  // compares, is written by the controller and agrees while both are old.
  if (workload !== undefined && Number(status?.workloadObservedGeneration) !== workload.generation)
    return false
  const generation = rollout.metadata.generation ?? 0
  const seen = rollout.status?.observedGeneration
  if (seen === undefined || seen === '') return false
  const number = Number(seen)
  return !Number.isInteger(number) || number > generation || number === generation
}

function phaseOf(rollout: Rollout, unpausing: boolean, abortedAt: Date | undefined): RolloutView['phase'] {
  const phase = rollout.status?.phase
  if (abortedAt !== undefined) return 'aborted'
  if (phase === 'Degraded') return 'degraded'
  // The CLI reports the unpausing state as progressing; phase and Argo CD's health script still say Paused.
  if (phase === 'Paused') return unpausing && rollout.spec.paused !== true ? 'progressing' : 'paused'
  return phase === 'Healthy' ? 'healthy' : 'progressing'
}

export function weightAt(steps: readonly CanaryStep[], index: number): number {
  if (index >= steps.length) return 100
  for (let at = index; at >= 0; at--) {
    const weight = steps[at]?.setWeight
    if (weight !== undefined) return weight
  }
  return 0
}

function condition(rollout: Rollout, type: string): Condition | undefined {
  return rollout.status?.conditions?.find((each) => each.type === type)
}

export function replicaSetOf(
  replicaSets: readonly ReplicaSet[],
  rollout: Rollout,
  hash: string | undefined,
): ReplicaSet | undefined {
  if (hash === undefined) return undefined
  return replicaSets.find(
    (each) =>
      each.metadata.labels?.[POD_HASH_LABEL] === hash &&
      each.metadata.ownerReferences?.some((owner) => owner.uid === rollout.metadata.uid) === true,
  )
}

const text = (value: string | undefined) => (value === undefined || value === '' ? undefined : value)

function date(value: string | undefined): Date | undefined {
  const time = Date.parse(value ?? '')
  return Number.isNaN(time) ? undefined : new Date(time)
}
