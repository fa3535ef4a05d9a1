import { ok } from '../release/index.ts'
import { digestOfTemplate } from './images.ts'
import type { Kube, KubeObject, KubeResult } from './kube.ts'
import { isMissing } from './kube.ts'
import type { LiveDeployment, LiveFlagger } from './live.ts'
import { type Condition, type Deployment, paths } from './objects.ts'
import { type DeploymentPicture, readDeploymentPicture } from './read.ts'
import { shareOut } from './routes.ts'

/** A Canary of flagger.app/v1beta1: the fields that are read. */
export interface FlaggerCanary extends KubeObject {
  readonly spec?: {
    readonly suspend?: boolean
    readonly analysis?: {
      readonly interval?: string
      readonly iterations?: number
      readonly maxWeight?: number
      readonly stepWeight?: number
      readonly stepWeights?: readonly number[]
      readonly threshold?: number
      readonly webhooks?: readonly { readonly type?: string; readonly name?: string }[]
    }
  }
  readonly status?: {
    readonly phase?: string
    readonly canaryWeight?: number
    readonly failedChecks?: number
    readonly lastTransitionTime?: string
    readonly conditions?: readonly Condition[]
  }
}

export interface FlaggerPicture {
  readonly canary: FlaggerCanary
  readonly primary: DeploymentPicture
}

/** Flagger's copy of a Deployment, which serves; its name is fixed (pkg/canary/deployment_controller.go). */
export const primaryOf = (name: string) => `${name}-primary`

/**
 * The Canary that a Deployment belongs to. Found by the owner of its primary and not by a list of Canaries: an account
 * without rights on flagger.app could not tell "none" from "not allowed", and a Deployment of Flagger that is taken for
 * a plain one would be fought over. Before Flagger has made the primary there is nothing to judge either.
 */
export async function readFlagger(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<FlaggerPicture | undefined>> {
  const primary = await kube.get<Deployment>(paths.deployment(namespace, primaryOf(name)), signal)
  if (!primary.ok) return isMissing(primary.fault) ? ok(undefined) : primary
  const owner = primary.value.metadata.ownerReferences?.find(
    ({ kind, apiVersion }) => kind === 'Canary' && apiVersion?.startsWith('flagger.app/') === true,
  )
  if (owner === undefined) return ok(undefined)
  const [canary, picture] = await Promise.all([
    kube.get<FlaggerCanary>(paths.flaggerCanary(namespace, owner.name), signal),
    readDeploymentPicture(kube, namespace, primaryOf(name), signal),
  ])
  if (!canary.ok) return canary
  return picture.ok ? ok({ canary: canary.value, primary: picture.value }) : picture
}

/** pkg/controller/scheduler.go: a new revision is on its way in these. */
const IN_FLIGHT = ['Initializing', 'Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising']
/** Only in these is the rollback hook asked; once the primary is being rewritten Flagger goes through with it. */
const STOPPABLE = ['Waiting', 'Progressing', 'WaitingPromotion']
const DONE = ['Succeeded', 'Initialized']

/**
 * `target` is the Deployment that Git changes, which Flagger uses for the canary and scales to 0 afterwards; `primary`
 * is the copy that serves. Weights are those that Flagger has told its router: it knows ten of them.
 */
export function liveFlagger(
  { canary, primary: primaryPicture }: FlaggerPicture,
  target: LiveDeployment,
  primary: LiveDeployment,
  container: string,
): LiveFlagger {
  const { spec = {}, status = {}, metadata } = canary
  const phase = status.phase ?? 'Initializing'
  const weight = status.canaryWeight ?? 0
  const primaryDigest = digestOfTemplate(primaryPicture.deployment.spec.template, container)
  const ours = target.specDigest
  const promoted = ours !== undefined && primaryDigest === ours
  const old = promoted ? undefined : primary.fresh
  const since = Date.parse(status.lastTransitionTime ?? '')
  const analysis = spec.analysis ?? {}
  const inFlight = IN_FLIGHT.includes(phase)
  return {
    kind: 'flagger',
    name: target.name,
    canary: metadata.name,
    phase,
    weight: promoted && DONE.includes(phase) ? 100 : weight,
    failedChecks: status.failedChecks ?? 0,
    suspended: spec.suspend === true,
    stoppable: STOPPABLE.includes(phase),
    hasRollbackHook: (analysis.webhooks ?? []).some(({ type }) => type === 'rollback'),
    intervalMs: intervalOf(analysis.interval),
    plannedMs: ticksOf(analysis) * intervalOf(analysis.interval),
    identified: isTakenUp({ phase, inFlight, promoted, since, target }),
    inFlight,
    routed: shareOut(
      [
        { weight: 100 - weight, pods: primaryPicture.pods },
        { weight, pods: target.pods },
      ],
      container,
    ),
    pods: [...target.pods, ...primary.pods],
    // Git writes to the target, and what went before stands there.
    arms: target.arms,
    replicas: primary.replicas,
    pausedByPerson: false,
    surge: target.surge,
    history: target.history,
    healthy: DONE.includes(phase),
    deadlineExceeded: false,
    why: status.conditions?.find(({ type }) => type === 'Promoted')?.message ?? phase,
    ...(ours === undefined ? {} : { specDigest: ours }),
    ...(primaryDigest === undefined ? {} : { primaryDigest }),
    ...(target.fresh === undefined ? {} : { fresh: target.fresh }),
    ...(old === undefined ? {} : { old }),
  }
}

interface Taken {
  readonly phase: string
  readonly inFlight: boolean
  readonly promoted: boolean
  /** Of the phase. */
  readonly since: number
  readonly target: LiveDeployment
}

/**
 * A Canary has no observedGeneration, and its hash of the spec is Go's own: until Flagger's next look it still tells of
 * the release before. `Failed` is about this template when it came after its ReplicaSet; one that was made earlier
 * and has come back is the last one that Flagger applied, which it does not try again.
 */
function isTakenUp({ phase, inFlight, promoted, since, target }: Taken): boolean {
  if (!target.identified) return false
  if (inFlight) return true
  const born = Date.parse(target.fresh?.replicaSet.metadata.creationTimestamp ?? '')
  return DONE.includes(phase) ? promoted : phase === 'Failed' && since >= born
}

/** Go's duration, as far as intervals go; Flagger's default is a minute and its least ten seconds. */
function intervalOf(text: string | undefined): number {
  const parts = [...(text ?? '1m').matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)]
  const seconds = parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1),
    0,
  )
  return 1_000 * Math.max(10, seconds || 60)
}

/** How often Flagger looks before it promotes, when no check fails. */
function ticksOf(analysis: NonNullable<NonNullable<FlaggerCanary['spec']>['analysis']>): number {
  const { iterations = 0, stepWeights = [], stepWeight = 0, maxWeight = 100 } = analysis
  if (iterations > 0) return iterations
  return stepWeights.length > 0 ? stepWeights.length : Math.ceil(maxWeight / Math.max(1, stepWeight || 100))
}
