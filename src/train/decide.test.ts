import { describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { regionOf } from '../ledger/index.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { decideOutcome } from './outcome.ts'
import {
  adoptedWorld,
  applyEvents,
  configOf,
  digestOf,
  environmentOf,
  factsOf,
  hours,
  later,
  minutes,
  promoted,
  released,
  shaOf,
  synced,
  tuesday,
  type World,
} from './testing/world.ts'

const config = configOf(['us', 'eu'])

function look(world: World, policy: Config = config): Decision {
  return decide(world.state, factsOf(world, policy), policy, world.now)
}

function tick(world: World, policy: Config = config): { world: World; decision: Decision } {
  const decision = look(world, policy)
  return { world: { ...world, state: applyEvents(world.state, decision.events, world.now) }, decision }
}

function record(world: World, verdict: 'pass' | 'fail', policy: Config = config): World {
  const { step } = look(world, policy)
  if (step.kind === 'none') throw new Error('no step waits')
  const outcome = { transition: step.transition, verdict, reason: 'canary-worse', why: '5 % errors' }
  const decided = decideOutcome(world.state, factsOf(world, policy), policy, outcome)
  if (!decided.ok) throw new Error(decided.fault.cause)
  return { ...world, state: applyEvents(world.state, decided.value.events, world.now) }
}

const waited = (world: World, ms: number): World => ({ ...world, now: later(world.now, ms) })
const types = (decision: Decision) => decision.events.map((e) => e.type)

/** The way of a release through one region, up to where it bakes. */
function baking(world: World, region: string, policy: Config = config): World {
  const pinned = synced(tick(world, policy).world, region)
  const passed = record(promoted(pinned, region), 'pass', policy)
  return tick(synced(tick(passed, policy).world, region), policy).world
}

const ready = released(adoptedWorld(config), config, 1)

describe('a release goes through a region', () => {
  it('pins the Rollout, then the others, bakes, and is verified, in five commits', () => {
    const pinned = tick(ready)
    expect(types(pinned.decision)).toEqual(['started', 'pinned'])
    expect(pinned.decision.step).toMatchObject({ kind: 'pin', region: 'us' })
    expect(pinned.decision.pins[0]?.pins.workloads).toEqual({ api: digestOf(1), relay: digestOf(9) })

    const canary = tick(synced(pinned.world, 'us'))
    expect(canary.decision.step).toMatchObject({ kind: 'canary', region: 'us' })
    expect(canary.decision.events).toEqual([])

    const passed = record(promoted(canary.world, 'us'), 'pass')
    const followers = tick(passed)
    expect(followers.decision.pins[0]?.pins.workloads).toEqual({ api: digestOf(1), relay: digestOf(1) })
    expect(look(followers.world).reason).toBe('not-served')

    const live = tick(synced(followers.world, 'us'))
    expect(types(live.decision)).toEqual(['live'])
    expect(live.decision.step.kind).toBe('bake')
    expect(look(live.world)).toMatchObject({ verdict: 'wait', reason: 'baking', step: { kind: 'bake' } })

    const verified = tick(waited(live.world, minutes(30)))
    expect(types(verified.decision)).toEqual(['verified'])
    expect(regionOf(verified.world.state, 'us')?.verified.at(-1)).toMatchObject({
      release: 'r1',
      digest: digestOf(1),
    })
  })

  it('goes on with the next region on the next day, and ends after the last', () => {
    const us = tick(waited(baking(ready, 'us'), minutes(30))).world
    expect(look(us)).toMatchObject({
      verdict: 'wait',
      reason: 'day-used',
      until: new Date('2026-11-18T06:00:00Z'),
    })
    const eu = tick(waited(baking(waited(us, hours(24)), 'eu'), minutes(30)))
    expect(types(eu.decision)).toEqual(['verified', 'train-ended'])
    expect(eu.world.state.train).toBeUndefined()
    expect(eu.world.state.releases.r1?.outcome).toBe('done')
    expect(look(eu.world).reason).toBe('train-none')
  })

  it('names the time at which the last of the gates that wait for one opens', () => {
    const eu = environmentOf('eu', { window: { days: ['Tue'], fromMinute: 660, toMinute: 720 } })
    const policy = { ...config, environments: { ...config.environments, eu } }
    const begun = baking(released(adoptedWorld(policy), policy, 1), 'us', policy)
    const us = tick(waited(begun, minutes(30)), policy).world
    // The window opens at 11:00, but the day is used.
    expect(look(us, policy)).toMatchObject({
      verdict: 'wait',
      reason: 'window-closed',
      until: new Date('2026-11-18T06:00:00Z'),
    })
  })

  it('does not bake what only the pin says', () => {
    const passed = record(promoted(synced(tick(ready).world, 'us'), 'us'), 'pass')
    const followers = tick(passed).world
    expect(look(followers)).toMatchObject({ verdict: 'wait', reason: 'not-served', step: { kind: 'none' } })
  })

  it('asks for migrations before the pin, once, and goes on after their outcome', () => {
    const policy = configOf(['us', 'eu'], {
      migrations: {
        folder: 'm',
        schema: 'public',
        lockTimeoutMs: 100,
        budgetMs: 1000,
        stallMs: 150,
        stallBudgetMs: 1000,
      },
      environments: {
        staging: environmentOf('staging'),
        us: environmentOf('us', {
          database: { urlEnv: 'DATABASE_URL', login: 'url', tenants: [], parallel: 4 },
        }),
        eu: environmentOf('eu'),
      },
    })
    const start = tick(released(adoptedWorld(policy), policy, 1), policy)
    expect(types(start.decision)).toEqual(['started', 'migration-started'])
    expect(look(start.world, policy).step).toEqual(start.decision.step)
    const migrated = record(start.world, 'pass', policy)
    expect(look(migrated, policy).step.kind).toBe('pin')
    const failed = record(start.world, 'fail', policy)
    expect(look(failed, policy).reason).toBe('halted')
    const cleared = applyEvents(
      failed.state,
      [{ type: 'cleared', person: 'ada', why: 'index dropped' }],
      failed.now,
    )
    const again = tick({ ...failed, state: cleared }, policy)
    expect(types(again.decision)).toEqual(['migration-started'])
  })
})

describe('a region does not start', () => {
  const stale = (world: World) => decide(world.state, factsOf(world, config, minutes(11)), config, world.now)
  const drifted = () => {
    const facts = factsOf(ready, config)
    const view = facts.regions.get('us')
    const pins = { configSha: shaOf(9), workloads: { api: digestOf(5), relay: digestOf(9) } }
    return decide(
      ready.state,
      { ...facts, regions: new Map(facts.regions).set('us', { ...view, pins }) },
      config,
      ready.now,
    )
  }
  const halted = applyEvents(
    ready.state,
    [{ type: 'halted', reason: 'halted', why: 'incident', person: 'ada', auto: false, regions: [] }],
    ready.now,
  )
  const held = applyEvents(
    ready.state,
    [{ type: 'held', region: 'us', reason: 'audit', person: 'ada' }],
    ready.now,
  )
  const windowed = configOf(['us', 'eu'])
  const closed: Config = {
    ...windowed,
    environments: {
      ...windowed.environments,
      us: environmentOf('us', { window: { days: ['Tue'], fromMinute: 660, toMinute: 720 } }),
    },
  }
  const unapproved = () => {
    const changed = { ...config, train: { ...config.train, bakeMs: 1 } }
    return look(ready, changed)
  }
  it.each([
    ['on stale facts', () => stale(ready), 'unknown', 'facts-stale'],
    [
      'when its facts are missing',
      () => decide(ready.state, { head: shaOf(1), regions: pinsOnly() }, config, tuesday),
      'unknown',
      'facts-missing',
    ],
    ['on a day that is no start day', () => look(waited(ready, hours(24))), 'wait', 'start-day'],
    [
      'outside its window',
      () => look(released(adoptedWorld(closed), closed, 1), closed),
      'wait',
      'window-closed',
    ],
    ['while the service is halted', () => look({ ...ready, state: halted }), 'fail', 'halted'],
    ['while a person holds it', () => look({ ...ready, state: held }), 'wait', 'held'],
    ['after somebody else changed its pins', drifted, 'fail', 'pin-drift'],
    ['when the policy changed since the approval', unapproved, 'wait', 'approval-void'],
    ['when the approval expired', () => look(waited(ready, hours(24 * 7))), 'wait', 'approval-void'],
    [
      'when what it runs is not healthy',
      () => look({ ...ready, clusters: { ...ready.clusters, us: sick() } }),
      'wait',
      'region-unhealthy',
    ],
    ['when the order was changed', () => look(ready, configOf(['eu', 'us'])), 'fail', 'order-changed'],
    [
      'when it was never adopted',
      () => look(released(adoptedWorld(configOf(['eu'])), config, 1)),
      'fail',
      'region-not-adopted',
    ],
  ] as const)('%s', (_name, decide, verdict, reason) => {
    const decision = decide()
    expect(decision).toMatchObject({ verdict, reason })
    expect(decision.events).toEqual([])
    expect(decision.step.kind).toBe('none')
  })

  const sick = () => ({
    carried: ready.clusters.us?.carried ?? never(),
    served: { api: digestOf(9), relay: digestOf(8) },
  })
  const pinsOnly = () =>
    new Map([...factsOf(ready, config).regions].map(([k, v]) => [k, v.pins ? { pins: v.pins } : {}]))
  const never = (): never => {
    throw new Error('unreachable')
  }
})

describe('a bad release goes back', () => {
  it('when its canary fails: vetoed, halted, and no workload of it left pinned', () => {
    const failed = record(synced(tick(ready).world, 'us'), 'fail')
    const region = regionOf(failed.state, 'us')
    expect(region).toMatchObject({
      phase: 'rolling-back',
      pins: { workloads: { api: digestOf(9), relay: digestOf(9) } },
    })
    expect(failed.state.vetoed).toMatchObject([{ digest: digestOf(1) }])
    expect(failed.state).toMatchObject({ halt: { auto: true, regions: ['us'] }, releases: {} })
    expect(failed.state.train).toBeUndefined()
    expect(look(failed).reason).toBe('rolling-back')
    const back = tick(synced(failed, 'us'))
    expect(types(back.decision)).toEqual(['rolled-back'])
    expect(look(back.world).reason).toBe('halted')
    // The vetoed digest cannot be staged again.
    expect(released(back.world, config, 1).state).toBe(back.world.state)
  })

  it.each([
    ['fail', 'prometheus-refused', 'outcome-no-evidence'],
    ['fail', 'config-invalid', 'outcome-no-evidence'],
    ['unknown', 'canary-blind', 'outcome-missing'],
    ['wait', 'canary-holding', 'outcome-missing'],
  ] as const)('but not when the gate answers %s with %s', (verdict, reason, answer) => {
    const pinned = synced(tick(ready).world, 'us')
    const { step } = look(pinned)
    const transition = step.kind === 'none' ? '' : step.transition
    const outcome = { transition, verdict, reason, why: 'no route' }
    const decided = decideOutcome(pinned.state, factsOf(pinned, config), config, outcome)
    expect(decided).toMatchObject({ ok: true, value: { reason: answer, events: [], pins: [] } })
    expect(look(pinned).step.kind).toBe('canary')
  })

  it('from every region in reverse order, when a region that was verified alarms later', () => {
    const us = tick(waited(baking(ready, 'us'), minutes(30))).world
    const eu = baking(waited(us, hours(24)), 'eu')
    const alarm = tick({ ...eu, alarming: digestOf(1) })
    expect(alarm.decision).toMatchObject({ verdict: 'fail', reason: 'alarm-on-release' })
    expect(types(alarm.decision)).toEqual(['halted', 'vetoed', 'train-ended', 'rollback-started'])
    expect(alarm.decision.pins.map((p) => p.region)).toEqual(['eu'])
    const next = tick(synced(alarm.world, 'eu'))
    expect(types(next.decision)).toEqual(['rolled-back', 'rollback-started'])
    expect(next.decision.pins).toMatchObject([{ region: 'us', pins: { configSha: shaOf(9) } }])
    const done = tick(synced(next.world, 'us'))
    expect(done.decision.reason).toBe('rolled-back')
    expect(done.world.state.halt?.regions).toEqual([])
  })

  it('but not for an alarm on another digest, nor for a stale one', () => {
    const us = tick(waited(baking(ready, 'us'), minutes(30))).world
    expect(look({ ...us, alarming: digestOf(9) }).reason).toBe('day-used')
    const world = { ...us, alarming: digestOf(1) }
    const stale = decide(world.state, factsOf(world, config, minutes(11)), config, world.now)
    expect(stale).toMatchObject({ verdict: 'unknown', reason: 'facts-stale', events: [] })
  })
})

it('gives the same answer twice', () => {
  for (const world of [ready, tick(ready).world, baking(ready, 'us')])
    expect(look(world)).toEqual(look(world))
})
