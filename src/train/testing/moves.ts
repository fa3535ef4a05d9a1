import type { Config } from '../../config/index.ts'
import { canonicalJson, type NewEvent, type RegionState, regionOf, releaseOf } from '../../ledger/index.ts'
import { decide } from '../decide.ts'
import { decideOutcome } from '../outcome.ts'
import type { Bounds, Node } from './model.ts'
import { peopleMoves } from './people-moves.ts'
import {
  applyEvents,
  type Cluster,
  digestOf,
  factsOf,
  hours,
  later,
  minutes,
  promoted,
  synced,
  type World,
} from './world.ts'

export interface Rules {
  /** What the ticks decide by: `decide` itself, or a mutant of it. */
  readonly decide: typeof decide
  /** What a tick sees; a mutant may look at less. */
  readonly facts: typeof factsOf
  /** What an event does to the ledger; a mutant may forget some. */
  readonly keeps: (event: NewEvent) => boolean
  /** False: a decision made on an older ledger is committed all the same. */
  readonly compareAndSwap: boolean
}

export const rules: Rules = { decide, facts: factsOf, keeps: () => true, compareAndSwap: true }

/** A decision on its way to the ledger. */
export interface Late {
  readonly events: readonly NewEvent[]
  /** Head of the ledger that it was made on. */
  readonly seq: number
  readonly at: Date
}

export type Move = readonly [name: string, node: Omit<Node, 'from' | 'by'>]

export function moves(node: Node, config: Config, use: Rules, bounds: Bounds): readonly Move[] {
  const { world, late } = node
  const rest = late === undefined ? {} : { late }
  const named = ([by, next]: readonly [string, World]): Move => [by, { ...rest, world: next }]
  return [
    ...ticks(node, config, use, bounds),
    ...worldMoves(world, config).map(named),
    ...outcomes(world, config, use).map(named),
    ...peopleMoves(world, config, use, bounds).map(named),
  ]
}

/**
 * A tick is read, decide, commit. A crash before the commit is a tick that did not happen; a crash after it is one
 * whose answer was lost, and the state that it left hands the same step out again.
 */
function ticks(node: Node, config: Config, use: Rules, bounds: Bounds): readonly Move[] {
  const { world, late } = node
  const rest = late === undefined ? {} : { late }
  const list: Move[] = []
  const fresh = use.decide(world.state, use.facts(world, config), config, world.now)
  if (fresh.events.length > 0) list.push(['tick', { ...rest, world: commit(world, fresh.events, use) }])
  const stale = use.decide(world.state, use.facts(world, config, minutes(11)), config, world.now)
  if (stale.events.length > 0)
    list.push(['tick on stale facts', { ...rest, world: commit(world, stale.events, use) }])
  if (bounds.slowTicks !== true && use.compareAndSwap) return list
  if (late === undefined) {
    const read = { events: fresh.events, seq: world.state.head.seq, at: world.now }
    if (fresh.events.length > 0) list.push(['slow tick reads', { world, late: read }])
    return list
  }
  const moved = late.seq !== world.state.head.seq
  // The compare-and-swap refuses, and the tick is over: it decides anew, which is an ordinary tick.
  if (moved && use.compareAndSwap) return [...list, ['slow tick is refused', { world }]]
  const done = commitLate({ ...world, now: late.at }, late.events, use)
  if (done !== undefined) list.push(['slow tick commits', { world: { ...done, now: world.now } }])
  return list
}

export function commit(world: World, events: readonly NewEvent[], use: Pick<Rules, 'keeps'>): World {
  const state = applyEvents(world.state, events.filter(use.keeps), world.now)
  // Condemned is what the world has shown to be bad, whatever the rules make of it.
  const failed = events.some((e) => e.type === 'canary-failed')
  const digests = events.flatMap((e) => {
    if (e.type !== 'halted' || e.release === undefined || e.regions.length === 0) return []
    const digest = releaseOf(world.state, e.release)?.digest
    return digest !== undefined && (failed || digest === world.alarming) ? [digest] : []
  })
  return digests.length === 0
    ? { ...world, state }
    : { ...world, state, condemned: [...(world.condemned ?? []), ...digests] }
}

/** Without compare-and-swap: the fold refuses some of it, and then the run stops; the rest gets through. */
function commitLate(world: World, events: readonly NewEvent[], use: Rules): World | undefined {
  try {
    return commit(world, events, use)
  } catch {
    return undefined
  }
}

type WorldMove = readonly [string, World]

/** What clusters and time do by themselves. */
function worldMoves(world: World, config: Config): readonly WorldMove[] {
  const list: WorldMove[] = []
  for (const name of config.train.order) {
    const cluster = world.clusters[name]
    const region = regionOf(world.state, name)
    if (cluster === undefined || region?.pins === undefined) continue
    if (canonicalJson(cluster.carried) !== canonicalJson(region.pins))
      list.push([`sync ${name}`, synced(world, name)])
    const inCanary =
      region.phase === 'pinned' && canonicalJson(cluster.carried) === canonicalJson(region.pins)
    if (inCanary && cluster.served.api !== cluster.carried.workloads.api) {
      list.push([`${name} promotes its canary`, promoted(world, name)])
    }
  }
  const live = new Set(Object.values(world.clusters).flatMap((c) => Object.values(c.served)))
  for (const release of [1, 2, 3]) {
    // Only a release that is live somewhere can alarm; the baseline is good.
    if (world.alarming === undefined && live.has(digestOf(release))) {
      list.push([`alarm on ${release}`, { ...world, alarming: digestOf(release) }])
    }
  }
  if (world.alarming !== undefined && !live.has(world.alarming)) {
    const { alarming: _, ...quiet } = world
    list.push(['alarm ends', quiet])
  }
  list.push(['next day', { ...world, now: later(world.now, hours(24)) }])
  const toTuesday = (9 - world.now.getUTCDay()) % 7 || 7
  list.push(['next Tuesday', { ...world, now: later(world.now, hours(24 * toTuesday)) }])
  return list
}

/** The canary gate answers for the region whose canary is under way. */
function outcomes(world: World, config: Config, use: Rules): readonly WorldMove[] {
  const list: WorldMove[] = []
  for (const name of config.train.order) {
    const region = regionOf(world.state, name)
    const cluster = world.clusters[name]
    if (region?.transition === undefined || cluster === undefined) continue
    for (const verdict of answers(region, cluster)) {
      const outcome = { transition: region.transition, verdict, reason: 'canary-worse', why: 'counts' }
      const decided = decideOutcome(world.state, use.facts(world, config), config, outcome)
      if (decided.ok) list.push([`record ${verdict} in ${name}`, commit(world, decided.value.events, use)])
    }
  }
  return list
}

/** A canary passes when its cluster was promoted and fails while it was not; a migration does either. */
function answers(region: RegionState, cluster: Cluster): readonly ('pass' | 'fail')[] {
  if (region.phase === 'migrating') return ['pass', 'fail']
  if (region.phase !== 'pinned') return []
  return cluster.served.api === region.pins?.workloads.api ? ['pass'] : ['fail']
}
