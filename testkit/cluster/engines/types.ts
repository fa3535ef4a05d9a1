import type { KubeObject } from '../objects.ts'

/** The fields that the engines read and write, no more. */

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec?: { containers?: Container[]; initContainers?: Container[] }
}

export interface Container {
  name: string
  image: string
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastUpdateTime: string
  lastTransitionTime: string
}

export interface ReplicaSet extends KubeObject {
  spec: {
    replicas: number
    minReadySeconds?: number
    selector: { matchLabels: Record<string, string> }
    template: PodTemplate
  }
  status?: {
    replicas: number
    readyReplicas?: number
    availableReplicas?: number
    fullyLabeledReplicas?: number
    observedGeneration: number
  }
}

export interface Pod extends KubeObject {
  spec: { containers: Container[]; initContainers?: Container[]; nodeName?: string }
  status?: {
    phase: string
    startTime?: string
    podIP?: string
    hostIP?: string
    conditions?: { type: string; status: string; lastTransitionTime: string; reason?: string }[]
    containerStatuses?: {
      name: string
      image: string
      imageID: string
      ready: boolean
      started: boolean
      restartCount: number
      state: Record<string, unknown>
    }[]
  }
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number
    minReadySeconds?: number
    progressDeadlineSeconds?: number
    revisionHistoryLimit?: number
    paused?: boolean
    selector: { matchLabels: Record<string, string> }
    template: PodTemplate
    strategy?: {
      type?: string
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
    }
  }
  status?: {
    observedGeneration: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    unavailableReplicas?: number
    conditions?: Condition[]
  }
}

export interface Service extends KubeObject {
  spec: { selector?: Record<string, string> }
}

export const availableOf = (set: ReplicaSet | undefined): number => set?.status?.availableReplicas ?? 0
export const readyOf = (set: ReplicaSet | undefined): number => set?.status?.readyReplicas ?? 0
export const replicasOf = (set: ReplicaSet | undefined): number => set?.status?.replicas ?? 0

/** Sets one condition; the transition time moves with the status only. True when something changed. */
export function setCondition(
  conditions: Condition[],
  now: string,
  next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  options: { readonly touch?: boolean } = {},
): boolean {
  const at = conditions.findIndex((condition) => condition.type === next.type)
  const before = conditions[at]
  const unchanged =
    before !== undefined &&
    before.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message
  if (unchanged && options.touch !== true) return false
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now
  const condition = { ...next, lastUpdateTime: now, lastTransitionTime }
  if (at < 0) conditions.push(condition)
  else conditions[at] = condition
  return true
}

/** 25 % or 3 of a number of replicas. */
export function scaled(
  value: number | string | undefined,
  fallback: string,
  total: number,
  round: 'up' | 'down',
): number {
  const given = value ?? fallback
  if (typeof given === 'number') return given
  const share = (Number.parseFloat(given) / 100) * total
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
