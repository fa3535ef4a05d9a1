import { refusal, vetoed, type Wish } from './wish.ts'

export { adopt, stage } from './artifacts.ts'
export { type FailoverWish, failover } from './failover.ts'
export { exclude, failback, hold, include } from './region-notes.ts'
export type { Wish } from './wish.ts'

import type { Config } from '../config/index.ts'
import {
  type LedgerState,
  type NewEvent,
  type ReleaseState,
  regionOf,
  releaseOf,
  vetoOf,
} from '../ledger/index.ts'
import { err, type Fault, ok, type Result } from '../release/index.ts'
import { runs } from './gates.ts'
import { planHash } from './plan.ts'
import { releaseNumber, unfinished } from './rollback.ts'

/** The newest staged release, or the newest one of a digest (and a configuration). */
export function stagedRelease(
  state: LedgerState,
  wanted: { readonly digest?: string; readonly configSha?: string },
): Result<ReleaseState> {
  const found = Object.values(state.releases)
    .filter((r) => wanted.digest === undefined || r.digest === wanted.digest)
    .filter((r) => wanted.configSha === undefined || r.configSha === wanted.configSha)
    .toSorted((a, b) => releaseNumber(a.id) - releaseNumber(b.id))
    .at(-1)
  if (found !== undefined) return ok(found)
  const what = wanted.digest === undefined ? 'No release' : `${wanted.digest}`
  return err(refusal('not-staged', `${what} was never staged.`, 'Run mode `stage` with this digest first.'))
}

/** T1: a release proven on staging becomes the train, or waits behind a train that has begun (depth one). */
export function propose(
  state: LedgerState,
  config: Config,
  release: ReleaseState,
  person: string,
): Result<Wish> {
  const stop = unfit(state, config, release)
  if (stop !== undefined) return err(stop)
  const plan = planHash(release, config)
  const { train, queue } = state
  const waiting = queue === undefined ? undefined : releaseOf(state, queue.release)
  if (release.kind === 'normal' && waiting?.kind === 'hotfix') {
    const cause = `The hotfix ${waiting.id} waits for its turn.`
    return err(refusal('hotfix-waiting', cause, 'Propose the release again when the hotfix is on its way.'))
  }
  const proposed: NewEvent = {
    type: 'proposed',
    release: release.id,
    order: [...config.train.order],
    planHash: plan,
    person,
  }
  const why = `${release.id} is proposed under plan ${plan.slice(0, 12)}`
  if (train?.release === release.id) {
    const begun = train.started.every((region, i) => config.train.order[i] === region)
    if (!begun)
      return err(
        refusal(
          'order-changed',
          'The new order does not begin with the regions that have started.',
          'Keep the order of the regions that were started.',
        ),
      )
    return ok({ events: train.planHash === plan ? [] : [proposed], why })
  }
  if (queue?.release === release.id && queue.planHash === plan) return ok({ events: [], why })
  // S1: before the first region starts, the newer release takes the place. S2: after it, it waits.
  const begun = train !== undefined && train.started.length > 0
  const gives = begun ? queue : train
  const events: NewEvent[] =
    gives === undefined ? [] : [{ type: 'train-ended', release: gives.release, outcome: 'superseded' }]
  return ok({ events: [...events, proposed], why: begun ? `${why}, behind ${train.release}` : why })
}

function unfit(state: LedgerState, config: Config, release: ReleaseState): Fault | undefined {
  if (release.stagingVerifiedAt === undefined) {
    return refusal(
      'not-staged',
      `${release.id} was not seen to serve on staging.`,
      'Run mode `stage` again until it passes.',
    )
  }
  const veto = vetoOf(state, release)
  if (veto !== undefined) return vetoed(release, veto.why)
  if (release.outcome === 'done') {
    return refusal(
      'release-running',
      `${release.id} was shipped before: ${release.outcome}.`,
      'Nothing has to be done; the fix of a bad release is a new digest.',
    )
  }
  if (config.train.order.every((region) => runs(state, region, release))) {
    return refusal(
      'release-running',
      'Every region runs this digest and configuration already.',
      'Nothing has to be done.',
    )
  }
  const live = Object.values(state.releases).filter((r) =>
    config.train.order.some((region) => runs(state, region, r)),
  )
  const newer = live.find((r) => releaseNumber(r.id) > releaseNumber(release.id))
  if (newer === undefined) return undefined
  const cause = `${newer.id} runs in production and is newer than ${release.id}.`
  return refusal('release-older', cause, 'Use the rollback action to go back, or stage a newer release.')
}

