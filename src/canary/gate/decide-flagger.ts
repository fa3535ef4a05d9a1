import type { LiveFlagger } from '../../cluster/index.ts'
import { type Action, BROKEN_MS, olderThan, type Situation, stop, wait } from './actions.ts'
import { badCompanion } from './decide-companions.ts'

/**
 * Flagger promotes by its own schedule and its own checks: the gate promotes nothing, changes nothing that Flagger
 * reconciles, and stops a bad canary through the rollback hook. When Flagger is done, its word is the outcome.
 */
export function flagger(situation: Situation, live: LiveFlagger, ours: string): Action {
  if (live.phase === 'Failed') return failed(live, ours)
  if (!live.inFlight) return finished(situation, live, ours)
  const bad = alarm(situation, ours)
  if (bad !== undefined)
    return live.phase === 'Initializing' ? waiting(situation, live) : end(situation, live, bad)
  return waiting(situation, live)
}

function alarm(situation: Situation, ours: string): (Action & { do: 'abort' }) | undefined {
  const { judgement, brokenSince, now } = situation
  if (judgement?.verdict === 'abort') return { do: 'abort', reason: judgement.reason, why: judgement.why }
  if (olderThan(brokenSince, BROKEN_MS, now)) {
    const why = `no pod of ${ours} has been ready, or they crash in a loop, for a minute`
    return { do: 'abort', reason: 'canary-not-ready', why }
  }
  const companion = badCompanion(situation)
  return companion?.do === 'abort' ? companion : undefined
}

/** An alarm that cannot be acted on is an answer, not a wait: every further minute is traffic on a bad version. */
function end({ canStop }: Situation, live: LiveFlagger, bad: Action & { do: 'abort' }): Action {
  const obstacle = !live.stoppable
    ? `the Canary is in phase ${live.phase}, in which Flagger asks no rollback hook`
    : !live.hasRollbackHook
      ? 'the Canary has no webhook of type rollback'
      : canStop
        ? undefined
        : 'no flagger-rollback-url was given'
  if (obstacle === undefined) return bad
  const next =
    'Run the rollback action now. Give the Canary a webhook of type `rollback` and this action its address, and the next one is stopped.'
  return stop('fail', 'flagger-not-stopped', `${bad.why} (${bad.reason}); ${obstacle}`, next)
}

function waiting({ judgement, blind }: Situation, live: LiveFlagger): Action {
  if (live.suspended)
    return wait('flagger-suspended', 'spec.suspend of the Canary is set; take it away to go on')
  const told = `${live.phase} at ${live.weight} %, ${live.failedChecks} failed checks; ${blind?.cause ?? judgement?.why ?? 'no samples yet'}`
  const held = live.phase === 'Waiting' || live.phase === 'WaitingPromotion'
  return held
    ? wait('flagger-waiting', `Flagger waits for a hook: ${told}`)
    : wait('flagger-progressing', told)
}

/** Since Flagger 1.44 `Failed` may leave all traffic on the new version, when its primary did not start. */
function failed(live: LiveFlagger, ours: string): Action {
  const where =
    live.weight === 0 ? 'the version before serves all traffic' : `${ours} still serves ${live.weight} %`
  return stop(
    'fail',
    'flagger-failed',
    `Flagger has failed ${ours}: ${live.why} ${where}`,
    live.weight === 0
      ? 'Read the events of the Canary; a fix goes out as a new digest.'
      : 'Look at the primary Deployment: Flagger could not start the new version there.',
  )
}

function finished(situation: Situation, live: LiveFlagger, ours: string): Action {
  const serves = live.routed.served.some((each) => each.digest === live.specDigest && each.share === 1)
  if (!serves)
    return wait('flagger-progressing', `${ours} is promoted, its pods do not serve all traffic yet`)
  if (live.phase === 'Initialized') {
    return stop('pass', 'canary-initial-deploy', `${ours} is the first version; nothing could be compared`)
  }
  if (!situation.seenInFlight) {
    return stop(
      'pass',
      'canary-already-promoted',
      `${ours} serves all traffic already; nothing was in flight`,
    )
  }
  const told = situation.judgement?.why ?? situation.blind?.cause ?? 'the gate had no samples of its own'
  return stop('pass', 'flagger-promoted', `Flagger has promoted ${ours}; own evidence: ${told}`)
}
