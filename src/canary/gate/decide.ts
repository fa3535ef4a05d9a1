import type { RolloutView } from '../../cluster/index.ts'
import {
  type Digest,
  type Fault,
  formatDuration,
  type ReasonCode,
  shortDigest,
  type Verdict,
} from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'

export interface Policy {
  readonly digest: Digest
  readonly holdsMs: Readonly<Record<number, number>>
  /** What to do when a step's time, once extended, ends without enough evidence. */
  readonly inconclusive: 'hold' | 'promote-with-warning' | 'abort'
}

/** Everything a decision is made from: nothing else is looked at. */
export interface Situation {
  readonly now: Date
  readonly view: RolloutView
  /** The current ReplicaSet carries the image of the spec, and the spec was observed. */
  readonly identified: boolean
  /** Our digest was the observed one at some time in this run. */
  readonly seenBefore: boolean
  readonly notStartedUntil: Date
  /** The routes give all traffic to our digest. */
  readonly servesAll: boolean
  /** Since when the canary, which takes traffic, has no ready pod or crashes in a loop. */
  readonly brokenSince?: Date
  readonly invalidSince?: Date
  /** Since when a promotion is taken up and nothing moves. */
  readonly unpausingSince?: Date
  /** This run has promoted at least one step. */
  readonly promoted: boolean
  /** This run has seen the digest without a stable version beside it: the first deployment of the workload. */
  readonly initial: boolean
  readonly judgement?: Judgement
  /** Why there is no judgement. */
  readonly blind?: Fault
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
  | { readonly do: 'wait'; readonly reason: ReasonCode; readonly why: string; readonly until?: Date }

const BROKEN_MS = 60_000
/** The controller tries an invalid spec again every 20 s. */
const INVALID_MS = 25_000
const LOST_MS = 2_000

export function decide(policy: Policy, situation: Situation): Action {
  const { view, now } = situation
  const ours = shortDigest(policy.digest)
  if (view.specDigest !== policy.digest) return notOurs(policy, situation)
  if (view.invalidSpec !== undefined && olderThan(situation.invalidSince, INVALID_MS, now)) {
    return stop(
      'fail',
      'canary-invalid-spec',
      `the controller refuses the spec: ${view.invalidSpec}`,
      'Correct the Rollout in the chart.',
    )
  }
  if (!situation.identified) {
    return now > situation.notStartedUntil && !situation.seenBefore
      ? notStarted(`the controller has not taken up ${ours}: ${view.why}`)
      : wait('canary-not-started', `the controller is taking up ${ours}`)
  }
  if (view.abortedAt !== undefined) {
    const next =
      'Read why in the run that aborted it; a fix goes out as a new digest, after a rollback has pinned the old one.'
    return stop(
      'fail',
      'canary-aborted',
      `the rollout of ${ours} was aborted at ${view.abortedAt.toISOString()}`,
      next,
    )
  }
  if (!view.inFlight || view.stableHash === undefined) return finished(situation, ours)
  return inFlight(policy, situation, ours)
}

function notOurs(policy: Policy, { view, seenBefore, notStartedUntil, now }: Situation): Action {
  const ours = shortDigest(policy.digest)
  const theirs = view.specDigest === undefined ? 'an image without a digest' : shortDigest(view.specDigest)
  if (seenBefore) {
    const next = 'Look at the pin of this environment in the GitOps repository: someone pinned another image.'
    return stop('fail', 'canary-superseded', `${theirs} took the place of ${ours}`, next)
  }
  return now > notStartedUntil
    ? notStarted(`the Rollout still asks for ${theirs}, not for ${ours}`)
    : wait('canary-not-started', `waiting for ${ours}; the Rollout asks for ${theirs}`)
}

function notStarted(why: string): Action {
  const next =
    'Look at the Application of this environment in Argo CD: the pin was not synced to the cluster.'
  return stop('unknown', 'canary-not-started', why, next)
}

/** Nothing in flight: the digest is stable, or it is the first one there ever was. */
function finished({ view, servesAll, promoted, initial }: Situation, ours: string): Action {
  if (!servesAll || view.phase !== 'healthy') {
    return wait(
      'canary-holding',
      `${ours} is promoted, its pods do not serve all traffic yet (${view.why || view.phase})`,
    )
  }
  if (initial) {
    return stop(
      'pass',
      'canary-initial-deploy',
      `${ours} is the first version of the workload and serves all traffic; nothing could be compared`,
    )
  }
  if (promoted) return stop('pass', 'canary-promoted', `${ours} serves all traffic`)
  return stop('pass', 'canary-already-promoted', `${ours} serves all traffic already; nothing was in flight`)
}

function inFlight(policy: Policy, situation: Situation, ours: string): Action {
  const { view, now, judgement, blind } = situation
  if (judgement?.verdict === 'abort') return { do: 'abort', reason: judgement.reason, why: judgement.why }
  if (olderThan(situation.brokenSince, BROKEN_MS, now)) {
    const why = `no pod of ${ours} has been ready, or they crash in a loop, for a minute`
    return { do: 'abort', reason: 'canary-not-ready', why }
  }
  if (view.pausedByPerson) return wait('canary-paused-by-person', 'spec.paused is set; take it away to go on')
  if (view.unpausing) {
    if (!olderThan(situation.unpausingSince, LOST_MS, now))
      return wait('canary-holding', 'the controller takes up a promotion')
    return {
      do: 'promote',
      stepIndex: view.stepIndex,
      why: 'a promotion of this step was lost by the controller',
    }
  }
  if (view.pausedSince === undefined) {
    return wait(
      view.deadlineExceeded ? 'canary-degraded' : 'canary-holding',
      `moving to ${view.stepWeight} %: ${view.why || view.phase}`,
    )
  }
  if (view.pauseReason !== 'CanaryPauseStep') {
    return wait('canary-holding', `paused by ${view.pauseReason}, which is not for the gate to end`)
  }
  const hold = policy.holdsMs[view.stepWeight] ?? 0
  const over = new Date(view.pausedSince.getTime() + hold)
  if (blind !== undefined || judgement === undefined) {
    return wait(blind?.reason ?? 'canary-blind', blind?.cause ?? 'no samples yet', laterOf(over, now))
  }
  if (judgement.verdict === 'hold') return wait(judgement.reason, judgement.why, laterOf(over, now))
  if (now < over) {
    return wait('canary-holding', `${view.stepWeight} % until ${over.toISOString()}; ${judgement.why}`, over)
  }
  if (judgement.verdict === 'promote') {
    return {
      do: 'promote',
      stepIndex: view.stepIndex,
      why: `${formatDuration(hold)} at ${view.stepWeight} %; ${judgement.why}`,
    }
  }
  return inconclusive(policy, situation, judgement, new Date(over.getTime() + hold))
}

/** A step is extended once; then the policy decides. */
function inconclusive(
  policy: Policy,
  { view, now }: Situation,
  judgement: Judgement,
  extended: Date,
): Action {
  const power = judgement.sufficiency
    .map(({ metric, smallestDetectable: rate }) =>
      rate === undefined ? undefined : `${metric} from ${(100 * rate).toPrecision(2)} % on`,
    )
    .filter((each) => each !== undefined)
  const why = `${judgement.why}; a defect would show ${power.join(', ') || 'at no rate'}`
  if (now < extended) return wait(judgement.reason, `${why}; extended`, extended)
  if (policy.inconclusive === 'promote-with-warning')
    return { do: 'promote', stepIndex: view.stepIndex, why, warning: true }
  if (policy.inconclusive === 'abort') return { do: 'abort', reason: judgement.reason, why }
  return wait(judgement.reason, why)
}

function olderThan(since: Date | undefined, ms: number, now: Date): boolean {
  return since !== undefined && now.getTime() - since.getTime() >= ms
}

const laterOf = (a: Date, b: Date) => (a > b ? a : b)

function stop(verdict: Verdict, reason: ReasonCode, why: string, next?: string): Action {
  return { do: 'stop', verdict, reason, why, ...(next === undefined ? {} : { next }) }
}

function wait(reason: ReasonCode, why: string, until?: Date): Action {
  return { do: 'wait', reason, why, ...(until === undefined ? {} : { until }) }
}
