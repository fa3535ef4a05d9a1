import { requireKind } from '../kinds.ts'
import { controllerOf, type KubeObject } from '../objects.ts'
import type { Store } from '../store.ts'
import type { Health } from './argocd-types.ts'
import type { Rollout } from './rollout-types.ts'
import type { Deployment, Pod } from './types.ts'

const order: readonly Health[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']

export const worst = (found: readonly Health[]): Health =>
  found.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'Healthy' as Health)

/** Undefined for kinds without a health of their own. */
export function healthOf(live: KubeObject | undefined, kind: string): Health | undefined {
  if (kind === 'Rollout') return live === undefined ? 'Missing' : rolloutHealth(live as Rollout)
  if (kind === 'Deployment') return live === undefined ? 'Missing' : deploymentHealth(live as Deployment)
  return live === undefined ? 'Missing' : undefined
}

/** argo-cd, resource_customizations/argoproj.io/Rollout/health.lua */
function rolloutHealth({ metadata, status }: Rollout): Health {
  if (status?.observedGeneration !== String(metadata.generation)) return 'Progressing'
  switch (status.phase) {
    case 'Healthy':
      return 'Healthy'
    case 'Degraded':
      return 'Degraded'
    case 'Paused':
      return 'Suspended'
    default:
      return 'Progressing'
  }
}

function deploymentHealth({ metadata, spec, status }: Deployment): Health {
  if (spec.paused === true) return 'Suspended'
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) return 'Progressing'
  const progressing = status?.conditions?.find((condition) => condition.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'Degraded'
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {}
  if (
    updatedReplicas < (spec.replicas ?? 1) ||
    replicas > updatedReplicas ||
    availableReplicas < updatedReplicas
  )
    return 'Progressing'
  return 'Healthy'
}

/** Images of the live pods below the Application's own objects, as `status.summary.images` lists them. */
export function liveImages(store: Store, roots: readonly KubeObject[]): string[] {
  const images = new Set<string>()
  const owners = new Set(roots.map((object) => object.metadata.uid))
  const namespaces = new Set(roots.map((object) => object.metadata.namespace))
  for (const namespace of namespaces) {
    const sets = store
      .list(requireKind('ReplicaSet'), namespace)
      .filter((set) => owners.has(controllerOf(set)?.uid))
    const ids = new Set(sets.map((set) => set.metadata.uid))
    for (const pod of store.list(requireKind('Pod'), namespace) as Pod[]) {
      if (!ids.has(controllerOf(pod)?.uid)) continue
      for (const { image } of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])])
        images.add(image)
    }
  }
  return [...images].sort()
}
