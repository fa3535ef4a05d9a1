import { localTime } from '../../calendar/index.ts'
import type { Config } from '../../config/index.ts'
import {
  canonicalJson,
  type LedgerState,
  type NewEvent,
  type RegionState,
  regionOf,
  releaseOf,
} from '../../ledger/index.ts'
import { decide } from '../decide.ts'
import { decideOutcome } from '../outcome.ts'
import * as people from '../people.ts'
import { type Broken, check } from './invariants.ts'
import {
  applyEvents,
  type Cluster,
  digestOf,
  factsOf,
  hours,
  later,
  minutes,
  promoted,
  released,
  synced,
  type World,
} from './world.ts'

/** For tests: every interleaving of ticks, syncs, outcomes, people and alarms, over decide() itself. */

export type Decide = typeof decide

export interface Rules {
  /** What the ticks decide by: `decide` itself, or a mutant of it. */
  readonly decide: Decide
  /** What a tick sees; a mutant may look at less. */
  readonly facts: typeof factsOf
  /** What an event does to the ledger; a mutant may forget some. */
  readonly keeps: (event: NewEvent) => boolean
  /** False: a decision made on an older ledger is committed all the same. */
  readonly compareAndSwap: boolean
}

export const rules: Rules = { decide, facts: factsOf, keeps: () => true, compareAndSwap: true }

export interface Bounds {
  readonly releases: number
  readonly states: number
}

export interface Exploration {
  readonly states: number
  /** True when every reachable state was seen. */
  readonly complete: boolean
  readonly broken: readonly (Broken & { readonly path: readonly string[] })[]
  /** States from which no way leads to a quiet service. */
  readonly stuck: number
}

interface Node {
  readonly world: World
  /** A decision that a slow tick made and has not committed yet. */
  readonly late?: readonly NewEvent[]
  readonly from?: number
  readonly by?: string
}

type Move = readonly [name: string, node: Omit<Node, 'from' | 'by'>]

/** Breadth first, so that a counterexample is a shortest one. */
export function explore(config: Config, start: World, use: Rules, bounds: Bounds): Exploration {
  const nodes: Node[] = [{ world: start }]
  const known = new Map<string, number>([[keyOf(nodes[0] as Node), 0]])
  const back: number[][] = [[]]
  const broken = new Map<string, Broken & { path: readonly string[] }>()
  let at = 0
  for (; at < nodes.length && nodes.length < bounds.states; at++) {
    const node = nodes[at] as Node
    for (const [by, next] of moves(node, config, use, bounds)) {
      const found = check(node.world, next.world, config, by)
      for (const one of found) {
        if (!broken.has(one.invariant))
          broken.set(one.invariant, { ...one, path: [...pathTo(nodes, at), by] })
      }
      // What comes after a broken rule says nothing more.
      if (found.length > 0) continue
      const key = keyOf(next)
      let index = known.get(key)
      if (index === undefined) {
        index = nodes.length
        known.set(key, index)
        nodes.push({ ...next, from: at, by })
        back.push([])
      }
      back[index]?.push(at)
    }
  }
  const complete = at >= nodes.length
  return {
    states: nodes.length,
    complete,
    broken: [...broken.values()],
    stuck: complete ? stuck(nodes, back) : 0,
  }
}

function pathTo(nodes: readonly Node[], index: number): readonly string[] {
  const path: string[] = []
  for (let node = nodes[index]; node?.by !== undefined; node = nodes[node.from ?? 0]) path.unshift(node.by)
  return path
}

/** I14: how many states have no way back to quiet, found from the quiet ones against the arrows. */
function stuck(nodes: readonly Node[], back: readonly (readonly number[])[]): number {
  const reached = new Set(nodes.flatMap(({ world }, index) => (isQuiet(world.state) ? [index] : [])))
  const open = [...reached]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const before of back[index] ?? []) {
      if (reached.has(before)) continue
      reached.add(before)
      open.push(before)
    }
  }
  return nodes.length - reached.size
}

function isQuiet(state: LedgerState): boolean {
  return (
    state.halt === undefined &&
    state.train === undefined &&
    Object.values(state.regions).every((r) => r.phase === 'steady' || r.name === 'staging')
  )
}

