import { type Digest, err, ok } from '../release/index.ts'
import { deploymentState, type WorkloadRef } from './facts.ts'
import { liveFlagger, readFlagger } from './flagger.ts'
import { digestOfTemplate } from './images.ts'
import type { Kube, KubeResult } from './kube.ts'
import { DEPLOYMENT_HASH_LABEL, POD_HASH_LABEL, type Pod, type ReplicaSet } from './objects.ts'
import {
  type DeploymentPicture,
  type RolloutPicture,
  readDeploymentPicture,
  readRolloutPicture,
} from './read.ts'
import { type RolloutView, viewRollout } from './rollout.ts'
import { type Routed, shareOut } from './routes.ts'
import { isReady } from './selectors.ts'

/** The pods of one template. */
export interface Arm {
  readonly hash: string
  readonly replicaSet: ReplicaSet
  readonly digest?: Digest
  readonly pods: readonly Pod[]
  readonly ready: number
  /** Every pod that the ReplicaSet asks for is ready, and it asks for at least one. */
  readonly complete: boolean
}

/** How far an update may go below and above the wanted pods, as the workload says or its controller defaults. */
export interface Surge {
  readonly maxUnavailable: number | string
  readonly maxSurge: number | string
}

interface Common {
  readonly name: string
  readonly specDigest?: Digest
  /**
   * The controller has observed the spec, and the ReplicaSet that it calls the present one carries the digest of the
   * spec: nothing else of the status is to be believed before.
   */
  readonly identified: boolean
  /** A new template is on its way: two versions stand side by side, or will. */
  readonly inFlight: boolean
  readonly routed: Routed
  readonly pods: readonly Pod[]
  /** The wanted template. */
  readonly fresh?: Arm
  /** The template before, as long as it has a ReplicaSet to go back to. */
  readonly old?: Arm
  /** Every template that the workload still has a ReplicaSet of, the newest revision first. */
  readonly arms: readonly Arm[]
  /** Pods that the workload wants. */
  readonly replicas: number
  /** Somebody has set `spec.paused`: the controller scales and switches nothing. */
  readonly pausedByPerson: boolean
  readonly surge: Surge
  readonly history: number
  readonly healthy: boolean
  /** How long old pods are kept after a release; absent: the controller's default of 30 s. */
  readonly keptSeconds?: number
  readonly deadlineExceeded: boolean
  readonly why: string
}

/** `weight` is that of the router, or the share of the ready pods where there is none. */
export interface LiveCanary extends Common {
  readonly kind: 'canary'
  readonly router: 'none' | 'istio' | 'reported'
  readonly weight: number
  /** False while a load balancer has not confirmed the weight. */
  readonly verified: boolean
  readonly dynamicStableScale: boolean
  /** Said, and not the controller's default: with dynamicStableScale an abort then never ends (argo-rollouts#4898). */
  readonly abortDelaySaid: boolean
  /** So many revisions ago a template may have been stable to skip the steps; 0: it walks all of them again. */
  readonly rollbackWindow: number
  readonly view: RolloutView
}

/**
 * `before`: the active Service selects the old pods, users see nothing of the new ones. `after`: it selects the new
 * ones and the old ones still stand. `settled`: nothing in flight.
 */
export interface LiveBlueGreen extends Common {
  readonly kind: 'blue-green'
  readonly cutOver: 'before' | 'after' | 'settled'
  readonly weight: 0 | 100
  /** The cut-over follows without being asked for. */
  readonly autoPromotes: boolean
  readonly view: RolloutView
}

export interface LiveDeployment extends Common {
  readonly kind: 'deployment'
  readonly weight: number
}

/** A Deployment that Flagger owns. `fresh` is what Git asks for, `old` its primary, which serves. */
export interface LiveFlagger extends Common {
  readonly kind: 'flagger'
  /** Name of the Canary object. */
  readonly canary: string
  readonly phase: string
  readonly weight: number
  readonly failedChecks: number
  readonly suspended: boolean
  /** Flagger asks its rollback hook in this phase. */
  readonly stoppable: boolean
  readonly hasRollbackHook: boolean
  /** Between two looks of Flagger, and how long its analysis takes when no check fails. */
  readonly intervalMs: number
  readonly plannedMs: number
  readonly primaryDigest?: Digest
}

