import type { Config } from '../../config/index.ts'
import { type LedgerState, regionOf } from '../../ledger/index.ts'
import { decide } from '../decide.ts'
import { decideOutcome } from '../outcome.ts'
import * as people from '../people.ts'
import { type Broken, check } from './invariants.ts'
import { commit, liveAlarm, rules } from './moves.ts'
import { brokenClock } from './weeks-clock.ts'
import { weeksConfig } from './weeks-config.ts'
import {
  adoptedWorld,
  digestOf,
  factsOf,
  hours,
  later,
  minutes,
  promoted,
  released,
  samePins,
  synced,
  type World,
} from './world.ts'

/**
 * Ten weeks of one service, from the last Tuesday of September: both edges of summer time in the north and one in
 * the south, two freezes, days off, ticks that come late or never, a hotfix, and two bad releases.
 */
export const from = new Date('2026-09-29T00:00:00.000Z')
export const weeks = 10

export interface Entry {
  readonly at: Date
  readonly region?: string
  readonly what: string
}

export interface Weeks {
  readonly entries: readonly Entry[]
  readonly ticks: number
  readonly missed: number
  readonly state: LedgerState
  readonly broken: readonly (Broken & { readonly at: Date })[]
}

/** Numbers whose digests differ from those of all others. */
const numberOf = (n: number): number => 0x200 + n
const firstBad = 9
const secondBad = 21
const hotfix = 28

/** Drawn from a seed, so that a run can be repeated. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 0x1_0000_0000
  }
}

/** Every quarter of an hour something wakes up, or does not: one in eight never, the others up to forty minutes late. */
export function simulate(seed: number): Weeks {
  const config = weeksConfig()
  const draw = dice(seed)
  const entries: Entry[] = []
  const broken: (Broken & { at: Date })[] = []
  let world = adoptedWorld(config, from)
  let staged = 0
  let missed = 0
  let ticks = 0
  const step = (next: World, by: string): void => {
    const saw = liveAlarm(world)
    const found = [...check(world, next, config, by, saw), ...brokenClock(world, next, config)]
    for (const one of found) broken.push({ ...one, at: next.now })
    entries.push(...changes(world, next, config))
    world = next
  }
  for (let slot = 0; slot < weeks * 7 * 96; slot++) {
    const due = later(from, slot * minutes(15))
    const at = later(due, draw() < 0.3 ? draw() * minutes(40) : 0)
    world = { ...world, now: at > world.now ? at : world.now }
    const number = releaseDue(due)
    if (number !== undefined) {
      staged = number
      step(released(world, config, numberOf(number), number === hotfix ? 'hotfix' : 'normal'), 'release')
    }
    step(clusters(world, config), 'clusters')
    step(canaries(world, config), 'record')
    step(person(world), 'person')
    if (draw() < 0.125) {
      missed++
      continue
    }
    ticks++
    const decision = decide(world.state, factsOf(world, config), config, world.now)
    if (decision.events.length > 0) step(commit(world, decision.events, rules, liveAlarm(world)), 'tick')
  }
  return {
    entries,
    ticks,
    missed,
    state: world.state,
    broken: staged === weeks * 3 ? broken : [unstaged(world)],
  }
}

function unstaged({ now }: World): Broken & { at: Date } {
  return { invariant: 'three releases a week', what: 'some were not staged', at: now }
}

/** Wednesday, Thursday and Monday at 14:00 UTC. */
function releaseDue(due: Date): number | undefined {
  const week = Math.floor((due.getTime() - from.getTime()) / hours(24 * 7))
  const slot = [3, 4, 1].indexOf(due.getUTCDay())
  return slot >= 0 && due.getUTCHours() === 14 && due.getUTCMinutes() === 0 ? week * 3 + slot + 1 : undefined
}

/** Argo CD carries what is pinned; a canary is promoted after its time; the second bad release alarms while it bakes. */
function clusters(world: World, config: Config): World {
  let next = world
  for (const name of config.train.order) {
    const region = regionOf(next.state, name)
    const cluster = next.clusters[name]
    if (region?.pins === undefined || cluster === undefined) continue
    if (!samePins(cluster.carried, region.pins)) next = synced(next, name)
    else if (canaryOver(next, name) && region.release !== undefined && !failsCanary(next, name))
      next = promoted(next, name)
  }
  const digest = digestOf(numberOf(secondBad))
  const alarms = regionOf(next.state, 'eu')?.phase === 'baking' && next.clusters.eu?.served.api === digest
  const live = Object.values(next.clusters).some((c) => Object.values(c.served).includes(digest))
  const { alarming: before, ...rest } = next
  return alarms || (before !== undefined && live) ? { ...rest, alarming: digest } : rest
}

function canaryOver({ state, now }: World, name: string): boolean {
  const region = regionOf(state, name)
  return region?.phase === 'pinned' && now.getTime() - Date.parse(region.since) >= minutes(60)
}

function failsCanary({ state }: World, name: string): boolean {
  return regionOf(state, name)?.pins?.workloads.api === digestOf(numberOf(firstBad))
}

/** The canary gate answers once its time is over. */
function canaries(world: World, config: Config): World {
  for (const name of config.train.order) {
    const region = regionOf(world.state, name)
    if (region?.transition === undefined || !canaryOver(world, name)) continue
    const verdict = failsCanary(world, name) ? 'fail' : 'pass'
    const outcome = { transition: region.transition, verdict, reason: 'canary-worse', why: 'counts' } as const
    const decided = decideOutcome(world.state, factsOf(world, config), config, outcome)
    if (decided.ok) return commit(world, decided.value.events, rules)
  }
  return world
}

/** Somebody looks a day after a halt, and clears it when everything is back. */
function person(world: World): World {
  const { halt } = world.state
  if (halt === undefined || world.now.getTime() - Date.parse(halt.at) < hours(24)) return world
  const wish = people.resume(world.state, undefined, 'ada', 'found and understood')
  return wish.ok ? commit(world, wish.value.events, rules) : world
}

/** What of a step belongs into a calendar. */
function changes(before: World, after: World, config: Config): readonly Entry[] {
  const at = after.now
  const list: Entry[] = []
  for (const name of config.train.order) {
    const was = regionOf(before.state, name)
    const is = regionOf(after.state, name)
    if (was === is || is === undefined) continue
    if (is.phase === 'pinned' && was?.phase !== 'pinned')
      list.push({ at, region: name, what: `${is.release} starts` })
    if (is.phase === 'steady' && was?.phase === 'baking' && is.verified.length > was.verified.length)
      list.push({ at, region: name, what: `${was.release} verified` })
    if (is.phase === 'rolling-back' && was?.phase !== 'rolling-back')
      list.push({ at, region: name, what: `back to ${is.target?.release ?? 'the baseline'}` })
  }
  const halted = after.state.halt
  if (halted !== undefined && before.state.halt === undefined)
    list.push({ at, what: `halted: ${halted.why}` })
  if (halted === undefined && before.state.halt !== undefined) list.push({ at, what: 'cleared' })
  for (const release of Object.values(after.state.releases)) {
    const ended = before.state.releases[release.id]?.outcome !== release.outcome && release.outcome
    if (ended) list.push({ at, what: `${release.id} ${ended}` })
  }
  return list
}
