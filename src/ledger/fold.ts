import type { EventOf, LedgerEvent } from './events.ts'
import {
  fresh,
  inRegion,
  knownRelease,
  moved,
  noted,
  settled,
  Unfoldable,
  verifiedKept,
} from './fold-region.ts'
import { type LedgerState, type RegionState, type ReleaseState, regionOf, type TrainState } from './state.ts'

const startsKept = 16

/** One event later. Pure; `hash` is the hash of the event's line. */
export function fold(state: LedgerState, event: LedgerEvent, hash: string): LedgerState {
  const next = apply(state, event)
  return {
    ...next,
    head: { seq: state.head.seq + 1, hash },
    lastAt: state.lastAt !== undefined && state.lastAt > event.at ? state.lastAt : event.at,
    clock: event.clock,
  }
}

function apply(state: LedgerState, event: LedgerEvent): LedgerState {
  switch (event.type) {
    case 'staged':
      return staged(state, event)
    case 'staging-verified':
      return withRelease(
        setRegion(state, { ...inRegion(state, event), phase: 'steady', since: event.at }),
        event.release,
        {
          stagingVerifiedAt: event.at,
        },
      )
    case 'adopted':
      return adopted(state, event)
    case 'proposed':
      return proposed(state, event)
    case 'approved':
      return approved(state, event)
    case 'revoked':
      return revoked(state, event)
    case 'train-ended':
      return trainEnded(state, event)
    case 'halted':
      return { ...state, halt: halted(event) }
    case 'cleared': {
      const { halt: _, ...rest } = state
      return rest
    }
    case 'vetoed': {
      const { digest, configSha, at, why } = event
      return { ...state, vetoed: [...state.vetoed, { digest, ...(configSha && { configSha }), at, why }] }
    }
    case 'started':
      return started(state, event)
    case 'held':
    case 'resumed':
    case 'excluded':
    case 'included':
    case 'failed-over':
    case 'failed-back':
      return setRegion(state, noted(regionOf(state, event.region) ?? fresh(event), event))
    case 'rolled-back': {
      const { target: _, ...rest } = inRegion(state, event)
      const region: RegionState = { ...rest, phase: 'steady', since: event.at }
      return withoutPending(setRegion(state, region), event.region)
    }
    default:
      return setRegion(state, moved(state, event))
  }
}

function staged(state: LedgerState, e: EventOf<'staged'>): LedgerState {
  const count = state.releaseCount + 1
  if (e.release !== `r${count}`) throw new Unfoldable(`${e.id}: release ${e.release} is out of order`)
  const release: ReleaseState = {
    id: e.release,
    digest: e.digest,
    configSha: e.configSha,
    sourceSha: e.sourceSha,
    kind: e.kind,
    author: e.author,
    stagedAt: e.at,
    ...(e.incident && { incident: e.incident }),
    ...(e.claims !== undefined && { claims: e.claims }),
  }
  const before = regionOf(state, e.region) ?? fresh(e)
  const region: RegionState = {
    ...before,
    phase: 'pinned',
    since: e.at,
    release: e.release,
    transition: e.transition,
    pins: e.pins,
    base: e.base,
  }
  return prune(
    setRegion(
      { ...state, releaseCount: count, releases: { ...state.releases, [e.release]: release } },
      region,
    ),
  )
}

function adopted(state: LedgerState, e: EventOf<'adopted'>): LedgerState {
  const before = regionOf(state, e.region) ?? fresh(e)
  const verified = { digest: e.digest, configSha: e.configSha, at: e.at }
  // What was adopted was pinned by nobody here: which commit carried it is not known and not asked for.
  const { base: _, target: _t, ...rest } = settled(before, e.at)
  return setRegion(state, {
    ...rest,
    pins: e.pins,
    verified: [...before.verified, verified].slice(-verifiedKept),
  })
}

function proposed(state: LedgerState, e: EventOf<'proposed'>): LedgerState {
  knownRelease(state, e.release)
  const train: TrainState = {
    release: e.release,
    order: e.order,
    planHash: e.planHash,
    proposedAt: e.at,
    proposedBy: e.person,
    approvals: [],
    started: [],
  }
  // Proposed again after the policy changed: the same train under a new plan, its approvals void by their hash.
  if (state.train?.release === e.release) {
    return { ...state, train: { ...train, approvals: state.train.approvals, started: state.train.started } }
  }
  return state.train === undefined ? { ...state, train } : { ...state, queue: train }
}

