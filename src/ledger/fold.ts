import type { EventOf, LedgerEvent } from './events.ts'
import {
  type LedgerState,
  type RegionSchema,
  type RegionState,
  type ReleaseState,
  regionOf,
  releaseOf,
  type TrainState,
} from './state.ts'

/** The log says something that cannot have happened. Caught where the log is read; a stop, never repaired. */
export class Unfoldable extends Error {}

/** Verified releases kept per region: how far back a rollback can reach without reading the log. */
const verifiedKept = 20
const startsKept = 16

type RegionEvent = Extract<LedgerEvent, { region: string }>

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
    case 'held': {
      const hold = { reason: event.reason, by: event.person, at: event.at }
      return setRegion(state, { ...(regionOf(state, event.region) ?? fresh(event)), hold })
    }
    case 'resumed': {
      const { hold: _, ...rest } = regionOf(state, event.region) ?? fresh(event)
      return setRegion(state, rest)
    }
    case 'rolled-back': {
      const { target: _, ...rest } = inRegion(state, event)
      const region: RegionState = { ...rest, phase: 'steady', since: event.at }
      return withoutPending(setRegion(state, region), event.region)
    }
    default:
      return setRegion(state, moved(state, event))
  }
}

/** Events that only move one region from phase to phase. */
function moved(
  state: LedgerState,
  event: EventOf<
    | 'migration-started'
    | 'migration-done'
    | 'migration-failed'
    | 'pinned'
    | 'canary-passed'
    | 'canary-failed'
    | 'live'
    | 'verified'
    | 'rollback-started'
  >,
): RegionState {
  const region = inRegion(state, event)
  const at = { since: event.at, transition: event.transition }
  switch (event.type) {
    case 'migration-started':
      return { ...region, ...at, phase: 'migrating', release: event.release }
    case 'migration-done':
      return { ...region, ...at, phase: 'migrated', ...schemaAfter(state, event) }
    case 'migration-failed':
      // Nothing was pinned: the region stays what it was, and a person clears the halt that comes with it.
      return settled(region, event.at)
    case 'pinned': {
      const phase = event.group === 'lead' ? 'pinned' : 'following'
      return { ...region, ...at, phase, release: event.release, pins: event.pins, base: event.base }
    }
    case 'canary-passed':
      return { ...region, ...at, phase: 'canary-passed' }
    case 'canary-failed':
      // The halt and the way back follow in the same commit.
      return { ...region, ...at }
    case 'live':
      return { ...region, ...at, phase: 'baking' }
    case 'verified': {
      const { digest, configSha } = knownRelease(state, event.release)
      const verified = { release: event.release, digest, configSha, at: event.at }
      return { ...settled(region, event.at), verified: [...region.verified, verified].slice(-verifiedKept) }
    }
    case 'rollback-started': {
      const { pins, base, target } = event
      return {
        ...settled(region, event.at),
        transition: event.transition,
        phase: 'rolling-back',
        pins,
        base,
        target,
      }
    }
  }
}

/** A contract step that stands in the region sets the floor: what is older than the release that no longer needed it fails. */
function schemaAfter(
  state: LedgerState,
  { level, release }: EventOf<'migration-done'>,
): { schema?: RegionSchema } {
  if (level === undefined) return {}
  const taken = (knownRelease(state, release).claims?.contracts ?? []).filter(({ number }) => number <= level)
  const floors = taken.map(({ file, unusedSince, pair }) => ({
    // Nobody said since when: only the release that brought the step is known to work without.
    release: unusedSince ?? release,
    file,
    ...(pair !== undefined && { pair }),
  }))
  const floor = floors.toSorted((a, b) => Number(b.release.slice(1)) - Number(a.release.slice(1)))[0]
  return { schema: { level, ...(floor !== undefined && { floor }) } }
}

function settled(region: RegionState, since: string): RegionState {
  const { release: _r, transition: _t, ...rest } = region
  return { ...rest, phase: 'steady', since }
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
  const approval = { person: e.person, planHash: e.planHash, at: e.at, until: e.until }
  const add = (t: TrainState): TrainState => ({
    ...t,
    approvals: [...t.approvals.filter((a) => a.person !== e.person), approval],
  })
  if (state.train?.release === e.release) return { ...state, train: add(state.train) }
  if (state.queue?.release === e.release) return { ...state, queue: add(state.queue) }
  throw new Unfoldable(`${e.id}: approval of ${e.release}, which is not proposed`)
}

function trainEnded(state: LedgerState, e: EventOf<'train-ended'>): LedgerState {
  const ended = unstarted(withRelease(state, e.release, { outcome: e.outcome }), e)
  const { train, queue, ...rest } = ended
  if (queue?.release === e.release) return prune({ ...rest, ...(train && { train }) })
  if (train?.release === e.release) return prune({ ...rest, ...(queue && { train: queue }) })
  throw new Unfoldable(`${e.id}: end of ${e.release}, which is no train`)
}

/** A region that was got ready for the release but never pinned to it is free again. */
function unstarted(state: LedgerState, e: EventOf<'train-ended'>): LedgerState {
  let result = state
  for (const region of Object.values(state.regions)) {
    const waiting = region.phase === 'migrating' || region.phase === 'migrated'
    if (waiting && region.release === e.release) result = setRegion(result, settled(region, e.at))
  }
  return result
}

function started(state: LedgerState, e: EventOf<'started'>): LedgerState {
  const { train } = state
  if (train?.release !== e.release)
    throw new Unfoldable(`${e.id}: start of ${e.release}, which is not the train`)
  const starts = [...state.starts, { region: e.region, day: e.day, at: e.at }].slice(-startsKept)
  return { ...state, train: { ...train, started: [...train.started, e.region] }, starts }
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

function knownRelease(state: LedgerState, id: string): ReleaseState {
  const release = releaseOf(state, id)
  if (release === undefined) throw new Unfoldable(`release ${id} was never staged`)
  return release
}

function inRegion(state: LedgerState, event: RegionEvent): RegionState {
  const region = regionOf(state, event.region)
  if (region === undefined)
    throw new Unfoldable(`${event.id}: region ${event.region} was never adopted or pinned`)
  return region
}

function fresh(event: RegionEvent): RegionState {
  return { name: event.region, phase: 'steady', since: event.at, verified: [] }
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
