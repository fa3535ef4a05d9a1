import type { LiveBlueGreen } from '../../cluster/index.ts'
import {
  type Action,
  abortAsked,
  BROKEN_MS,
  LOST_MS,
  olderThan,
  type Policy,
  type Situation,
  stop,
  wait,
} from './actions.ts'
import { badCompanion, unwellCompanion } from './decide-companions.ts'
import { troubledService } from './decide-service.ts'
import { holdsOf } from './holds.ts'

/**
 * Blue-green: before the cut-over only probes of the preview Service say something; after it the new version has all
 * traffic and nothing beside it, so it is watched against what was before, for the hold of weight 100.
 */
export function blueGreen(policy: Policy, situation: Situation, live: LiveBlueGreen, ours: string): Action {
  const { now } = situation
  if (olderThan(situation.brokenSince, BROKEN_MS, now)) {
    const why = `no pod of ${ours} has been ready, or they crash in a loop, for a minute`
    return { do: 'abort', reason: 'canary-not-ready', why }
  }
  const bad = badCompanion(situation)
  if (bad !== undefined) return bad
  return live.cutOver === 'before'
    ? beforeCutOver(policy, situation, live, ours)
    : watchAfter(policy, situation, live, ours)
}

function beforeCutOver(policy: Policy, situation: Situation, live: LiveBlueGreen, ours: string): Action {
  const { now, preview } = situation
  const { view } = live
  if (preview?.verdict === 'bad') return { do: 'abort', reason: preview.reason, why: preview.why }
  if (view.abortRequested) return abortAsked()
  if (view.pausedByPerson) return wait('canary-paused-by-person', 'spec.paused is set; take it away to go on')
  if (view.unpausing) {
    const lost = olderThan(situation.unpausingSince, LOST_MS, now)
    return lost
      ? { do: 'promote', stepIndex: 0, why: 'the cut-over was lost by the controller' }
      : wait('canary-holding', 'the controller takes up the cut-over')
  }
  if (view.pausedSince === undefined) {
    const reason = view.deadlineExceeded ? 'canary-degraded' : 'canary-holding'
    return wait(reason, `${ours} starts behind the preview Service: ${view.why || view.phase}`)
  }
  if (view.pauseReason !== 'BlueGreenPause') {
    return wait('canary-holding', `paused by ${view.pauseReason}, which is not for the gate to end`)
  }
  if (live.fresh?.complete !== true) return wait('canary-holding', `not every pod of ${ours} is ready`)
  if (preview === undefined) {
    return wait(
      'canary-no-probes',
      'before the cut-over no user reaches the new pods, and no address of the preview Service was given to probe',
    )
  }
  if (preview.verdict === 'few') return wait(preview.reason, preview.why)
  const held = troubledService(policy, situation) ?? unwellCompanion(situation)
  return held ?? { do: 'promote', stepIndex: 0, why: preview.why }
}

export function watchAfter(
  policy: Policy,
  situation: Situation,
  live: Situation['live'],
  ours: string,
): Action {
  const { now, after, cutOverSince, blind } = situation
  if (after?.verdict === 'bad') return { do: 'abort', reason: after.reason, why: after.why }
  const over = new Date((cutOverSince ?? now).getTime() + (holdsOf(live, policy.holdsMs)[100] ?? 0))
  const servesAll = live.routed.served.some((each) => each.digest === policy.digest && each.share === 1)
  if (!servesAll) return wait('canary-holding', `${ours} does not serve all traffic yet: ${live.why}`)
  if (blind !== undefined) return wait(blind.reason, blind.cause, over)
  if (after === undefined || after.verdict === 'blind') {
    return wait(after?.reason ?? 'canary-blind', after?.why ?? 'no samples yet', over)
  }
  const unwell = unwellCompanion(situation)
  if (unwell !== undefined) return unwell
  if (now < over)
    return wait('canary-holding', `all traffic, watched until ${over.toISOString()}; ${after.why}`, over)
  if (after.verdict === 'few') return wait(after.reason, after.why)
  if (!live.healthy)
    return wait('canary-holding', `${ours} serves all traffic and is not settled: ${live.why}`)
  return stop('pass', 'canary-promoted', `${ours} serves all traffic; ${after.why}`)
}
