import type { Config } from '../../config/index.ts'
import {
  type LedgerState,
  type NewEvent,
  type Pins,
  type RegionState,
  regionOf,
  releaseOf,
} from '../../ledger/index.ts'
import type { Digest } from '../../release/index.ts'
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
  samePins,
  synced,
  type World,
} from './world.ts'

export interface Rules {
  /** What the ticks decide by: `decide` itself, or a mutant of it. */
  readonly decide: typeof decide
  /** What a tick sees; a mutant may look at less. */
  readonly facts: typeof factsOf
  /** The ledger that a tick reads; a mutant may read another one into it. */
  readonly sees: (world: World) => LedgerState
  /** What becomes of an event in the ledger; a mutant may forget or change some. */
  readonly writes: (event: NewEvent) => NewEvent | undefined
  /** False: a decision made on an older ledger is committed all the same. */
  readonly compareAndSwap: boolean
}

export const rules: Rules = {
  decide,
  facts: factsOf,
  sees: (world) => world.state,
  writes: (event) => event,
  compareAndSwap: true,
}

/**
 * A tick that is not over. `looked`: it knows the clusters as they were, and decides on whatever ledger it then
 * commits on, for one that was refused by the compare-and-swap decides anew. `decided`: without that, its decision
 * goes to a ledger that has moved.
 */
export type Late =
  | { readonly kind: 'looked'; readonly world: World }
  | {
      readonly kind: 'decided'
      readonly events: readonly NewEvent[]
      readonly at: Date
      readonly saw: Digest | undefined
    }

/** `saw`: the live alarm that the tick knew of; for people and clusters it says nothing. */
export type Move = readonly [name: string, node: Node, saw?: Digest | undefined]

export function moves(node: Node, config: Config, use: Rules, bounds: Bounds): readonly Move[] {
  const { world, late } = node
  const named = ([by, next]: readonly [string, World]): Move => [by, after(node, next)]
  const list = [
    ...ticks(node, config, use),
    ...worldMoves(world, config).map(named),
    ...outcomes(world, config, use).map(named),
    ...peopleMoves(world, config, use, bounds).map(named),
  ]
  if (bounds.slowTicks !== true || late !== undefined) return list
  // One that looked just before this, and is not done yet.
  const looked = list.flatMap(([by, next, saw]): Move[] => {
    const late = stillLate({ kind: 'looked', world }, next.world)
    return late === undefined ? [] : [[`${by}, while another looks`, { ...next, late }, saw]]
  })
  return [...list, ...looked]
}

function after({ late }: Node, world: World): Node {
  const rest = late === undefined ? undefined : stillLate(late, world)
  return rest === undefined ? { world } : { world, late: rest }
}

/**
 * An earlier look that shows what there is now is any tick's; a day later it is stale, and that is the tick on
 * stale facts, which is always there.
 */
function stillLate(late: Late, now: World): Late | undefined {
  if (late.kind === 'decided') return late
  const { world: then } = late
  if (now.now > then.now) return undefined
  const same =
    now.alarming === then.alarming &&
    Object.keys(now.clusters).every(
      (name) =>
        JSON.stringify(now.clusters[name]) === JSON.stringify(then.clusters[name]) &&
        regionOf(now.state, name)?.pins === regionOf(then.state, name)?.pins,
    )
  return same ? undefined : late
}

/**
 * A tick is look, read, decide, commit. A crash before the commit is a tick that did not happen; a crash after it
 * is one whose answer was lost, and the state that it left hands the same step out again.
 */
function ticks(node: Node, config: Config, use: Rules): readonly Move[] {
  const { world, late } = node
  const list: Move[] = []
  const state = use.sees(world)
  const saw = liveAlarm(world)
  const fresh = use.decide(state, use.facts(world, config), config, world.now)
  if (fresh.events.length > 0) list.push(['tick', after(node, commit(world, fresh.events, use, saw)), saw])
  const stale = use.decide(state, use.facts(world, config, minutes(11)), config, world.now)
  if (stale.events.length > 0)
    list.push(['tick on stale facts', after(node, commit(world, stale.events, use))])
  if (late?.kind === 'looked') list.push(...lookedBefore(world, late.world, config, use))
  if (late?.kind === 'decided') list.push(...decidedBefore(world, late, use))
  if (use.compareAndSwap || late !== undefined || fresh.events.length === 0) return list
  const decided = { kind: 'decided', events: fresh.events, at: world.now, saw } as const
  return [...list, ['slow tick decides', { world, late: decided }]]
}