function moves(node: Node, config: Config, use: Rules, bounds: Bounds): readonly Move[] {
  const { world } = node
  return [
    ...ticks(node, config, use),
    ...worldMoves(world, config).map(([by, next]): Move => [by, { ...node, world: next }]),
    ...outcomes(world, config, use).map(([by, next]): Move => [by, { ...node, world: next }]),
    ...peopleMoves(world, config, use, bounds).map(([by, next]): Move => [by, { ...node, world: next }]),
  ]
}

/** A tick is read, decide, commit; a crash between is a tick that did not happen, or one whose answer was lost. */
function ticks(node: Node, config: Config, use: Rules): readonly Move[] {
  const { world, late } = node
  const list: Move[] = []
  const fresh = use.decide(world.state, use.facts(world, config), config, world.now)
  if (fresh.events.length > 0) list.push(['tick', { ...node, world: commit(world, fresh.events, use) }])
  const stale = use.decide(world.state, use.facts(world, config, minutes(11)), config, world.now)
  if (stale.events.length > 0)
    list.push(['tick on stale facts', { ...node, world: commit(world, stale.events, use) }])
  if (!use.compareAndSwap) {
    if (late === undefined && fresh.events.length > 0)
      list.push(['slow tick reads', { world, late: fresh.events }])
    const done = late === undefined ? undefined : commitLate(world, late, use)
    if (done !== undefined) list.push(['slow tick commits', { world: done }])
  }
  return list
}

function commit(world: World, events: readonly NewEvent[], use: Rules): World {
  const state = applyEvents(world.state, events.filter(use.keeps), world.now)
  const halted = events.flatMap((e) =>
    e.type === 'halted' && e.regions.length > 0 && e.release !== undefined ? [e.release] : [],
  )
  const digests = halted.flatMap((id) => releaseOf(world.state, id)?.digest ?? [])
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
  for (const release of [1, 2]) {
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

function peopleMoves(world: World, config: Config, use: Rules, bounds: Bounds): readonly WorldMove[] {
  const { state, now } = world
  const list: WorldMove[] = []
  const next = state.releaseCount + 1
  if (next <= bounds.releases) list.push([`release ${next}`, released(world, config, next)])
  for (const digest of world.condemned ?? []) {
    const bad = [1, 2].find((n) => digestOf(n) === digest)
    if (bad !== undefined && next <= bounds.releases)
      list.push([`release ${bad} again`, released(world, config, bad)])
  }
  // An approval that ran out is given again.
  const train = state.train
  const release = train === undefined ? undefined : state.releases[train.release]
  if (
    train !== undefined &&
    release !== undefined &&
    train.approvals.every((a) => new Date(a.until) <= now)
  ) {
    const again = people.approve(state, config, { person: 'grace', at: now, release })
    if (again.ok) list.push(['approve again', commit(world, again.value.events, use)])
  }
  if (state.halt === undefined)
    list.push(['halt', commit(world, people.halt(state, 'ada', 'incident').events, use)])
  const cleared = people.resume(state, undefined, 'ada', 'over')
  if (cleared.ok && cleared.value.events.length > 0)
    list.push(['clear', commit(world, cleared.value.events, use)])
  return list
}

/** What decisions can depend on, and nothing else: times become "today", "long ago" and the weekday. */
function keyOf({ world, late }: Node): string {
  const { state, clusters, alarming, now } = world
  const day = localTime(now, 'UTC')
  const age = (at: string | undefined) => (at === undefined ? '-' : new Date(at) >= now ? 'now' : 'before')
  const regions = Object.values(state.regions).map((r) => [
    r.name,
    r.phase,
    r.release ?? '',
    r.pins ?? '',
    age(r.phase === 'baking' ? r.since : undefined),
    r.verified.map((v) => v.release ?? ''),
    r.target?.release ?? '',
    r.target === undefined ? '' : r.target.digest,
  ])
  const train = state.train && [
    state.train.release,
    state.train.started,
    state.train.approvals.map((a) => age(a.until)),
  ]
  const rest = [
    state.queue?.release ?? '',
    state.vetoed.map((v) => v.digest),
    state.releaseCount,
    state.halt?.regions ?? '-',
    state.halt?.auto ?? '',
  ]
  const staged = Object.values(state.releases).map((r) => [r.id, r.outcome ?? ''])
  const starts = state.starts.filter((s) => s.day === day.day).map((s) => s.region)
  return canonicalJson([
    regions,
    train ?? '',
    rest,
    staged,
    starts,
    clusters,
    alarming ?? '',
    world.condemned ?? [],
    day.weekday === 'Tue',
    late ?? '',
  ])
}