function approved(state: LedgerState, e: EventOf<'approved'>): LedgerState {
  const { person, planHash, at, until, evidence } = e
  const approval = { person, planHash, at, until, ...(evidence !== undefined && { evidence }) }
  const add = (t: TrainState): TrainState => ({
    ...t,
    approvals: [...t.approvals.filter((a) => a.person !== e.person), approval],
  })
  if (state.train?.release === e.release) return { ...state, train: add(state.train) }
  if (state.queue?.release === e.release) return { ...state, queue: add(state.queue) }
  throw new Unfoldable(`${e.id}: approval of ${e.release}, which is not proposed`)
}

function revoked(state: LedgerState, e: EventOf<'revoked'>): LedgerState {
  const without = (t: TrainState): TrainState => ({
    ...t,
    approvals: t.approvals.filter((a) => a.person !== e.person),
  })
  if (state.train?.release === e.release) return { ...state, train: without(state.train) }
  if (state.queue?.release === e.release) return { ...state, queue: without(state.queue) }
  throw new Unfoldable(`${e.id}: approval of ${e.release}, which is not proposed`)
}

function trainEnded(state: LedgerState, e: EventOf<'train-ended'>): LedgerState {
  const ended = unstarted(withRelease(state, e.release, { outcome: e.outcome, endedAt: e.at }), e)
  const { train, queue, ...rest } = ended
  if (queue?.release === e.release) return prune({ ...rest, ...(train && { train }) })
  if (train?.release === e.release) return prune({ ...rest, ...(queue && { train: queue }) })
  throw new Unfoldable(`${e.id}: end of ${e.release}, which is no train`)
}

/**
 * A region that was got ready for the release but never pinned to it is free again; so is one that bakes a
 * release whose train ends here, and it never becomes verified by time that passes later.
 */
function unstarted(state: LedgerState, e: EventOf<'train-ended'>): LedgerState {
  let result = state
  for (const region of Object.values(state.regions)) {
    const waiting = region.phase === 'migrating' || region.phase === 'migrated'
    const left = region.phase === 'baking' && (e.outcome === 'preempted' || e.outcome === 'partial')
    if ((waiting || left) && region.release === e.release) result = setRegion(result, settled(region, e.at))
  }
  return result
}

function started(state: LedgerState, e: EventOf<'started'>): LedgerState {
  const { train } = state
  if (train?.release !== e.release)
    throw new Unfoldable(`${e.id}: start of ${e.release}, which is not the train`)
  const next = { ...state, train: { ...train, started: [...train.started, e.region] } }
  // A hotfix uses up no day of the normal trains.
  if (knownRelease(state, e.release).kind === 'hotfix') return next
  const starts = [...state.starts, { region: e.region, day: e.day, at: e.at }].slice(-startsKept)
  return { ...next, starts }
}

function halted(e: EventOf<'halted'>): NonNullable<LedgerState['halt']> {
  return {
    reason: e.reason,
    why: e.why,
    by: e.person,
    at: e.at,
    auto: e.auto,
    ...(e.release !== undefined && { release: e.release }),
    regions: e.regions,
  }
}

function withoutPending(state: LedgerState, region: string): LedgerState {
  if (state.halt === undefined) return state
  return { ...state, halt: { ...state.halt, regions: state.halt.regions.filter((r) => r !== region) } }
}

function withRelease(state: LedgerState, id: string, change: Partial<ReleaseState>): LedgerState {
  return { ...state, releases: { ...state.releases, [id]: { ...knownRelease(state, id), ...change } } }
}

function setRegion(state: LedgerState, region: RegionState): LedgerState {
  return { ...state, regions: { ...state.regions, [region.name]: region } }
}

/** Keeps state.json small over years: releases that nothing names any more stay in the log only. */
function prune(state: LedgerState): LedgerState {
  const named = new Set([
    `r${state.releaseCount}`,
    state.train?.release,
    state.queue?.release,
    state.halt?.release,
  ])
  for (const region of Object.values(state.regions)) {
    named.add(region.release)
    for (const verified of region.verified) named.add(verified.release)
  }
  return {
    ...state,
    releases: Object.fromEntries(Object.entries(state.releases).filter(([id]) => named.has(id))),
  }
}
