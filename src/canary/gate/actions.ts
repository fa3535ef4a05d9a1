import type { LiveState } from '../../cluster/index.ts'
import type { Digest, Fault, ReasonCode, Verdict } from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'
import type { ServiceState } from '../service/service.ts'
import type { AfterJudgement } from './after.ts'
import type { Companion } from './companions.ts'
import type { PreviewJudgement } from './probes.ts'

export interface Policy {
  readonly digest: Digest
  /** Minimum time by weight. Absent: see `holdsOf`. With it, a weight of the steps that is not in it is refused. */
  readonly holdsMs?: Readonly<Record<number, number>>
  /** What to do when a step's time, once extended, ends without enough evidence. */
  readonly inconclusive: 'hold' | 'promote-with-warning' | 'abort'
  /** Why this release may go out on a spent budget or while the service burns. */
  readonly exempt?: 'p0' | 'security'
}

/** Everything a decision is made from: nothing else is looked at. */
export interface Situation {
  readonly now: Date
  readonly live: LiveState
  /** Our digest was the observed one at some time in this run. */
  readonly seenBefore: boolean
  readonly notStartedUntil: Date
  /** Since when the new version, which takes traffic, has no ready pod or crashes in a loop. */
  readonly brokenSince?: Date
  readonly invalidSince?: Date
  /** Since when a promotion is taken up and nothing moves. */
  readonly unpausingSince?: Date
  /** Since when the controller has not taken up the spec. */
  readonly unobservedSince?: Date
  /** Since when all traffic is on our digest, seen by this run while something was in flight. */
  readonly cutOverSince?: Date
  /** The digest was in flight at some time in this run. */
  readonly seenInFlight: boolean
  /** Where Flagger moves the digest: the address of the gate behind its rollback hook is known. */
  readonly canStop: boolean
  /** This run has promoted at least one step. */
  readonly promoted: boolean
  /** This run has seen the digest without a version before it: the first deployment of the workload. */
  readonly initial: boolean
  /** Against the concurrent pods of the old version. */
  readonly judgement?: Judgement
  /** Why there is no judgement. */
  readonly blind?: Fault
  /** Blue-green before its cut-over. */
  readonly preview?: PreviewJudgement
  /** When nothing of the old version serves beside the new one any more. */
  readonly after?: AfterJudgement
  /** Budget and burn alerts of the service as a whole; absent without an SLO. */
  readonly service?: ServiceState
  /** The other workloads of the service that run the digest. */
  readonly companions?: readonly Companion[]
}

export type Action =
  | {
      readonly do: 'stop'
      readonly verdict: Verdict
      readonly reason: ReasonCode
      readonly why: string
      readonly next?: string
    }
  | { readonly do: 'abort'; readonly reason: ReasonCode; readonly why: string }
  | { readonly do: 'promote'; readonly stepIndex: number; readonly why: string; readonly warning?: boolean }
  | {
      readonly do: 'wait'
      readonly reason: ReasonCode
      readonly why: string
      readonly until?: Date
      /** What a person can do about it, where waiting alone may not end it. */
      readonly next?: string
    }

export const BROKEN_MS = 60_000
export const LOST_MS = 2_000

export function olderThan(since: Date | undefined, ms: number, now: Date): boolean {
  return since !== undefined && now.getTime() - since.getTime() >= ms
}

export const laterOf = (a: Date, b: Date) => (a > b ? a : b)

export function stop(verdict: Verdict, reason: ReasonCode, why: string, next?: string): Action {
  return { do: 'stop', verdict, reason, why, ...(next === undefined ? {} : { next }) }
}

/** Rollouts 1.9 loses aborts as it loses promotions: somebody's abort without effect is no reason to go on. */
export function abortAsked(): Action {
  return wait('canary-holding', 'somebody has asked for an abort, and the controller has not taken it up')
}

export function wait(reason: ReasonCode, why: string, until?: Date): Action {
  return { do: 'wait', reason, why, ...(until === undefined ? {} : { until }) }
}

/** Nothing is known while this stands. */
export function waitBlind({ reason, cause, next }: Fault, until?: Date): Action {
  return { do: 'wait', reason, why: cause, next, ...(until === undefined ? {} : { until }) }
}
