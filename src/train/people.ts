import { refusal, vetoed, type Wish } from './wish.ts'

export { adopt, stage } from './artifacts.ts'
export type { Wish } from './wish.ts'

import type { Config } from '../config/index.ts'
import { type LedgerState, type NewEvent, type ReleaseState, regionOf, vetoOf } from '../ledger/index.ts'
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
  if (release.outcome !== undefined && release.outcome !== 'superseded') {
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
  },
): Result<Wish> {
  const { person, release, plan } = approval
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
  if (person === release.author) {
    return err(refusal('approver-is-author', `${person} wrote ${release.id}.`, 'Let somebody else approve.'))
  }
  const until = new Date(approval.at.getTime() + config.approvals.expiresMs)
  const same = train.approvals.find(
    (a) => a.person === person && a.planHash === hash && new Date(a.until) > approval.at,
  )
  const why = `${person} approves ${release.id} under plan ${hash.slice(0, 12)}`
  if (same !== undefined) return ok({ events: [], why })
  return ok({
    events: [{ type: 'approved', release: release.id, planHash: hash, person, until: until.toISOString() }],
    why,
  })
}

export function hold(state: LedgerState, region: string, person: string, reason: string): Wish {
  const why = `${person} holds ${region}: ${reason}`
  if (regionOf(state, region)?.hold !== undefined) return { events: [], why: `${region} is held already` }
  return { events: [{ type: 'held', region, person, reason }], why }
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
