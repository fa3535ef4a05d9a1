import { hash } from 'node:crypto'
import type { Config } from '../../config/index.ts'
import { type LedgerState, type Pins, type RegionState, regionOf } from '../../ledger/index.ts'
import { type Broken, check } from './invariants.ts'
import { type Late, moves, type Rules } from './moves.ts'
import type { Cluster, World } from './world.ts'

/** For tests: every interleaving of ticks, syncs, outcomes, people and alarms, over decide() itself. */

export interface Bounds {
  readonly releases: number
  readonly states: number
  /** The second release may come as a hotfix. */
  readonly hotfix?: boolean
  /** A tick may read now and commit later, while others go on. */
  readonly slowTicks?: boolean
  /** What people may do besides proposing, halting and clearing. */
  readonly people?: readonly ('hold' | 'exclude' | 'cancel' | 'rollback' | 'revoke')[]
  /** Enough is seen when this invariant breaks. */
  readonly until?: string
  /** Invariants that this set-up gives up on purpose. */
  readonly without?: readonly string[]
}

export interface Exploration {
  readonly states: number
  /** True when every reachable state was seen. */
  readonly complete: boolean
  readonly broken: readonly (Broken & { readonly path: readonly string[] })[]
  /** States from which no way leads to a quiet service. */
  readonly stuck: number
  /** The way to the nearest of them. */
  readonly stuckBy?: readonly string[]
}

export interface Node {
  readonly world: World
  /** A slow tick that is not over. */
  readonly late?: Late
}

/** Breadth first, so that a counterexample is a shortest one. */
export function explore(config: Config, start: World, use: Rules, bounds: Bounds): Exploration {
  // A node that was expanded keeps where it came from; its world is let go.
  const nodes: (Node | undefined)[] = [{ world: start }]
  const trace: { from: number; by: string }[] = [{ from: 0, by: '' }]
  const quiet: boolean[] = [isQuiet(start.state)]
  const known = new Map<string, number>([[keyOf({ world: start }), 0]])
  const back: number[][] = [[]]
  const broken = new Map<string, Broken & { path: readonly string[] }>()
  const without = new Set(bounds.without ?? [])
  let at = 0
  const enough = () => [...broken.keys()].some((name) => name.startsWith(`${bounds.until} `))
  for (; at < nodes.length && nodes.length < bounds.states && !enough(); at++) {
    const node = nodes[at] as Node
    nodes[at] = undefined
    for (const [by, next, saw] of moves(node, config, use, bounds)) {
      const found = check(node.world, next.world, config, by, saw).filter(
        (one) => !without.has(one.invariant.split(' ')[0] ?? ''),
      )
      for (const one of found) {
        if (!broken.has(one.invariant))
          broken.set(one.invariant, { ...one, path: [...pathTo(trace, at), by] })
      }
      // What comes after a broken rule says nothing more.
      if (found.length > 0) continue
      const key = keyOf(next)
      let index = known.get(key)
      if (index === undefined) {
        index = nodes.length
        known.set(key, index)
        nodes.push(next)
        trace.push({ from: at, by })
        quiet.push(isQuiet(next.world.state))
        back.push([])
      }
      back[index]?.push(at)
    }
  }
  const complete = at >= nodes.length
  const [first, ...others] = complete ? stuck(quiet, back) : []
  return {
    states: nodes.length,
    complete,
    broken: [...broken.values()],
    stuck: first === undefined ? 0 : 1 + others.length,
    ...(first !== undefined && { stuckBy: pathTo(trace, first) }),
  }
}

function pathTo(trace: readonly { from: number; by: string }[], index: number): readonly string[] {
  const path: string[] = []
  for (let i = index; i !== 0; i = trace[i]?.from ?? 0) path.unshift(trace[i]?.by ?? '')
  return path
}

/** I14: the states that have no way back to quiet, found from the quiet ones against the arrows. */
function stuck(quiet: readonly boolean[], back: readonly (readonly number[])[]): readonly number[] {
  const reached = new Set(quiet.flatMap((is, index) => (is ? [index] : [])))
  const open = [...reached]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const before of back[index] ?? []) {
      if (reached.has(before)) continue
      reached.add(before)
      open.push(before)
    }
  }
  return [...quiet.keys()].filter((index) => !reached.has(index))
}

export function isQuiet(state: LedgerState): boolean {
  return (
    state.halt === undefined &&
    state.train === undefined &&
    Object.values(state.regions).every((r) => r.phase === 'steady' || r.name === 'staging')
  )
}

/** What decisions can depend on, and nothing else: times become "now", "long ago" and the weekday (of UTC). */
export function keyOf({ world, late }: Node): string {
  const { state, clusters, alarming, now } = world
  const at = now.toISOString()
  const age = (then: string | undefined) => (then === undefined ? '-' : then >= at ? 'now' : 'before')
  const text = JSON.stringify([
    Object.values(state.regions).map((r) => regionKey(r, age)),
    [state.train, state.queue].map((train) =>
      train === undefined ? '' : [train.release, train.started, train.approvals.map((a) => age(a.until))],
    ),
    Object.values(state.releases).map((r) => [
      r.id,
      shortOf(r.digest),
      r.kind,
      r.outcome ?? '',
      age(r.endedAt),
    ]),
    state.vetoed.map((v) => shortOf(v.digest)),
    state.releaseCount,
    state.halt === undefined ? '' : [state.halt.regions, state.halt.auto, state.halt.release ?? ''],
    state.starts.flatMap((s) => (s.day === at.slice(0, 10) ? [s.region] : [])),
    Object.values(clusters).map(clusterKey),
    alarming === undefined ? '' : shortOf(alarming),
    (world.condemned ?? []).map(shortOf),
    now.getUTCDay() === 2,
    world.hotfixed === true,
    late === undefined ? '' : lateKey(late, world),
  ])
  return hash('md5', text, 'base64')
}

const timed: readonly RegionState['phase'][] = ['baking', 'pinned', 'canary-passed', 'following']

function regionKey(r: RegionState, age: (at: string | undefined) => string): unknown {
  return [
    r.name,
    r.phase,
    r.release ?? '',
    r.pins === undefined ? '' : pinsKey(r.pins),
    age(timed.includes(r.phase) ? r.since : undefined),
    r.verified.map((v) => v.release ?? ''),
    r.target === undefined ? '' : [r.target.release ?? '', shortOf(r.target.digest)],
    r.hold === undefined ? '' : r.hold.skip === true ? 'skip' : 'hold',
    r.excluded === undefined ? '' : 'out',
  ]
}

/** One character tells the digests and commits of the model apart. */
function shortOf(digest: string): string {
  return digest.at(-1) ?? ''
}

function pinsKey({ configSha, workloads }: Pins): string {
  return shortOf(configSha) + Object.values(workloads).map(shortOf).join('')
}

function clusterKey({ carried, served }: Cluster): string {
  return `${pinsKey(carried)} ${Object.values(served).map(shortOf).join('')}`
}

function lateKey(late: Late, { state, now }: World): unknown {
  if (late.kind === 'decided') return [withoutNames(late.events), late.at >= now, late.saw ?? '']
  const { world: then } = late
  const samePins = Object.values(state.regions).map((r) => r.pins === regionOf(then.state, r.name)?.pins)
  return [Object.values(then.clusters).map(clusterKey), then.alarming ?? '', samePins]
}

/** Ids of transitions are hashes of the head: two ways to the same state would never meet. */
function withoutNames(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, v) => (key === 'transition' || key === 'planHash' ? undefined : v)),
  )
}
