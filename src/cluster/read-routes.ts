import { err, ok } from '../release/index.ts'
import type { Kube, KubeFault, KubeResult } from './kube.ts'
import { isMissing } from './kube.ts'
import {
  POD_HASH_LABEL,
  type Pod,
  paths,
  type Rollout,
  type Service,
  type VirtualService,
} from './objects.ts'
import { type Router, routerOf } from './router.ts'
import { type Lane, lanesOfRoute, managedRoutes } from './routes.ts'
import { matches } from './selectors.ts'

/** How requests reach the pods of a Rollout, before the pods are known. */
export interface Routes {
  readonly router: Exclude<Router['kind'], 'unsupported'>
  readonly lanes: (pods: readonly Pod[]) => readonly Lane[]
  /** Weight of the canary in the router; absent without one. */
  readonly weight?: number
  /** False while a load balancer has not confirmed the weight. */
  readonly verified: boolean
  /** Hashes that the Services of a blue-green Rollout select; absent before the controller's first pass. */
  readonly active?: string
  readonly preview?: string
}

export async function readRoutes(
  kube: Kube,
  namespace: string,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<KubeResult<Routes>> {
  const router = routerOf(rollout)
  switch (router.kind) {
    case 'none':
      return ok({ router: 'none', verified: true, lanes: (pods) => [{ weight: 1, pods }] })
    case 'istio':
      return readIstio(kube, namespace, rollout, router, signal)
    case 'reported':
      return ok(reported(rollout))
    case 'blue-green':
      return readBlueGreen(kube, namespace, router, signal)
    case 'unsupported':
      return err(unsupported(rollout, router.what))
  }
}

async function readIstio(
  kube: Kube,
  namespace: string,
  rollout: Rollout,
  router: Router & { kind: 'istio' },
  signal: AbortSignal,
): Promise<KubeResult<Routes>> {
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
    const what = `VirtualService ${router.name} without a route to ${hosts.join(' and ')}`
    return err(unsupported(rollout, what))
  }
  const services = [stable.value, canary.value]
  const weight = route.route?.find(
    (each) => each.destination?.host?.split('.')[0] === router.canaryService,
  )?.weight
  return ok({
    router: 'istio',
    verified: true,
    lanes: (pods) => lanesOfRoute(route, services, pods),
    ...(weight === undefined ? {} : { weight }),
  })
}

/** Weights by pod hash, as the controller has set them; before it has set any, all traffic is the stable pods'. */
export function reported(rollout: Rollout): Routes {
  const { weights } = rollout.status?.canary ?? {}
  const stableHash = weights?.stable?.podTemplateHash ?? rollout.status?.stableRS
  const ways = [
    { weight: weights?.stable?.weight ?? 100, hash: stableHash },
    { weight: weights?.canary?.weight ?? 0, hash: weights?.canary?.podTemplateHash },
  ]
  return {
    router: 'reported',
    verified: weights?.verified !== false,
    weight: weights?.canary?.weight ?? 0,
    lanes: (pods) =>
      ways.map(({ weight, hash }) => ({
        weight,
        pods: pods.filter((pod) => hash !== undefined && pod.metadata.labels?.[POD_HASH_LABEL] === hash),
      })),
  }
}

async function readBlueGreen(
  kube: Kube,
  namespace: string,
  router: Router & { kind: 'blue-green' },
  signal: AbortSignal,
): Promise<KubeResult<Routes>> {
  const { activeService, previewService } = router
  const [active, preview] = await Promise.all([
    kube.get<Service>(paths.service(namespace, activeService), signal),
    previewService === undefined
      ? undefined
      : kube.get<Service>(paths.service(namespace, previewService), signal),
  ])
  if (!active.ok) return active
  if (preview !== undefined && !preview.ok) return preview
  const activeHash = active.value.spec?.selector?.[POD_HASH_LABEL]
  const previewHash = preview?.value.spec?.selector?.[POD_HASH_LABEL]
  const selector = active.value.spec?.selector
  return ok({
    router: 'blue-green',
    verified: true,
    lanes: (pods) => [{ weight: 1, pods: pods.filter((pod) => matches(selector, pod.metadata.labels)) }],
    ...(activeHash === undefined ? {} : { active: activeHash }),
    ...(previewHash === undefined ? {} : { preview: previewHash }),
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

function unsupported(rollout: Rollout, what: string): KubeFault {
  return {
    blame: 'user',
    reason: 'rollout-unsupported',
    cause: `Rollout ${rollout.metadata.name} uses ${what}, whose routes cannot be computed.`,
    next: 'Use the canary strategy, with or without a router, or blue-green with an active Service.',
  }
}
