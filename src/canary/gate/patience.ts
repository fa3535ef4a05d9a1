import type { Fault, ReasonCode } from '../../release/index.ts'

/**
 * A controller that has lost its API server tries to reach it again after up to 30 s (the back-off of client-go's
 * reflectors), and a promotion or an abort has no effect before that.
 */
const PATIENCE_MS = 60_000

/** Overtaken between the look and the write, or the server is away: the next look says by what. */
const LOOK_AGAIN: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'rollout-superseded',
  'promote-not-paused',
  'cluster-conflict',
  'cluster-unreachable',
  'flagger-not-stopped',
])

/**
 * What passes by itself where it worked a moment ago. An API server that has just started refuses what it allowed
 * before (403, 401) and does not know its custom resources (404) until its caches are filled.
 */
const MAY_PASS: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'promote-not-effective',
  'abort-not-effective',
  'permission-denied',
  'credentials-expired',
  'cluster-object-missing',
  'cluster-answer-unreadable',
  'flagger-gate-refused',
])

/** Bears a fault for a while where it would be wrong to believe it at once, and wrong to wait for ever. */
export class Patience {
  private since: number | undefined

  worked(): void {
    this.since = undefined
  }

  /** `began`: the start of the attempt that ended in the fault. */
  bears({ reason }: Pick<Fault, 'reason'>, began: Date, now: Date): boolean {
    if (LOOK_AGAIN.has(reason)) return true
    if (!MAY_PASS.has(reason)) return false
    this.since ??= began.getTime()
    return now.getTime() - this.since < PATIENCE_MS
  }
}
