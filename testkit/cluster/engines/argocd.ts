import type { SimClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import { type KubeObject, kubeTime, same } from '../objects.ts'
import type { Store } from '../store.ts'
import { appsOf, compareLive, idOf } from './argocd-compare.ts'
import { tracked } from './argocd-diff.ts'
import { attempt, type Manifests, record, retryWait } from './argocd-operation.ts'
import { dueOperation } from './argocd-sync.ts'
import {
  type Application,
  type ApplicationStatus,
  type Operation,
  pathsAnnotation,
  refreshAnnotation,
} from './argocd-types.ts'
import type { GitSource } from './git-source.ts'
import { type Controller, splitKey } from './loop.ts'

/** Objects that a folder of the GitOps repository stands for. Throws when it cannot be rendered. */
export type Render = (
  files: ReadonlyMap<string, string>,
  app: { readonly name: string; readonly namespace: string; readonly valueFiles: readonly string[] },
) => KubeObject[]

export interface ArgoOptions {
  readonly git: GitSource
  readonly render: Render
  readonly repoUrl: (url: string) => string
  /** How often the repository is looked at without being asked; Argo CD's default is two minutes. */
  readonly pollMs: number
}

const applications = requireKind('Application')

/** The application controller of Argo CD: one source, automated sync, self-heal, prune. */
export function applicationController(clock: SimClock, store: Store, options: ArgoOptions): Controller {
  const cache = new Map<string, Manifests>()
  /** Folder as it was at the last sync, by Application. */
  const syncedTrees = new Map<string, string>()
  const failures = new Map<string, string>()
  const nextPoll = new Map<string, number>()
  const now = () => kubeTime(clock.now())

  const load = async (app: Application, revision: string): Promise<Manifests> => {
    const source = app.spec.source ?? { repoURL: '' }
    const url = options.repoUrl(source.repoURL)
    const commit = await options.git.resolve(url, revision)
    const cached = cache.get(idOf(app))
    if (cached?.commit === commit && same(cached.source, source)) return cached
    const { tree, files } = await options.git.files(url, commit, source.path ?? '.')
    const namespace = app.spec.destination.namespace
    const rendered = options.render(files, {
      name: app.metadata.name,
      namespace: namespace ?? '',
      valueFiles: source.helm?.valueFiles ?? [],
    })
    const objects = rendered.map((object) => tracked(object, app.metadata.name, namespace))
    return { commit, tree, source, objects, sourceType: files.has('Chart.yaml') ? 'Helm' : 'Directory' }
  }

  const update = (app: Application, edit: (app: Application) => void): Application | undefined =>
    store.change(applications, app.metadata.namespace, app.metadata.name, (object) =>
      edit(object as Application),
    ) as Application | undefined

  const sync = async (app: Application, operation: Operation): Promise<void> => {
    const before = app.status?.operationState
    const isRetry = retryWait(before, clock.now()) !== undefined
    const startedAt = isRetry && before !== undefined ? before.startedAt : now()
    if (!isRetry) {
      update(app, (object) => {
        const operationState = {
          operation,
          phase: 'Running' as const,
          message: 'waiting for completion',
          startedAt,
        }
        object.status = { ...object.status, operationState }
      })
    }
    const target = operation.sync?.revision ?? app.spec.source?.targetRevision ?? 'HEAD'
    const outcome = await load(app, target).then(
      (manifests) => ({ manifests }),
      (error: unknown) => ({ message: error instanceof Error ? error.message : String(error) }),
    )
    const state = attempt(store, app, operation, outcome, startedAt, clock.now())
    if ('manifests' in outcome) syncedTrees.set(idOf(app), outcome.manifests.tree)
    update(app, (object) => record(object, state))
  }

  return {
    name: 'application',
    concerns: (event) => appsOf(store, event),
    async reconcile(key) {
      const [namespace, name] = splitKey(key)
      const app = store.get(applications, namespace, name) as Application | undefined
      if (app === undefined) {
        cache.delete(key)
        failures.delete(key)
        return undefined
      }
      const wait = retryWait(app.status?.operationState, clock.now())
      if (app.operation !== undefined && (wait === undefined || wait === 0)) {
        await sync(app, app.operation)
        nextPoll.delete(key) // look at the repository once more: what was synced must be what is there
      }
      const asked = app.metadata.annotations?.[refreshAnnotation] !== undefined
      const due = nextPoll.get(key) ?? 0
      const fresh = asked || clock.now().getTime() >= due
      // What was read, or why it could not be read, holds until the repository is looked at again.
      if (fresh || !(cache.has(key) || failures.has(key))) {
        nextPoll.set(key, clock.now().getTime() + options.pollMs)
        failures.delete(key)
        try {
          cache.set(key, await load(app, app.spec.source?.targetRevision ?? 'HEAD'))
        } catch (error) {
          failures.set(key, error instanceof Error ? error.message : String(error))
        }
      }
      const latest = store.get(applications, namespace, name) as Application | undefined
      if (latest === undefined) return undefined
      const failure = failures.get(key)
      const manifests = failure === undefined ? cache.get(key) : undefined
      const unchanged =
        latest.metadata.annotations?.[pathsAnnotation] !== undefined &&
        manifests?.tree === syncedTrees.get(key)
      compare(store, latest, { manifests, unchanged, failure, fresh, asked, now: now() }, update)
      const retry = retryWait(latest.status?.operationState, clock.now()) ?? Number.POSITIVE_INFINITY
      return Math.max(1, Math.min(retry, (nextPoll.get(key) ?? 0) - clock.now().getTime()))
    },
  }
}

/** What a pass knows of the repository. */
interface Look {
  readonly manifests: Manifests | undefined
  /** Its folder is as it was at the last sync, and the Application asks for no more than that to be looked at. */
  readonly unchanged: boolean
  readonly failure: string | undefined
  /** The repository was read in this pass. */
  readonly fresh: boolean
  /** Somebody asked for it by the refresh annotation. */
  readonly asked: boolean
  readonly now: string
}

/** One comparison: what is live against what was read, the status that says so, and an operation where one is due. */
function compare(
  store: Store,
  app: Application,
  { manifests, unchanged, failure, fresh, asked, now }: Look,
  update: (app: Application, edit: (app: Application) => void) => unknown,
): void {
  const compared = manifests === undefined ? undefined : compareLive(store, app, manifests.objects)
  update(app, (object) => {
    const status: ApplicationStatus = object.status ?? {}
    const source = object.spec.source ?? { repoURL: '' }
    const { destination, ignoreDifferences } = object.spec
    const outOfSync = compared?.resources.some((resource) => resource.status === 'OutOfSync')
    status.sync = {
      status: compared === undefined ? 'Unknown' : outOfSync ? 'OutOfSync' : 'Synced',
      ...(manifests === undefined ? {} : { revision: manifests.commit }),
      comparedTo: { source, destination, ...(ignoreDifferences === undefined ? {} : { ignoreDifferences }) },
    }
    const health = compared?.health ?? 'Unknown'
    if (status.health?.status !== health) status.health = { status: health, lastTransitionTime: now }
    if (compared !== undefined) {
      status.resources = compared.resources
      status.summary = compared.images.length === 0 ? {} : { images: compared.images }
    }
    status.conditions = (status.conditions ?? []).filter((condition) => condition.type !== 'ComparisonError')
    if (failure !== undefined)
      status.conditions.push({ type: 'ComparisonError', message: failure, lastTransitionTime: now })
    if (status.conditions.length === 0) delete status.conditions
    // Only a look at the repository counts: a comparison with the manifests at hand says nothing new of Git.
    if (fresh) status.reconciledAt = now
    if (manifests !== undefined) status.sourceType = manifests.sourceType
    Object.assign(status, { controllerNamespace: 'argocd', resourceHealthSource: 'appTree' })
    object.status = status
    if (asked) delete object.metadata.annotations?.[refreshAnnotation]
    const operation = dueOperation(object, unchanged)
    if (operation !== undefined) object.operation = operation
  })
}
