import type { NamespaceView, Pod } from './types.ts'

export interface Split {
  /** Part of the traffic by pod; only pods that get any. */
  readonly shares: ReadonlyMap<Pod, number>
  /** Part that reaches no ready pod: what clients see as 503 of the mesh, and no pod counts. */
  readonly dark: number
}

/** Where the requests to a workload go: by the router's weights if it has one, else evenly over ready pods. */
export function split(view: NamespaceView, workload: string): Split {
  const route = view.routes.get(workload)
  if (route === undefined) {
    const own = { 'app.kubernetes.io/name': workload }
    return spread([{ weight: 1, pods: view.pods.filter((pod) => pod.ready && matches(pod, own)) }])
  }
  return spread(
    route.map(({ service, weight }) => {
      const selector = view.services.get(service)
      return { weight, pods: view.pods.filter((pod) => selector && pod.ready && matches(pod, selector)) }
    }),
  )
}

/** Weights are normalised by their sum, as Envoy does; all zero is dark. */
function spread(parts: readonly { readonly weight: number; readonly pods: readonly Pod[] }[]): Split {
  const total = parts.reduce((sum, part) => sum + part.weight, 0)
  const shares = new Map<Pod, number>()
  let dark = total > 0 ? 0 : 1
  for (const { weight, pods } of parts) {
    if (weight === 0) continue
    if (pods.length === 0) dark += weight / total
    for (const pod of pods) shares.set(pod, (shares.get(pod) ?? 0) + weight / total / pods.length)
  }
  return { shares, dark }
}

/** An empty selector selects nothing: that is a Service without a selector, not one for all pods. */
function matches(pod: Pod, selector: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([key, value]) => pod.labels[key] === value)
}
