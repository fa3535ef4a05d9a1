import type { EventOf, LedgerEvent } from './events.ts'
import {
  type LedgerState,
  type RegionSchema,
  type RegionState,
  type ReleaseState,
  regionOf,
  releaseOf,
  sameArtifact,
  type VerifiedRelease,
} from './state.ts'

/** The log says something that cannot have happened. Caught where the log is read; a stop, never repaired. */
export class Unfoldable extends Error {}

/** Verified releases kept per region: how far back a rollback can reach without reading the log. */
export const verifiedKept = 20

type RegionEvent = Extract<LedgerEvent, { region: string }>

/** What people say of a region. */
export function noted(
  region: RegionState,
  event: EventOf<'held' | 'resumed' | 'excluded' | 'included' | 'failed-over' | 'failed-back'>,
): RegionState {
  const note = { reason: event.reason, by: event.person, at: event.at }
  const { hold, excluded, failover, ...rest } = region
  const kept = { ...(hold && { hold }), ...(excluded && { excluded }), ...(failover && { failover }) }
  switch (event.type) {
    case 'held':
      return { ...rest, ...kept, hold: { ...note, ...(event.skip === true && { skip: true }) } }
    case 'resumed':
      return { ...rest, ...(excluded && { excluded }), ...(failover && { failover }) }
    case 'excluded':
      return { ...rest, ...kept, excluded: note }
    case 'included':
      return { ...rest, ...(hold && { hold }), ...(failover && { failover }) }
    case 'failed-over':
      return { ...rest, ...kept, failover: { ...note, to: event.to } }
    case 'failed-back':
      return { ...rest, ...(hold && { hold }), ...(excluded && { excluded }) }
  }
}

/** Events that only move one region from phase to phase. */
export function moved(
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
      return { ...region, ...at, ...schemaAfter(state, region, event), phase: 'migrated' }
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
        verified: event.schema === 1 ? region.verified : upTo(region.verified, target),
      }
    }
  }
}

/**
 * What is taken back was verified here no longer, vetoed or not: a later release would go back to it in the regions
 * that had it and past it in those that had not, which leaves three versions live (I9). Lines of schema 1 keep it:
 * what they add up to is written down.
 */
function upTo(verified: RegionState['verified'], target: VerifiedRelease): RegionState['verified'] {
  const at = verified.findLastIndex((v) => sameArtifact(v, target) && v.release === target.release)
  return at < 0 ? verified : verified.slice(0, at + 1)
}

/**
 * Levels only grow: migrations go forward only. A contract step that stands in the region sets the floor: what is older
 * than the release that no longer needed what it took away fails there.
 */
function schemaAfter(
  state: LedgerState,
  region: RegionState,
  { level, release }: EventOf<'migration-done'>,
): { schema?: RegionSchema } {
  if (level === undefined || level < (region.schema?.level ?? 0)) return {}
  const taken = (knownRelease(state, release).claims?.contracts ?? []).filter(({ number }) => number <= level)
  const floors = taken.map(({ file, unusedSince, pair }) => ({
    // Nobody said since when: only the release that brought the step is known to work without.
    release: unusedSince ?? release,
    file,
    ...(pair !== undefined && { pair }),
  }))
  const before = region.schema?.floor
  const all = before === undefined ? floors : [before, ...floors]
  const floor = all.toSorted((a, b) => Number(b.release.slice(1)) - Number(a.release.slice(1)))[0]
  return { schema: { level, ...(floor !== undefined && { floor }) } }
}

export function settled(region: RegionState, since: string): RegionState {
  const { release: _r, transition: _t, ...rest } = region
  return { ...rest, phase: 'steady', since }
}

export function knownRelease(state: LedgerState, id: string): ReleaseState {
  const release = releaseOf(state, id)
  if (release === undefined) throw new Unfoldable(`release ${id} was never staged`)
  return release
}

export function inRegion(state: LedgerState, event: RegionEvent): RegionState {
  const region = regionOf(state, event.region)
  if (region === undefined)
    throw new Unfoldable(`${event.id}: region ${event.region} was never adopted or pinned`)
  return region
}

export function fresh(event: RegionEvent): RegionState {
  return { name: event.region, phase: 'steady', since: event.at, verified: [] }
}
