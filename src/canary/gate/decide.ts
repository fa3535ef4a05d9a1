import { viewOf } from '../../cluster/index.ts'
import { shortDigest } from '../../release/index.ts'
import { type Action, olderThan, type Policy, type Situation, stop, wait } from './actions.ts'
import { blueGreen } from './decide-blue-green.ts'
import { canary } from './decide-canary.ts'
import { deployment } from './decide-deployment.ts'
import { flagger } from './decide-flagger.ts'
import { holdsOf } from './holds.ts'

export type { Action, Policy, Situation } from './actions.ts'

/** The controller tries an invalid spec again every 20 s. */
const INVALID_MS = 25_000
/** A controller that owns the Rollout writes its status within a second. */
const UNOBSERVED_MS = 20_000

/** Identity first: whose image it is, and whether the controller has taken it up. Then what its kind allows. */
export function decide(policy: Policy, situation: Situation): Action {
  const { live, now } = situation
  const ours = shortDigest(policy.digest)
  if (live.specDigest !== policy.digest) return notOurs(policy, situation)
  const view = viewOf(live)
  if (view?.invalidSpec !== undefined && olderThan(situation.invalidSince, INVALID_MS, now)) {
    return stop(
      'fail',
      'canary-invalid-spec',
      `the controller refuses the spec: ${view.invalidSpec}`,
      'Correct the Rollout in the chart.',
    )
  }
  if (!live.identified) {
    if (view?.instanceId !== undefined && olderThan(situation.unobservedSince, UNOBSERVED_MS, now)) {
      return stop(
        'unknown',
        'canary-other-instance',
        `the Rollout belongs to the controller instance ${view.instanceId}, and none has taken it up`,
        'Start an Argo Rollouts controller with this --instance-id, or take the label controller-instance-id away.',
      )
    }
    return now > situation.notStartedUntil && !situation.seenBefore
      ? notStarted(`the controller has not taken up ${ours}: ${live.why}`)
      : wait('canary-not-started', `the controller is taking up ${ours}`)
  }
  if (view?.abortedAt !== undefined) {
    const next =
      'Read why in the run that aborted it; a fix goes out as a new digest, after a rollback has pinned the old one.'
    return stop(
      'fail',
      'canary-aborted',
      `the rollout of ${ours} was aborted at ${view.abortedAt.toISOString()}`,
      next,
    )
  }
  if (live.kind === 'deployment') return deployment(policy, situation, live, ours)
  if (live.kind === 'flagger') return flagger(situation, live, ours)
  if (!live.inFlight || live.view.stableHash === undefined) {
    return live.kind === 'blue-green' && situation.cutOverSince !== undefined
      ? blueGreen(policy, situation, live, ours)
      : finished(situation, ours)
  }
  return live.kind === 'canary'
    ? canary({ ...policy, holdsMs: holdsOf(live, policy.holdsMs) }, situation, live, ours)
    : blueGreen(policy, situation, live, ours)
}

function notOurs(policy: Policy, { live, seenBefore, notStartedUntil, now }: Situation): Action {
  const ours = shortDigest(policy.digest)
  const theirs = live.specDigest === undefined ? 'an image without a digest' : shortDigest(live.specDigest)
  if (seenBefore) {
    const next = 'Look at the pin of this environment in the GitOps repository: someone pinned another image.'
    return stop('fail', 'canary-superseded', `${theirs} took the place of ${ours}`, next)
  }
  return now > notStartedUntil
    ? notStarted(`the workload still asks for ${theirs}, not for ${ours}`)
    : wait('canary-not-started', `waiting for ${ours}; the workload asks for ${theirs}`)
}

function notStarted(why: string): Action {
  const next =
    'Look at the Application of this environment in Argo CD: the pin was not synced to the cluster.'
  return stop('unknown', 'canary-not-started', why, next)
}

/** Nothing in flight: the digest is stable, or it is the first one there ever was. */
function finished({ live, promoted, initial }: Situation, ours: string): Action {
  const servesAll = live.routed.served.some((each) => each.digest === live.specDigest && each.share === 1)
  if (!servesAll || !live.healthy) {
    return wait(
      'canary-holding',
      `${ours} is promoted, its pods do not serve all traffic yet (${live.why || 'not healthy'})`,
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
