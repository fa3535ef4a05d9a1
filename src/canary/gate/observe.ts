import {
  isCrashing,
  type Kube,
  type KubeResult,
  type LiveTarget,
  type Pod,
  type RolloutTarget,
  readLiveTarget,
} from '../../cluster/index.ts'
import { ok } from '../../release/index.ts'
import type { Arms } from '../samples/blocks.ts'

/** One look at the cluster, as the gate needs it. */
export interface Observed {
  readonly live: LiveTarget
  readonly servesAll: boolean
  readonly freshReady: number
  readonly crashing: boolean
  /** Name prefixes of the pods that are compared. */
  readonly arms?: Arms
  /** When the oldest new pod was made: the start of the evidence. */
  readonly freshBorn?: Date
  readonly created: ReadonlyMap<string, number>
}

export async function observe(
  kube: Kube,
  target: RolloutTarget,
  signal: AbortSignal,
): Promise<KubeResult<Observed>> {
  const { namespace, name, container, kind = 'Rollout' } = target
  const live = await readLiveTarget(kube, namespace, { name, container, kind }, signal)
  return live.ok ? ok(observed(live.value)) : live
}

export function observed(live: LiveTarget): Observed {
  const { fresh, old } = live
  const pods = fresh?.pods ?? []
  const born = pods.map(madeAt).filter((each) => !Number.isNaN(each))
  return {
    live,
    servesAll: live.routed.served.some((each) => each.digest === live.specDigest && each.share === 1),
    freshReady: fresh?.ready ?? 0,
    crashing: pods.length > 0 && pods.every(isCrashing),
    created: new Map(live.pods.map((pod) => [pod.metadata.name, madeAt(pod)])),
    ...(fresh === undefined || old === undefined
      ? {}
      : { arms: { canary: fresh.replicaSet.metadata.name, stable: old.replicaSet.metadata.name } }),
    ...(born.length === 0 ? {} : { freshBorn: new Date(Math.min(...born)) }),
  }
}

const madeAt = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '')