/** What stands in the cluster, by the kind of its controller: what can be asked of it follows from the kind. */
export type LiveState = LiveCanary | LiveBlueGreen | LiveDeployment | LiveFlagger

/** The Rollout, where it is one. */
export const viewOf = (live: LiveState): RolloutView | undefined => ('view' in live ? live.view : undefined)

export async function readLiveState(
  kube: Kube,
  namespace: string,
  workload: WorkloadRef,
  signal: AbortSignal,
): Promise<KubeResult<LiveState>> {
  if (workload.kind === 'Rollout') {
    const picture = await readRolloutPicture(kube, namespace, workload.name, signal)
    return picture.ok ? ok(liveRollout(picture.value, workload.container)) : err(picture.fault)
  }
  const [picture, owner] = await Promise.all([
    readDeploymentPicture(kube, namespace, workload.name, signal),
    readFlagger(kube, namespace, workload.name, signal),
  ])
  if (!picture.ok) return picture
  if (!owner.ok) return owner
  const own = liveDeployment(picture.value, workload.container)
  if (owner.value === undefined) return ok(own)
  const primary = liveDeployment(owner.value.primary, workload.container)
  return ok(liveFlagger(owner.value, own, primary, workload.container))
}

export function liveRollout(picture: RolloutPicture, container: string): LiveCanary | LiveBlueGreen {
  const { rollout, pods, router } = picture
  const view = viewRollout(rollout, container)
  const owned = picture.replicaSets.filter((each) => isOwned(each, rollout.metadata.uid))
  const arm = (hash: string | undefined) => armOf(owned, pods, POD_HASH_LABEL, hash, container)
  const fresh = arm(view.currentHash)
  const routed = shareOut(picture.lanes, container)
  const old = view.inFlight ? arm(view.stableHash) : before(owned, pods, fresh, POD_HASH_LABEL, container)
  const { canary, blueGreen } = rollout.spec.strategy ?? {}
  const kept = (blueGreen ?? canary)?.scaleDownDelaySeconds
  const { maxUnavailable = '25%', maxSurge = '25%' } = canary ?? {}
  const common = {
    name: view.name,
    identified: view.observed && view.specDigest !== undefined && fresh?.digest === view.specDigest,
    inFlight: view.inFlight,
    routed,
    pods,
    healthy: view.phase === 'healthy',
    deadlineExceeded: view.deadlineExceeded,
    arms: armsOf(owned, pods, POD_HASH_LABEL, container),
    replicas: rollout.spec.replicas ?? 1,
    pausedByPerson: view.pausedByPerson,
    surge: { maxUnavailable, maxSurge },
    history: rollout.spec.revisionHistoryLimit ?? 10,
    why: view.why,
    ...(kept === undefined ? {} : { keptSeconds: kept }),
    ...(view.specDigest === undefined ? {} : { specDigest: view.specDigest }),
    ...(fresh === undefined ? {} : { fresh }),
    ...(old === undefined ? {} : { old }),
  }
  if (router === 'blue-green') {
    const onNew = view.currentHash !== undefined && picture.active === view.currentHash
    const cutOver = !view.inFlight ? 'settled' : onNew ? 'after' : 'before'
    const { autoPromotionEnabled, autoPromotionSeconds } = blueGreen ?? {}
    const autoPromotes = autoPromotionEnabled !== false || (autoPromotionSeconds ?? 0) > 0
    return { ...common, kind: 'blue-green', cutOver, weight: onNew ? 100 : 0, autoPromotes, view }
  }
  const weight = picture.routerWeight ?? percent(routed, view.specDigest)
  return {
    ...common,
    kind: 'canary',
    router,
    weight,
    verified: picture.verified,
    dynamicStableScale: canary?.dynamicStableScale === true,
    abortDelaySaid: canary?.abortScaleDownDelaySeconds !== undefined,
    rollbackWindow: rollout.spec.rollbackWindow?.revisions ?? 0,
    view,
  }
}

