import type { LiveDeployment } from '../../cluster/index.ts'
import { type Action, BROKEN_MS, olderThan, type Policy, type Situation, stop, wait } from './actions.ts'
import { watchAfter } from './decide-blue-green.ts'
import { badCompanion } from './decide-companions.ts'

/**
 * A rolling update goes on by itself: nothing is promoted. While old and new pods answer side by side they are
 * compared; when only new ones are left, they are watched against what was before. The way back is the template
 * before.
 */
export function deployment(policy: Policy, situation: Situation, live: LiveDeployment, ours: string): Action {
  const { now, judgement, blind, cutOverSince } = situation
  const serves = live.routed.served.some((each) => each.digest === policy.digest && each.share === 1)
  if (!live.inFlight && cutOverSince === undefined) {
    if (!serves) return wait('canary-holding', `${ours} does not serve all traffic yet: ${live.why}`)
    return situation.initial || live.old === undefined
      ? stop(
          'pass',
          'canary-initial-deploy',
          `${ours} is the first version of the Deployment; nothing could be compared`,
        )
      : stop('pass', 'canary-already-promoted', `${ours} serves all traffic already; nothing was in flight`)
  }
  if (judgement?.verdict === 'abort') return { do: 'abort', reason: judgement.reason, why: judgement.why }
  if (olderThan(situation.brokenSince, BROKEN_MS, now)) {
    const why = `no pod of ${ours} has been ready, or they crash in a loop, for a minute`
    return { do: 'abort', reason: 'canary-not-ready', why }
  }
  const bad = badCompanion(situation)
  if (bad !== undefined) return bad
  if (cutOverSince !== undefined && !live.inFlight) {
    if (situation.initial) {
      return stop(
        'pass',
        'canary-initial-deploy',
        `${ours} is the first version of the Deployment; nothing could be compared`,
      )
    }
    return watchAfter(policy, situation, live, ours)
  }
  if (live.pausedByPerson) return wait('canary-paused-by-person', 'spec.paused is set; take it away to go on')
  if (live.deadlineExceeded) return wait('canary-degraded', live.why)
  const told = blind?.cause ?? judgement?.why ?? 'no samples yet'
  return wait('canary-holding', `rolling, ${live.weight} % of the pods are new; ${told}`)
}
