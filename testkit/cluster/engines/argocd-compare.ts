import { kindOf, kinds, requireKind } from '../kinds.ts'
import { controllerOf, type KubeObject } from '../objects.ts'
import type { Store, StoreEvent } from '../store.ts'
import { differs, ignoredPaths } from './argocd-diff.ts'
import { healthOf, liveImages, worst } from './argocd-health.ts'
import { type Application, type Health, type ResourceStatus, trackingAnnotation } from './argocd-types.ts'
import { keyOf } from './loop.ts'

const applications = requireKind('Application')

export const idOf = (app: KubeObject): string => keyOf(app.metadata.namespace, app.metadata.name)

/** The Application itself, and the ones whose objects, or the pods below them, have changed. */
export function appsOf(store: Store, { kind, object }: StoreEvent): string[] {
  if (kind === applications) return [keyOf(object.metadata.namespace, object.metadata.name)]
  const owner = trackingOf(object) ?? trackingOf(rootOf(store, object))
  if (owner === undefined) return []
  return store.list(applications).flatMap((app) => (app.metadata.name === owner ? [idOf(app)] : []))
}

export const trackingOf = (object: KubeObject | undefined): string | undefined =>
  object?.metadata.annotations?.[trackingAnnotation]?.split(':')[0]

function rootOf(store: Store, object: KubeObject): KubeObject | undefined {
  let at: KubeObject | undefined = object
  for (let owner = controllerOf(object); at !== undefined && owner !== undefined; owner = controllerOf(at)) {
    const kind = kindOf(owner)
    at = kind === undefined ? undefined : store.get(kind, object.metadata.namespace, owner.name)
    if (at === undefined) break
  }
  return at
}

export interface Compared {
  readonly resources: ResourceStatus[]
  readonly health: Health
  readonly images: string[]
}

export function compareLive(store: Store, app: Application, objects: readonly KubeObject[]): Compared {
  const rules = app.spec.ignoreDifferences ?? []
  const resources: ResourceStatus[] = []
  const healths: Health[] = []
  const roots: KubeObject[] = []
  const add = (object: KubeObject, status: ResourceStatus['status'], prune = false) => {
    const [version = '', group] = object.apiVersion.split('/').reverse()
    const { namespace = '', name } = object.metadata
    const extra = { ...(group === undefined ? {} : { group }), ...(prune ? { requiresPruning: true } : {}) }
    resources.push({ ...extra, version, kind: object.kind, namespace, name, status })
  }
  const wanted = new Set<string>()
  for (const object of objects) {
    const kind = kindOf(object)
    if (kind === undefined) continue
    wanted.add(`${kind.plural}/${object.metadata.namespace}/${object.metadata.name}`)
    const live = store.get(kind, object.metadata.namespace, object.metadata.name)
    add(object, differs(object, live, ignoredPaths(rules, live ?? object)) ? 'OutOfSync' : 'Synced')
    const health = healthOf(live, object.kind)
    if (health !== undefined) healths.push(health)
    if (live !== undefined) roots.push(live)
  }
  for (const kind of kinds) {
    for (const live of store.list(kind, app.spec.destination.namespace)) {
      if (trackingOf(live) !== app.metadata.name) continue
      if (wanted.has(`${kind.plural}/${live.metadata.namespace}/${live.metadata.name}`)) continue
      // Copies of the mark on made objects (a ReplicaSet) belong to their owner.
      if (controllerOf(live) === undefined) add(live, 'OutOfSync', true)
      roots.push(live)
    }
  }
  const byName = (r: ResourceStatus) => `${r.group ?? ''}/${r.kind}/${r.namespace}/${r.name}`
  resources.sort((a, b) => (byName(a) < byName(b) ? -1 : 1))
  return { resources, health: worst(healths), images: liveImages(store, roots) }
}
