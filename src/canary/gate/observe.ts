import {
  digestOfTemplate,
  isReady,
  type Kube,
  type KubeResult,
  POD_HASH_LABEL,
  type Pod,
  type RolloutPicture,
  type RolloutTarget,
  type RolloutView,
  readRolloutPicture,
  replicaSetOf,
  shareOut,
  viewRollout,
} from '../../cluster/index.ts'
import { type Digest, ok } from '../../release/index.ts'
import type { Arms } from '../samples/blocks.ts'

/** One look at the cluster, as the gate needs it. */
export interface Observed {
  readonly view: RolloutView
  readonly identified: boolean
  readonly servesAll: boolean
  /** Weight in the router, or the canary's share of the ready pods. */
  readonly weight: number
  readonly canaryReady: number
  readonly crashing: boolean
  readonly arms?: Arms
  /** When the oldest pod of the canary was made: the start of the evidence. */
  readonly canaryBorn?: Date
  readonly created: ReadonlyMap<string, number>
}

export async function observe(
  kube: Kube,
  target: RolloutTarget,
  digest: Digest,
  signal: AbortSignal,
): Promise<KubeResult<Observed>> {
  const picture = await readRolloutPicture(kube, target.namespace, target.name, signal)
  return picture.ok ? ok(observed(picture.value, target.container, digest)) : picture
}

function observed(picture: RolloutPicture, container: string, digest: Digest): Observed {
  const view = viewRollout(picture.rollout, container)
  const current = replicaSetOf(picture.replicaSets, picture.rollout, view.currentHash)
  const stable = replicaSetOf(picture.replicaSets, picture.rollout, view.stableHash)
  const canary = picture.pods.filter((pod) => pod.metadata.labels?.[POD_HASH_LABEL] === view.currentHash)
  const routed = shareOut(picture.lanes, container)
  const share = routed.served.find((each) => each.digest === digest)?.share ?? 0
  const born = canary.map(madeAt).filter((each) => !Number.isNaN(each))
  return {
    view,
    identified: view.observed && digestOfTemplate(current?.spec.template, container) === digest,
    servesAll: share === 1,
    weight: picture.routerWeight ?? Math.round(share * 100),
    canaryReady: canary.filter(isReady).length,
    crashing: canary.length > 0 && canary.every(isCrashing),
    created: new Map(picture.pods.map((pod) => [pod.metadata.name, madeAt(pod)])),
    ...(current === undefined || stable === undefined
      ? {}
      : { arms: { canary: current.metadata.name, stable: stable.metadata.name } }),
    ...(born.length === 0 ? {} : { canaryBorn: new Date(Math.min(...born)) }),
  }
}

const madeAt = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '')

function isCrashing(pod: Pod): boolean {
  return (
    pod.status?.containerStatuses?.some((each) => each.state?.waiting?.reason === 'CrashLoopBackOff') ?? false
  )
}
