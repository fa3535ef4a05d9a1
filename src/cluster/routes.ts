import type { Digest, ServedShare } from '../release/index.ts'
import { digestOfContainers } from './images.ts'
import type { HttpRoute, Pod, Service, VirtualService } from './objects.ts'
import { isReady, matches } from './selectors.ts'

export interface Routed {
  readonly served: readonly ServedShare[]
  /** Part of the traffic that reaches no ready pod. */
  readonly dark: number
  /** Part that reaches a ready pod whose image is no digest. */
  readonly unnamed: number
}

/** One way that requests take: a weight, and the pods that can answer there. */
export interface Lane {
  readonly weight: number
  readonly pods: readonly Pod[]
}

/** Traffic is weights x Service selectors x ready pods. Phases say what a controller intends, not who answers. */
export function shareOut(lanes: readonly Lane[], container: string): Routed {
  const total = lanes.reduce((sum, lane) => sum + lane.weight, 0)
  if (total <= 0) return { served: [], dark: 1, unnamed: 0 }
  const shares = new Map<Digest, number>()
  let dark = 0
  let unnamed = 0
  for (const lane of lanes) {
    const ready = lane.pods.filter(isReady)
    const part = lane.weight / total
    if (ready.length === 0) {
      dark += part
      continue
    }
    for (const pod of ready) {
      const digest = digestOfContainers(pod.spec?.containers, container)
      if (digest === undefined) unnamed += part / ready.length
      else shares.set(digest, (shares.get(digest) ?? 0) + part / ready.length)
    }
  }
  const served = [...shares].map(([digest, share]) => ({ digest, share: round(share) }))
  served.sort((a, b) => b.share - a.share || (a.digest < b.digest ? -1 : 1))
  return { served, dark: round(dark), unnamed: round(unnamed) }
}

/** Sums of thirds are not one; nine digits keep the difference out of comparisons. */
const round = (share: number) => Math.round(share * 1e9) / 1e9

/**
 * The HTTP routes that the controller steers: those the Rollout names, else the single one there is, else all
 * that send to both of its Services.
 */
export function managedRoutes(
  virtualService: VirtualService,
  names: readonly string[],
  hosts: readonly string[],
): readonly HttpRoute[] {
  const routes = virtualService.spec?.http ?? []
  if (names.length > 0) return routes.filter((each) => each.name !== undefined && names.includes(each.name))
  if (routes.length === 1) return routes
  return routes.filter((each) =>
    hosts.every((host) => each.route?.some((to) => isHost(to.destination?.host, host)) === true),
  )
}

/** A destination is written short (`api`), with its namespace, or in full. */
function isHost(host: string | undefined, service: string): boolean {
  return host === service || host?.startsWith(`${service}.`) === true
}

export function lanesOfRoute(
  route: HttpRoute,
  services: readonly Service[],
  pods: readonly Pod[],
): readonly Lane[] {
  const destinations = route.route ?? []
  return destinations.map((each) => {
    const service = services.find((candidate) => isHost(each.destination?.host, candidate.metadata.name))
    return {
      // A single destination without a weight takes everything (Istio: weights are relative, default 0 of many).
      weight: each.weight ?? (destinations.length === 1 ? 100 : 0),
      pods:
        service === undefined
          ? []
          : pods.filter((pod) => matches(service.spec?.selector, pod.metadata.labels)),
    }
  })
}