export function liveDeployment(picture: DeploymentPicture, container: string): LiveDeployment {
  const { deployment, pods } = picture
  const { spec, status = {}, metadata } = deployment
  const observed = (status.observedGeneration ?? -1) >= (metadata.generation ?? 0)
  const specDigest = digestOfTemplate(spec.template, container)
  const owned = picture.replicaSets.filter((each) => isOwned(each, metadata.uid))
  const current = owned.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
  const hash = current?.metadata.labels?.[DEPLOYMENT_HASH_LABEL]
  const fresh = armOf(owned, pods, DEPLOYMENT_HASH_LABEL, hash, container)
  const old = before(owned, pods, fresh, DEPLOYMENT_HASH_LABEL, container)
  const routed = shareOut([{ weight: 1, pods }], container)
  const { state, why } = deploymentState(picture, observed)
  return {
    kind: 'deployment',
    name: metadata.name,
    identified: observed && specDigest !== undefined && fresh?.digest === specDigest,
    inFlight: !observed || state !== 'healthy',
    routed,
    pods,
    healthy: state === 'healthy',
    deadlineExceeded: state === 'degraded',
    arms: armsOf(owned, pods, DEPLOYMENT_HASH_LABEL, container),
    replicas: spec.replicas ?? 1,
    pausedByPerson: spec.paused === true,
    surge: {
      maxUnavailable: spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%',
      maxSurge: spec.strategy?.rollingUpdate?.maxSurge ?? '25%',
    },
    history: spec.revisionHistoryLimit ?? 10,
    weight: percent(routed, specDigest),
    why,
    ...(specDigest === undefined ? {} : { specDigest }),
    ...(fresh === undefined ? {} : { fresh }),
    ...(old === undefined ? {} : { old }),
  }
}

function armsOf(
  owned: readonly ReplicaSet[],
  pods: readonly Pod[],
  label: string,
  container: string,
): readonly Arm[] {
  return owned
    .toSorted((a, b) => revisionOf(b) - revisionOf(a))
    .flatMap((each) => armOf(owned, pods, label, each.metadata.labels?.[label], container) ?? [])
}

function armOf(
  owned: readonly ReplicaSet[],
  pods: readonly Pod[],
  label: string,
  hash: string | undefined,
  container: string,
): Arm | undefined {
  const replicaSet = owned.find((each) => hash !== undefined && each.metadata.labels?.[label] === hash)
  if (hash === undefined || replicaSet === undefined) return undefined
  const own = pods.filter((pod) => pod.metadata.labels?.[label] === hash)
  const ready = own.filter(isReady).length
  const wanted = replicaSet.spec.replicas ?? 0
  const digest = digestOfTemplate(replicaSet.spec.template, container)
  return {
    hash,
    replicaSet,
    pods: own,
    ready,
    complete: wanted > 0 && ready >= wanted,
    ...(digest === undefined ? {} : { digest }),
  }
}

/** The newest template before the present one that runs another image: a restart alone is no other version. */
function before(
  owned: readonly ReplicaSet[],
  pods: readonly Pod[],
  fresh: Arm | undefined,
  label: string,
  container: string,
): Arm | undefined {
  const others = owned
    .filter((each) => {
      const digest = digestOfTemplate(each.spec.template, container)
      return digest !== undefined && digest !== fresh?.digest
    })
    .toSorted((a, b) => revisionOf(b) - revisionOf(a))
  return armOf(owned, pods, label, others[0]?.metadata.labels?.[label], container)
}

const REVISIONS = ['rollout.argoproj.io/revision', 'deployment.kubernetes.io/revision']

function revisionOf(replicaSet: ReplicaSet): number {
  const found = REVISIONS.map((key) => Number(replicaSet.metadata.annotations?.[key])).find(Number.isInteger)
  return found ?? 0
}

function isOwned(replicaSet: ReplicaSet, uid: string | undefined): boolean {
  return replicaSet.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false
}

function percent(routed: Routed, digest: Digest | undefined): number {
  return Math.round((routed.served.find((each) => each.digest === digest)?.share ?? 0) * 100)
}
