import type { Rollout } from './objects.ts'

/** Who decides where requests to a Rollout go. */
export type Router =
  /** Every ready pod behind one Service: the share is a share of pods. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'istio'
      readonly name: string
      readonly routes: readonly string[]
      readonly stableService: string
      readonly canaryService: string
    }
  /** A router whose objects are not read here: its weights are what the controller says it has set. */
  | { readonly kind: 'reported'; readonly by: string }
  | { readonly kind: 'blue-green'; readonly activeService: string; readonly previewService?: string }
  | { readonly kind: 'unsupported'; readonly what: string }

export function routerOf(rollout: Rollout): Router {
  const strategy = rollout.spec.strategy
  if (strategy?.blueGreen !== undefined) return blueGreen(strategy.blueGreen)
  const canary = strategy?.canary
  const routing = canary?.trafficRouting
  if (routing === undefined) return { kind: 'none' }
  const named = routing.istio?.virtualService ?? routing.istio?.virtualServices?.[0]
  const { stableService, canaryService } = canary ?? {}
  if (named === undefined || stableService === undefined || canaryService === undefined) {
    const by = Object.keys(routing).filter((key) => key !== 'managedRoutes' && key !== 'maxTrafficWeight')
    return by.length === 0
      ? { kind: 'unsupported', what: 'traffic routing by nothing' }
      : { kind: 'reported', by: by.join(', ') }
  }
  return { kind: 'istio', name: named.name, routes: named.routes ?? [], stableService, canaryService }
}

function blueGreen(strategy: NonNullable<NonNullable<Rollout['spec']['strategy']>['blueGreen']>): Router {
  const { activeService, previewService } = strategy
  if (activeService === undefined)
    return { kind: 'unsupported', what: 'blue-green without an active Service' }
  return { kind: 'blue-green', activeService, ...(previewService === undefined ? {} : { previewService }) }
}
