import { type KubeObject, kubeTime } from '../objects.ts'
import type { Store } from '../store.ts'
import { applyAll } from './argocd-sync.ts'
import type { Application, ApplicationStatus, Operation, OperationState, Source } from './argocd-types.ts'

/** What a commit of the repository stands for. */
export interface Manifests {
  readonly commit: string
  /** Id of the folder's tree: equal when no commit in between touched it. */
  readonly tree: string
  readonly source: Source
  readonly objects: readonly KubeObject[]
  readonly sourceType: 'Helm' | 'Directory'
}

/** Milliseconds until a failed operation is tried again; undefined when it waits for nothing (argo-cd, RetryStrategy). */
export function retryWait(state: OperationState | undefined, now: Date): number | undefined {
  if (state?.phase !== 'Running' || state.finishedAt === undefined) return undefined
  return Math.max(
    0,
    Date.parse(state.finishedAt) + backoffMs(state.operation, (state.retryCount ?? 1) - 1) - now.getTime(),
  )
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }

function durationMs(text: string | undefined, fallback: number): number {
  const [, amount, unit = ''] = /^(\d+)([smh])$/.exec(text ?? '') ?? []
  return amount === undefined ? fallback : Number(amount) * (units[unit] ?? 0)
}

function backoffMs(operation: Operation, tries: number): number {
  const { duration, factor = 2, maxDuration } = operation.retry?.backoff ?? {}
  return Math.min(durationMs(duration, 5000) * factor ** tries, durationMs(maxDuration, 180_000))
}

/** One attempt at an operation; returns the state that it ends in. */
export function attempt(
  store: Store,
  app: Application,
  operation: Operation,
  outcome: { readonly manifests: Manifests } | { readonly message: string },
  startedAt: string,
  now: Date,
): OperationState {
  const request = operation.sync ?? {}
  const manifests = 'manifests' in outcome ? outcome.manifests : undefined
  const results = manifests === undefined ? [] : applyAll(store, app, manifests.objects, request)
  const failed = results.find((result) => result.status === 'SyncFailed')
  const retries = app.status?.operationState?.retryCount ?? 0
  const isRetry = app.status?.operationState?.phase === 'Running' && retries > 0
  const retryCount = isRetry ? retries : 0
  const source = app.spec.source ?? { repoURL: '' }
  const base = {
    operation,
    startedAt,
    finishedAt: kubeTime(now),
    ...(manifests === undefined
      ? {}
      : { syncResult: { revision: manifests.commit, source, resources: results } }),
  }
  if (manifests !== undefined && failed === undefined) {
    const retried = retryCount > 0 ? { retryCount } : {}
    return { ...base, ...retried, phase: 'Succeeded', message: 'successfully synced (all tasks run)' }
  }
  const message =
    'message' in outcome
      ? outcome.message
      : `one or more objects failed to apply, reason: ${String(failed?.message)}`
  const limit = operation.retry?.limit ?? 0
  if (retryCount >= limit && limit >= 0) {
    const told = retryCount > 0 ? `${message} (retried ${retryCount} times).` : message
    return {
      ...base,
      ...(retryCount > 0 ? { retryCount } : {}),
      phase: manifests === undefined ? 'Error' : 'Failed',
      message: told,
    }
  }
  const at = new Date(now.getTime() + backoffMs(operation, retryCount))
  return {
    ...base,
    phase: 'Running',
    retryCount: retryCount + 1,
    message: `${message}. Retrying attempt #${retryCount + 1} at ${kitchen(at)}.`,
  }
}

/** Go's time.Kitchen: 3:04PM. */
const kitchen = (at: Date): string =>
  at.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).replace(/\s/g, '')

/** Writes the state down; a full sync that succeeded is a deployment and goes into the history. */
export function record(app: Application, state: OperationState): void {
  const status: ApplicationStatus = app.status ?? {}
  status.operationState = state
  app.status = status
  if (state.phase === 'Running') return
  delete app.operation
  const { syncResult, operation } = state
  if (state.phase !== 'Succeeded' || syncResult === undefined || operation.sync?.resources !== undefined)
    return
  const history = status.history ?? []
  const entry = {
    id: (history.at(-1)?.id ?? -1) + 1,
    revision: syncResult.revision,
    source: syncResult.source,
    deployStartedAt: state.startedAt,
    deployedAt: state.finishedAt ?? state.startedAt,
    ...(operation.initiatedBy === undefined ? {} : { initiatedBy: operation.initiatedBy }),
  }
  status.history = [...history, entry].slice(-(app.spec.revisionHistoryLimit ?? 10))
}