/** T2: an approval of exactly the plan that stands in the ledger, by somebody who did not write the release. */
export function approve(
  state: LedgerState,
  config: Config,
  approval: {
    readonly person: string
    readonly at: Date
    readonly plan?: string
    readonly release: ReleaseState
    readonly evidence?: string
  },
): Result<Wish> {
  const { person, release, plan, evidence } = approval
  const train = [state.train, state.queue].find((t) => t?.release === release.id)
  if (train === undefined)
    return err(refusal('train-none', `${release.id} is not proposed.`, 'Run mode `propose` first.'))
  const hash = planHash(release, config)
  if (train.planHash !== hash || (plan !== undefined && plan !== hash)) {
    return err(
      refusal(
        'plan-changed',
        `The plan is ${hash.slice(0, 12)} now; ${(plan ?? train.planHash).slice(0, 12)} was to be approved.`,
        'Run mode `propose` again, look at the plan, and approve that.',
      ),
    )
  }
  const { from } = config.approvals
  if (from !== undefined && !from.includes(person)) {
    const cause = `${person} is not among those who may approve.`
    return err(refusal('approver-not-allowed', cause, `Ask one of ${from.join(', ')}.`))
  }
  if (person === release.author) {
    return err(refusal('approver-is-author', `${person} wrote ${release.id}.`, 'Let somebody else approve.'))
  }
  const until = new Date(approval.at.getTime() + config.approvals.expiresMs)
  const same = train.approvals.find(
    (a) => a.person === person && a.planHash === hash && new Date(a.until) > approval.at,
  )
  const why = `${person} approves ${release.id} under plan ${hash.slice(0, 12)}`
  if (same !== undefined) return ok({ events: [], why })
  const event = {
    type: 'approved',
    release: release.id,
    planHash: hash,
    person,
    until: until.toISOString(),
    ...(evidence !== undefined && { evidence }),
  } as const
  return ok({ events: [event], why })
}

/** Taken back: the train waits at its next gate, also after it has begun. */
export function revoke(
  state: LedgerState,
  release: ReleaseState,
  { person, reason }: { readonly person: string; readonly reason: string },
): Result<Wish> {
  const train = [state.train, state.queue].find((t) => t?.release === release.id)
  if (train === undefined)
    return err(refusal('train-none', `${release.id} is not proposed.`, 'There is no approval to take back.'))
  const given = train.approvals.some((a) => a.person === person)
  const why = `${person} takes the approval of ${release.id} back: ${reason}`
  return ok({ events: given ? [{ type: 'revoked', release: release.id, person, why: reason }] : [], why })
}

/** A person ends the train. What regions have verified stays; a region on its way first finishes or goes back. */
export function cancel(
  state: LedgerState,
  config: Config,
  { person, reason }: { readonly person: string; readonly reason: string },
): Result<Wish> {
  const { train } = state
  if (train === undefined) return ok({ events: [], why: 'no release is proposed' })
  const busy = config.train.order.find((name) => {
    const phase = regionOf(state, name)?.phase ?? 'steady'
    return !['steady', 'migrated', 'baking'].includes(phase)
  })
  if (busy !== undefined) {
    const cause = `${train.release} is on its way in ${busy}.`
    return err(refusal('release-running', cause, 'Let the region finish, or use the rollback action.'))
  }
  const outcome = train.started.length > 0 ? 'partial' : 'cancelled'
  const why = `${person} ends the train of ${train.release}: ${reason}`
  return ok({ events: [{ type: 'train-ended', release: train.release, outcome, person, why: reason }], why })
}

/** A release that a person has found bad never goes out again; one that runs goes back by the rollback action. */
export function veto(
  state: LedgerState,
  config: Config,
  release: ReleaseState,
  { person, reason }: { readonly person: string; readonly reason: string },
): Result<Wish> {
  if (vetoOf(state, release) !== undefined) return ok({ events: [], why: `${release.id} is vetoed already` })
  const running = config.train.order.find((region) => runs(state, region, release))
  if (running !== undefined) {
    const cause = `${release.id} runs in ${running}.`
    return err(refusal('release-running', cause, 'Use the rollback action: it takes it back and vetoes it.'))
  }
  const events: NewEvent[] = [{ type: 'vetoed', digest: release.digest, why: reason, person }]
  for (const train of [state.train, state.queue]) {
    const waits = train === undefined ? undefined : releaseOf(state, train.release)
    // The same image may wait under another number.
    if (waits?.digest !== release.digest) continue
    events.push({ type: 'train-ended', release: waits.id, outcome: 'cancelled', person, why: reason })
  }
  return ok({ events, why: `${person} vetoes ${release.id}: ${reason}` })
}

/** Of a region: the end of its hold. Of the service (no region): T11, the end of the halt. */
export function resume(
  state: LedgerState,
  region: string | undefined,
  person: string,
  reason: string,
): Result<Wish> {
  if (region !== undefined) {
    const why = `${person} lets ${region} go on: ${reason}`
    const held = regionOf(state, region)?.hold !== undefined
    return ok({ events: held ? [{ type: 'resumed', region, person, reason }] : [], why })
  }
  if (state.halt === undefined) return ok({ events: [], why: 'the service is not halted' })
  const left = unfinished(state)
  if (left.length > 0) {
    const cause = `${left.join(', ')} still has to go back.`
    return err(
      refusal(
        'rollback-unfinished',
        cause,
        'Run the rollback action, or `next`, until it says `rolled-back`.',
      ),
    )
  }
  return ok({
    events: [{ type: 'cleared', person, why: reason }],
    why: `${person} clears the halt: ${reason}`,
  })
}

export function halt(state: LedgerState, person: string, reason: string): Wish {
  const why = `${person} halts the service: ${reason}`
  if (state.halt !== undefined)
    return { events: [], why: `halted already by ${state.halt.by}: ${state.halt.why}` }
  const release = state.train?.release
  const event: NewEvent = {
    type: 'halted',
    reason: 'halted',
    why: reason,
    person,
    auto: false,
    regions: [],
    ...(release !== undefined && { release }),
  }
  return { events: [event], why }
}
