import { kindOf, kinds } from '../kinds.ts'
import { controllerOf, type KubeObject, same } from '../objects.ts'
import type { Store } from '../store.ts'
import { trackingOf } from './argocd-compare.ts'
import { applied, differs, ignoredPaths } from './argocd-diff.ts'
import { type Application, isAutomated, type Operation } from './argocd-types.ts'

/**
 * Automated sync: of a revision that was not yet tried, or of the objects that drifted. A revision that changes
 * nothing in the folder counts as tried (argo-cd, alreadyAttemptedSync).
 */
export function dueOperation(app: Application, unchanged: boolean): Operation | undefined {
  const { status } = app
  const automated = app.spec.syncPolicy?.automated
  if (!isAutomated(app) || automated === undefined || app.operation !== undefined) return undefined
  if (status?.sync?.status !== 'OutOfSync' || status.sync.revision === undefined) return undefined
  const drifted = (status.resources ?? []).filter((resource) => resource.status === 'OutOfSync')
  const prune = automated.prune === true
  if (!prune && drifted.every((resource) => resource.requiresPruning === true)) return undefined
  const last = status.operationState
  const { revision } = status.sync
  const syncOptions = app.spec.syncPolicy?.syncOptions
  const operation: Operation = {
    sync: { revision, prune, ...(syncOptions === undefined ? {} : { syncOptions }) },
    initiatedBy: { automated: true },
    retry: app.spec.syncPolicy?.retry ?? { limit: 5 },
  }
  const tried =
    (unchanged || last?.syncResult?.revision === revision) && same(last?.syncResult?.source, app.spec.source)
  if (!tried) return operation
  // A revision that failed is not tried again by itself; one that succeeded is only healed.
  if (last?.phase !== 'Succeeded' || automated.selfHeal !== true) return undefined
  const resources = drifted.map(({ group, kind, name }) => ({
    ...(group === undefined ? {} : { group }),
    kind,
    name,
  }))
  return {
    ...operation,
    sync: {
      ...operation.sync,
      resources,
      selfHealAttemptsCount: (last.operation.sync?.selfHealAttemptsCount ?? 0) + 1,
    },
  }
}

export type SyncResult = Record<string, unknown> & { readonly status: string }

export function applyAll(
  store: Store,
  app: Application,
  objects: readonly KubeObject[],
  request: NonNullable<Operation['sync']>,
): SyncResult[] {
  const only = request.resources
  const picked = (object: KubeObject) =>
    only === undefined ||
    only.some((resource) => resource.kind === object.kind && resource.name === object.metadata.name)
  const options = [...(request.syncOptions ?? []), ...(app.spec.syncPolicy?.syncOptions ?? [])]
  const respect = options.includes('RespectIgnoreDifferences=true')
  const results: SyncResult[] = []
  for (const object of objects.filter(picked)) {
    const [version = '', group = ''] = object.apiVersion.split('/').reverse()
    const about = {
      group,
      version,
      kind: object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      syncPhase: 'Sync',
    }
    try {
      const kind = kindOf(object)
      if (kind === undefined) throw new Error(`The Kubernetes API could not find ${group}/${object.kind}`)
      const live = store.get(kind, object.metadata.namespace, object.metadata.name)
      const ignored = live === undefined ? [] : ignoredPaths(app.spec.ignoreDifferences ?? [], live)
      if (options.includes('ApplyOutOfSyncOnly=true') && !differs(object, live, ignored)) continue
      const next = applied(object, live, respect ? ignored : [])
      if (live === undefined) store.create(kind, next)
      else store.replace(kind, { ...next, apiVersion: live.apiVersion })
      const short = `${kind.plural.replace(/s$/, '')}.${kind.group}`.replace(/\.$/, '')
      const message = `${short}/${object.metadata.name} ${live === undefined ? 'created' : same(next, live) ? 'unchanged' : 'configured'}`
      results.push({ ...about, status: 'Synced', message, hookPhase: 'Running' })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      results.push({ ...about, status: 'SyncFailed', message, hookPhase: 'Failed' })
    }
  }
  if (request.prune === true) results.push(...prune(store, app, objects, picked))
  return results
}

function prune(
  store: Store,
  app: Application,
  objects: readonly KubeObject[],
  picked: (object: KubeObject) => boolean,
): SyncResult[] {
  const results: SyncResult[] = []
  for (const kind of kinds) {
    for (const live of store.list(kind, app.spec.destination.namespace)) {
      const isWanted = objects.some(
        (object) =>
          object.kind === live.kind &&
          object.metadata.name === live.metadata.name &&
          object.metadata.namespace === live.metadata.namespace,
      )
      if (
        isWanted ||
        trackingOf(live) !== app.metadata.name ||
        controllerOf(live) !== undefined ||
        !picked(live)
      )
        continue
      store.delete(kind, live.metadata.namespace, live.metadata.name)
      const { namespace, name } = live.metadata
      results.push({
        group: kind.group,
        version: kind.version,
        kind: kind.kind,
        namespace,
        name,
        status: 'Pruned',
        message: 'pruned',
      })
    }
  }
  return results
}
