import type { ClusterReader, Destination, NamespaceView, Pod } from './types.ts'

// The fields that are read, as the API server writes them; everything may be missing.
interface Meta {
  readonly name: string
  readonly labels?: Record<string, string>
  readonly deletionTimestamp?: string
}
interface PodJson {
  readonly metadata: Meta
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly { readonly name: string; readonly restartCount?: number }[]
  }
}
interface ServiceJson {
  readonly metadata: Meta
  readonly spec?: { readonly selector?: Record<string, string> }
}
interface RouterRef {
  readonly name: string
  readonly routes?: readonly string[]
}
interface RolloutJson {
  readonly metadata: Meta
  readonly spec?: {
    readonly strategy?: {
      readonly blueGreen?: { readonly activeService?: string }
      readonly canary?: {
        readonly trafficRouting?: { readonly istio?: { readonly virtualService?: RouterRef } }
      }
    }
  }
}
interface HttpRoute {
  readonly name?: string
  readonly route?: readonly { readonly destination?: { readonly host?: string }; readonly weight?: number }[]
}
interface VirtualServiceJson {
  readonly metadata: Meta & { readonly ownerReferences?: readonly { readonly kind: string }[] }
  readonly spec?: { readonly http?: readonly HttpRoute[] }
}

/** Reads what decides the way of a request in one namespace: four list calls. */
export async function readNamespace(cluster: ClusterReader, namespace: string): Promise<NamespaceView> {
  const [pods, services, rollouts, routers] = await Promise.all([
    cluster.list(`/api/v1/namespaces/${namespace}/pods`),
    cluster.list(`/api/v1/namespaces/${namespace}/services`),
    cluster.list(`/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`),
    cluster.list(`/apis/networking.istio.io/v1beta1/namespaces/${namespace}/virtualservices`),
  ])
  return {
    pods: (pods as readonly PodJson[])
      .map((pod) => toPod(namespace, pod))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    services: new Map(
      (services as readonly ServiceJson[]).map(({ metadata, spec }) => [metadata.name, spec?.selector ?? {}]),
    ),
    routes: toRoutes(rollouts as readonly RolloutJson[], routers as readonly VirtualServiceJson[]),
  }
}

function toPod(namespace: string, { metadata, spec, status }: PodJson): Pod {
  const restarts = new Map((status?.containerStatuses ?? []).map((c) => [c.name, c.restartCount ?? 0]))
  return {
    namespace,
    name: metadata.name,
    labels: metadata.labels ?? {},
    // A pod that is being deleted has left the endpoints, whatever its condition still says.
    ready:
      metadata.deletionTimestamp === undefined &&
      (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
    containers: (spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image: image ?? '',
      restarts: restarts.get(name) ?? 0,
    })),
  }
}

function toRoutes(
  rollouts: readonly RolloutJson[],
  routers: readonly VirtualServiceJson[],
): ReadonlyMap<string, readonly Destination[]> {
  const routes = new Map<string, readonly Destination[]>()
  for (const { metadata, spec } of rollouts) {
    const active = spec?.strategy?.blueGreen?.activeService
    if (active !== undefined) routes.set(metadata.name, [{ service: active, weight: 100 }])
    const ref = spec?.strategy?.canary?.trafficRouting?.istio?.virtualService
    if (ref === undefined) continue
    // A named VirtualService that is not there routes nothing: the workload is dark, not split over its pods.
    const http = routers.find((router) => router.metadata.name === ref.name)?.spec?.http ?? []
    routes.set(metadata.name, toDestinations(managedRoute(http, ref)))
  }
  // Flagger makes the VirtualService itself, under the name of the workload.
  for (const { metadata, spec } of routers) {
    if (!metadata.ownerReferences?.some(({ kind }) => kind === 'Canary')) continue
    routes.set(metadata.name, toDestinations(spec?.http?.[0]))
  }
  return routes
}

/** The HTTP route that the controller writes: the first one named by the Rollout, or the only one. */
function managedRoute(http: readonly HttpRoute[], ref: RouterRef): HttpRoute | undefined {
  const wanted = ref.routes?.[0]
  return wanted === undefined ? http[0] : http.find(({ name }) => name === wanted)
}

function toDestinations(route: HttpRoute | undefined): readonly Destination[] {
  const destinations = route?.route ?? []
  return destinations.map(({ destination, weight }) => ({
    service: (destination?.host ?? '').split('.')[0] ?? '',
    // Istio: a single destination may leave its weight out and gets everything.
    weight: weight ?? (destinations.length === 1 ? 100 : 0),
  }))
}
