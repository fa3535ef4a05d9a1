import { err, ok } from '../release/index.ts'
import type { Kube, KubeResult } from './kube.ts'
import {
  type Deployment,
  type LabelSelector,
  type Pod,
  paths,
  type ReplicaSet,
  type ResolvedRollout,
  type Rollout,
} from './objects.ts'
import { type Routes, readRoutes } from './read-routes.ts'
import type { Lane } from './routes.ts'
import { selectorQuery } from './selectors.ts'
import { resolveWorkload } from './workload-ref.ts'

/** Everything that says what one Rollout runs and who gets its traffic, read in one go. */
export interface RolloutPicture {
  readonly rollout: ResolvedRollout
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly lanes: readonly Lane[]
  readonly router: Routes['router']
  /** Weight of the canary in the router; absent without a router. */
  readonly routerWeight?: number
  /** False while a load balancer has not confirmed the weight. */
  readonly verified: boolean
  /** Hashes that the active and the preview Service select; blue-green only. */
  readonly active?: string
  readonly preview?: string
}

/** The Rollout with the template and the selector that it runs, also when they are another workload's. */
export async function readRollout(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<ResolvedRollout>> {
  const rollout = await kube.get<Rollout>(paths.rollout(namespace, name), signal)
  return rollout.ok ? resolveWorkload(kube, namespace, rollout.value, signal) : rollout
}

export async function readRolloutPicture(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<RolloutPicture>> {
  const rollout = await readRollout(kube, namespace, name, signal)
  if (!rollout.ok) return rollout
  const selector = queryOf(rollout.value.spec.selector, `Rollout ${name}`)
  if (!selector.ok) return selector
  const [replicaSets, pods, routes] = await Promise.all([
    kube.list<ReplicaSet>(paths.replicaSets(namespace), { labelSelector: selector.value }, signal),
    kube.list<Pod>(paths.pods(namespace), { labelSelector: selector.value }, signal),
    readRoutes(kube, namespace, rollout.value, signal),
  ])
  if (!replicaSets.ok) return replicaSets
  if (!pods.ok) return pods
  if (!routes.ok) return routes
  const { lanes, weight, ...rest } = routes.value
  return ok({
    rollout: rollout.value,
    replicaSets: replicaSets.value.items,
    pods: pods.value.items,
    lanes: lanes(pods.value.items),
    ...rest,
    ...(weight === undefined ? {} : { routerWeight: weight }),
  })
}

export interface DeploymentPicture {
  readonly deployment: Deployment
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
}

export async function readDeploymentPicture(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<DeploymentPicture>> {
  const deployment = await kube.get<Deployment>(paths.deployment(namespace, name), signal)
  if (!deployment.ok) return deployment
  const selector = queryOf(deployment.value.spec.selector, `Deployment ${name}`)
  if (!selector.ok) return selector
  const query = { labelSelector: selector.value }
  const [replicaSets, pods] = await Promise.all([
    kube.list<ReplicaSet>(paths.replicaSets(namespace), query, signal),
    kube.list<Pod>(paths.pods(namespace), query, signal),
  ])
  if (!replicaSets.ok) return replicaSets
  if (!pods.ok) return pods
  return ok({
    deployment: deployment.value,
    replicaSets: replicaSets.value.items,
    pods: pods.value.items,
  })
}

function queryOf(selector: LabelSelector | undefined, what: string): KubeResult<string> {
  const query = selectorQuery(selector)
  return query === undefined
    ? err({
        blame: 'user',
        reason: 'rollout-unsupported',
        cause: `${what} has no label selector of its own, so its pods cannot be found.`,
        next: 'Give the workload a spec.selector with matchLabels.',
      })
    : ok(query)
}
