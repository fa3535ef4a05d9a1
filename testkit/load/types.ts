/** How the pods of one digest answer. */
export interface Behaviour {
  /** Part of the requests answered with 500, 0..1. */
  readonly errorRate: number
  /** Median of the log-normal latency. */
  readonly latencySeconds: number
  /** Sigma of the logarithm; 0 = constant. Default 0.35 (p95 = 1.8 x median). */
  readonly latencySigma?: number
}

/**
 * Requests that clients send to one workload. When a Rollout of that name routes through a VirtualService, the
 * rate is split by the weights that stand there; otherwise over the ready pods labelled
 * `app.kubernetes.io/name=<workload>`.
 */
export interface LoadTarget {
  readonly namespace: string
  readonly workload: string
  readonly requestsPerSecond: number
  /** The container whose image is the release; default: the first one with a digest. */
  readonly container?: string
}

/** The only two calls that the generator makes on the cluster. `get` answers undefined for 404. */
export interface ClusterReader {
  get(path: string): Promise<unknown>
  /** Items of a list; an empty list when the kind is not installed. */
  list(path: string): Promise<readonly unknown[]>
}

export interface Pod {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly ready: boolean
  readonly containers: readonly { readonly name: string; readonly image: string; readonly restarts: number }[]
}

/** What stands in a namespace of the things that decide where a request goes. */
export interface NamespaceView {
  readonly pods: readonly Pod[]
  /** Selector by Service name. */
  readonly services: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Weighted Service names by the name of the Rollout whose router it is. */
  readonly routes: ReadonlyMap<string, readonly Destination[]>
}

export interface Destination {
  readonly service: string
  readonly weight: number
}

/** One exposed series at one moment. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
