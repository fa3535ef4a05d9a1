import type { LiveCanary } from '../../cluster/index.ts'
import { formatDuration } from '../../release/index.ts'
import type { Judgement } from '../judge/verdict.ts'
import {
  type Action,
  abortAsked,
  BROKEN_MS,
  LOST_MS,
  laterOf,
  olderThan,
  type Policy,
  type Situation,
  wait,
} from './actions.ts'
import { badCompanion, unwellCompanion } from './decide-companions.ts'
import { troubledService } from './decide-service.ts'

/** A canary in flight: an alarm counts at once, a promotion after the hold and on evidence. */
export function canary(
  policy: Policy & { readonly holdsMs: Readonly<Record<number, number>> },
  situation: Situation,
  live: LiveCanary,
  ours: string,
): Action {
  const { now, judgement, blind } = situation
  const { view } = live
  if (judgement?.verdict === 'abort') return { do: 'abort', reason: judgement.reason, why: judgement.why }
  if (olderThan(situation.brokenSince, BROKEN_MS, now)) {
    const why = `no pod of ${ours} has been ready, or they crash in a loop, for a minute`
    return { do: 'abort', reason: 'canary-not-ready', why }
  }
  const bad = badCompanion(situation)
  if (bad !== undefined) return bad
  if (view.abortRequested) return abortAsked()
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
  if (live.router !== 'none' && (live.weight < view.stepWeight || !live.verified)) {
    const why = `the step asks for ${view.stepWeight} %, the routes give ${live.weight} %${live.verified ? '' : ', not confirmed'}`
    return wait('canary-weight-off', `${why}: what is not sent is not tested`)
  }
  if (blind !== undefined || judgement === undefined) {
    return wait(blind?.reason ?? 'canary-blind', blind?.cause ?? 'no samples yet', laterOf(over, now))
  }
  if (judgement.verdict === 'hold') return wait(judgement.reason, judgement.why, laterOf(over, now))
  const held = troubledService(policy, situation) ?? unwellCompanion(situation)
  if (held !== undefined) return held
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
  return inconclusive(policy, situation, view.stepIndex, judgement, new Date(over.getTime() + hold))
}

/** A step is extended once; then the policy decides. */
function inconclusive(
  policy: Policy,
  { now }: Situation,
  stepIndex: number,
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
  if (policy.inconclusive === 'promote-with-warning') return { do: 'promote', stepIndex, why, warning: true }
  if (policy.inconclusive === 'abort') return { do: 'abort', reason: judgement.reason, why }
  return wait(judgement.reason, why)
}