/** Decides on the ledger as it is, with the clusters as they were. */
function lookedBefore(world: World, then: World, config: Config, use: Rules): readonly Move[] {
  const { clusters, alarming } = then
  const { alarming: _, ...now } = world
  const facts = use.facts({ ...now, clusters, ...(alarming && { alarming }) }, config)
  const regions = [...facts.regions].map(([name, view]) => {
    // A revision that was seen before a pin does not descend from it, whatever the digests are.
    const samePin = regionOf(then.state, name)?.pins === regionOf(world.state, name)?.pins
    return [name, samePin ? view : { ...view, carriesPin: false }] as const
  })
  const decision = use.decide(use.sees(world), { ...facts, regions: new Map(regions) }, config, world.now)
  if (decision.events.length === 0) return []
  const saw = liveAlarm(then)
  return [['tick on an earlier look', { world: commit(world, decision.events, use, saw) }, saw]]
}

function decidedBefore(world: World, late: Late & { kind: 'decided' }, use: Rules): readonly Move[] {
  const done = commitLate({ ...world, now: late.at }, late.events, use, late.saw)
  return done === undefined ? [] : [['slow tick commits', { world: { ...done, now: world.now } }, late.saw]]
}

/** An alarm that somebody can see: its digest is live. */
function liveAlarm({ alarming, clusters }: World): Digest | undefined {
  const live = Object.values(clusters).some((c) => Object.values(c.served).some((d) => d === alarming))
  return live ? alarming : undefined
}

export function commit(
  world: World,
  events: readonly NewEvent[],
  use: Pick<Rules, 'writes'>,
  saw?: Digest,
): World {
  const written = events.flatMap((event) => use.writes(event) ?? [])
  const state = applyEvents(world.state, written, world.now)
  const condemned = new Set([...(world.condemned ?? []), ...shownBad(world.state, events, saw)])
  const before = { ...world.before, ...pinsBefore(world.state, written) }
  return { ...world, state, before, ...(condemned.size > 0 && { condemned: [...condemned] }) }
}

function pinsBefore(state: LedgerState, events: readonly NewEvent[]): Record<string, Pins> {
  const leads = events.flatMap((e) => (e.type === 'pinned' && e.group === 'lead' ? [e.region] : []))
  return Object.fromEntries(
    leads.flatMap((name) => {
      const pins = regionOf(state, name)?.pins
      return pins === undefined ? [] : [[name, pins]]
    }),
  )
}

/** What the world has shown to be bad to the one who decided, whatever the rules make of it. */
function shownBad(
  state: LedgerState,
  events: readonly NewEvent[],
  saw: Digest | undefined,
): readonly Digest[] {
  const failed = events.some((e) => e.type === 'canary-failed')
  const halts = [
    ...events.filter((e) => e.type === 'halted'),
    ...(state.halt === undefined ? [] : [state.halt]),
  ]
  return halts.flatMap(({ release, regions }) => {
    const digest =
      release === undefined || regions.length === 0 ? undefined : releaseOf(state, release)?.digest
    return digest !== undefined && (failed || digest === saw) ? [digest] : []
  })
}

/** Without compare-and-swap: the fold refuses some of it, and then the run stops; the rest gets through. */
function commitLate(
  world: World,
  events: readonly NewEvent[],
  use: Rules,
  saw: Digest | undefined,
): World | undefined {
  try {
    return commit(world, events, use, saw)
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
    if (!samePins(cluster.carried, region.pins)) list.push([`sync ${name}`, synced(world, name)])
    const inCanary = region.phase === 'pinned' && samePins(cluster.carried, region.pins)
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
