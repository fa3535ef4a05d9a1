import type { FlaggerGate, Kube, RolloutTarget, WorkloadRef } from '../../cluster/index.ts'
import type { Clock, Logger, ReasonCode, Verdict } from '../../release/index.ts'
import type { PolicyOptions } from '../policy.ts'
import type { Prometheus } from '../samples/prometheus.ts'
import type { MetricSource } from '../samples/source.ts'
import type { ServiceSlo } from '../service/service.ts'
import type { Policy } from './actions.ts'
import type { Prober } from './probes.ts'
import type { GateRecord } from './record.ts'

export interface GateOptions extends Policy {
  readonly target: RolloutTarget
  readonly metrics: readonly MetricSource[]
  readonly judge: PolicyOptions
  /** Without it neither budget nor burn alerts of the service are asked for. */
  readonly service?: ServiceSlo
  /** One scrape interval. */
  readonly blockMs: number
  /** The gate answers `wait` after this long; the rollout stays where it is. */
  readonly timeoutMs: number
  /** Bound for the cluster to take up the digest. */
  readonly startWithinMs: number
  readonly onCancel: 'leave' | 'abort'
  /** The other workloads of the release: no promotion while one of them is not well. */
  readonly companions?: readonly WorkloadRef[]
}

export interface GateContext {
  readonly kube: Kube
  readonly prometheus: Prometheus
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Requests to the preview Service of a blue-green Rollout; without them there is no evidence before its cut-over. */
  readonly prober?: Prober
  /** Called after every look: hours of watching should not take the memory of the machine. */
  readonly tidy?: () => void
  /** The gate behind the rollback hook of a Canary of Flagger: the only way in which one is stopped. */
  readonly flaggerGate?: FlaggerGate
  /** States what stands if the run were cut off now. */
  readonly endState?: (text: string) => void
}

export interface GateOutcome {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  readonly next?: string
  readonly until?: Date
  readonly record: GateRecord
}
