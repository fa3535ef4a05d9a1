import { unsupported } from '../faults.ts'
import type { KubeObject } from '../objects.ts'

export interface Source {
  repoURL: string
  path?: string
  targetRevision?: string
  helm?: { valueFiles?: string[] }
}

export interface IgnoreRule {
  group?: string
  kind: string
  name?: string
  namespace?: string
  jsonPointers?: string[]
  jqPathExpressions?: string[]
}

export interface SyncOperation {
  revision?: string
  prune?: boolean
  syncOptions?: string[]
  source?: Source
  resources?: { group?: string; kind: string; name: string }[]
  selfHealAttemptsCount?: number
}

export interface Operation {
  sync?: SyncOperation
  initiatedBy?: { username?: string; automated?: boolean }
  info?: { name: string; value: string }[]
  retry?: Retry
}

export interface Retry {
  limit?: number
  backoff?: { duration?: string; factor?: number; maxDuration?: string }
}

export interface ResourceStatus {
  group?: string
  version: string
  kind: string
  namespace: string
  name: string
  status: 'Synced' | 'OutOfSync'
  requiresPruning?: boolean
}

export interface OperationState {
  operation: Operation
  phase: 'Running' | 'Succeeded' | 'Failed' | 'Error'
  message?: string
  startedAt: string
  finishedAt?: string
  retryCount?: number
  syncResult?: { revision: string; source: Source; resources?: Record<string, unknown>[] }
}

export type Health = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown'

export interface ApplicationStatus {
  sync?: {
    status: 'Synced' | 'OutOfSync' | 'Unknown'
    revision?: string
    comparedTo?: { source: Source; destination: Record<string, unknown>; ignoreDifferences?: IgnoreRule[] }
  }
  health?: { status: Health; lastTransitionTime?: string }
  operationState?: OperationState
  history?: {
    id: number
    revision: string
    source: Source
    deployStartedAt: string
    deployedAt: string
    initiatedBy?: object
  }[]
  summary?: { images?: string[] }
  resources?: ResourceStatus[]
  conditions?: { type: string; message: string; lastTransitionTime: string }[]
  reconciledAt?: string
  sourceType?: string
  controllerNamespace?: string
  resourceHealthSource?: string
}

export interface Application extends KubeObject {
  spec: {
    project: string
    source?: Source
    destination: { server?: string; name?: string; namespace?: string }
    syncPolicy?: {
      automated?: { prune?: boolean; selfHeal?: boolean; enabled?: boolean; allowEmpty?: boolean }
      syncOptions?: string[]
      retry?: Retry
    }
    ignoreDifferences?: IgnoreRule[]
    revisionHistoryLimit?: number
  }
  operation?: Operation
  status?: ApplicationStatus
}

export const pathsAnnotation = 'argocd.argoproj.io/manifest-generate-paths'
export const refreshAnnotation = 'argocd.argoproj.io/refresh'
export const trackingAnnotation = 'argocd.argoproj.io/tracking-id'
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

const knownOptions = [
  'RespectIgnoreDifferences=true',
  'CreateNamespace=false',
  'ServerSideApply=false',
  'ApplyOutOfSyncOnly=true',
]

/** Refuses what the stand-in would have to ignore. */
export function admitApplication(object: KubeObject): void {
  const { spec, metadata } = object as Application
  const paths = metadata.annotations?.[pathsAnnotation] ?? '.'
  if (paths !== '.') throw unsupported(`the ${pathsAnnotation} ${paths}`)
  if (spec?.source === undefined) throw unsupported('Applications with several sources')
  for (const option of spec.syncPolicy?.syncOptions ?? []) {
    if (!knownOptions.includes(option)) throw unsupported(`the sync option ${option}`)
  }
}

export const isAutomated = (app: Application): boolean =>
  app.spec.syncPolicy?.automated !== undefined && app.spec.syncPolicy.automated.enabled !== false
