import { err, ok } from '../release/index.ts'
import type { Kube, KubeFault, KubeResult } from './kube.ts'
import { isMissing } from './kube.ts'
import {
  type Deployment,
  type LabelSelector,
  type Pod,
  paths,
  type ReplicaSet,
  type Rollout,
  type Service,
  type VirtualService,
} from './objects.ts'
import { type Lane, lanesOfRoute, managedRoutes, routerOf } from './routes.ts'
import { selectorQuery } from './selectors.ts'

/** Everything that says what one Rollout runs and who gets its traffic, read in one go. */
export interface RolloutPicture {
  readonly rollout: Rollout
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly lanes: readonly Lane[]
  /** Weight of the canary Service in the router, as written there; absent without a router. */
  readonly routerWeight?: number
}

export function readRollout(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<Rollout>> {
  return kube.get<Rollout>(paths.rollout(namespace, name), signal)
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
  const lanes = routes.value.lanes(pods.value.items)
  const weight = routes.value.weight
  return ok({
    rollout: rollout.value,
    replicaSets: replicaSets.value.items,
    pods: pods.value.items,
    lanes,
    ...(weight === undefined ? {} : { routerWeight: weight }),
  })
}

interface Routes {
  readonly lanes: (pods: readonly Pod[]) => readonly Lane[]
  readonly weight?: number
}

async function readRoutes(
  kube: Kube,
  namespace: string,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<KubeResult<Routes>> {
  const router = routerOf(rollout)
  if (router.kind === 'none') return ok({ lanes: (pods) => [{ weight: 1, pods }] })
  if (router.kind === 'unsupported') return err(unsupported(rollout, router.what))
  const [virtualService, stable, canary] = await Promise.all([
    readVirtualService(kube, namespace, router.name, signal),
    kube.get<Service>(paths.service(namespace, router.stableService), signal),
    kube.get<Service>(paths.service(namespace, router.canaryService), signal),
  ])
  if (!virtualService.ok) return virtualService
  if (!stable.ok) return stable
  if (!canary.ok) return canary
  const hosts = [router.stableService, router.canaryService]
  const [route] = managedRoutes(virtualService.value, router.routes, hosts)
  if (route === undefined) {
    return err(
      unsupported(rollout, `VirtualService ${router.name} without a route to ${hosts.join(' and ')}`),
    )
  }
  const services = [stable.value, canary.value]
  const weight = route.route?.find(
    (each) => each.destination?.host?.split('.')[0] === router.canaryService,
  )?.weight
  return ok({
    lanes: (pods) => lanesOfRoute(route, services, pods),
    ...(weight === undefined ? {} : { weight }),
  })
}

/** Istio serves the same object under several versions; older installations lack the newer ones. */
const ISTIO_VERSIONS = ['v1beta1', 'v1', 'v1alpha3']

async function readVirtualService(
  kube: Kube,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeResult<VirtualService>> {
  let answer: KubeResult<VirtualService> | undefined
  for (const version of ISTIO_VERSIONS) {
    answer = await kube.get<VirtualService>(paths.virtualService(namespace, name, version), signal)
    if (answer.ok || !isMissing(answer.fault)) return answer
  }
  return answer as KubeResult<VirtualService>
}

export interface DeploymentPicture {
  readonly deployment: Deployment
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
  const pods = await kube.list<Pod>(paths.pods(namespace), { labelSelector: selector.value }, signal)
  return pods.ok ? ok({ deployment: deployment.value, pods: pods.value.items }) : pods
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

function unsupported(rollout: Rollout, what: string): KubeFault {
  return {
    blame: 'user',
    reason: 'rollout-unsupported',
    cause: `Rollout ${rollout.metadata.name} uses ${what}, whose routes cannot be computed.`,
    next: 'Use the canary strategy without a router or with Istio and both Services.',
  }
}
