import type { CommitSha, Digest } from './ids.ts'

/** Part of the routed traffic that a digest serves: Service selectors x router weights x ready pods. */
export interface ServedShare {
  readonly digest: Digest
  /** 0..1; the shares of a workload and its `dark` share add up to 1. */
  readonly share: number
}

/** One workload as its cluster shows it. What serves is computed from routes, never taken from a phase. */
export interface WorkloadFacts {
  readonly name: string
  readonly kind: 'Rollout' | 'Deployment'
  /** Digest of the spec that the controller has observed; absent when it lags behind or names no digest. */
  readonly desired?: Digest
  readonly served: readonly ServedShare[]
  /** Part of the traffic that reaches no ready pod. */
  readonly dark: number
  readonly state: 'healthy' | 'progressing' | 'paused' | 'aborted' | 'degraded' | 'missing'
  /** Weight of the canary in percent while a Rollout is in flight. */
  readonly canaryWeight?: number
  readonly why: string
}

/** What the Application of a region says of the Git commit it has carried to the cluster. */
export interface ApplicationFacts {
  readonly revision?: CommitSha
  readonly synced: boolean
  readonly operation: 'none' | 'running' | 'succeeded' | 'failed'
  /** True when the comparison is newer than the last operation (reconciledAt >= finishedAt). */
  readonly fresh: boolean
  readonly why: string
}

/** An alarm counts against the digest that serves, never against the one that is pinned. */
export interface Alarm {
  readonly digest: Digest
  readonly name: string
  readonly since: string
  readonly why: string
}

/** Dated facts of one region: what `observe` hands to `next`. A fact that could not be read is absent. */
export interface RegionFacts {
  readonly version: 1
  readonly region: string
  /** RFC 3339, by the clock of the run that looked. */
  readonly asOf: string
  readonly workloads?: readonly WorkloadFacts[]
  readonly application?: ApplicationFacts
  /** Requests that the live digest of the first workload has served, counted by Prometheus. */
  readonly traffic?: { readonly digest: Digest; readonly since: string; readonly requests: number }
  readonly alarms?: readonly Alarm[]
  /** One sentence for each thing that could not be read. */
  readonly unreadable: readonly string[]
}
