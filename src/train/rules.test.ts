import { describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { type NewEvent, regionOf } from '../ledger/index.ts'
import { decide } from './decide.ts'
import { decideOutcome } from './outcome.ts'
import * as people from './people.ts'
import { rollbackPlan } from './rollback.ts'
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
  synced,
  type World,
} from './testing/world.ts'

/** The transitions that need more than one release or a person: T4, T9, T12, T13, T14. */

const plain = configOf(['us', 'eu'])
const config: Config = {
  ...plain,
  approvals: { required: 1, expiresMs: hours(24 * 30) },
  train: { ...plain.train, watchMs: hours(24), progressMs: hours(2) },
}
const said = { person: 'ada', reason: 'because' }
const look = (world: World, policy = config) => decide(world.state, factsOf(world, policy), policy, world.now)
const apply = (world: World, events: readonly NewEvent[]): World => ({
  ...world,
  state: applyEvents(world.state, events, world.now),
})
const tick = (world: World) => apply(world, look(world).events)
const waited = (world: World, ms: number): World => ({ ...world, now: later(world.now, ms) })

function pinned(world: World, region: string): World {
  return synced(tick(world), region)
}

function baking(world: World, region: string): World {
  const canary = promoted(pinned(world, region), region)
  const { step } = look(canary)
  const transition = step.kind === 'none' ? '' : step.transition
  const outcome = { transition, verdict: 'pass' as const, reason: 'done', why: 'no difference' }
  const decided = decideOutcome(canary.state, factsOf(canary, config), config, outcome)
  if (!decided.ok) throw new Error(decided.fault.cause)
  return tick(synced(tick(apply(canary, decided.value.events)), region))
}

const verified = (world: World, region: string): World => tick(waited(baking(world, region), minutes(30)))
const start = released(adoptedWorld(config), config, 1)
const hotfixed = (world: World) => released(world, config, 2, 'hotfix')

describe('T4: a pin that is not served', () => {
  it('goes back after the limit, without a veto, and may be proposed again', () => {
    const stuck = tick(start)
    expect(look(waited(stuck, hours(1))).events).toEqual([])
    const late = waited(stuck, hours(2))
    const decision = look(late)
    expect(decision).toMatchObject({ verdict: 'fail', reason: 'region-stuck' })
    expect(decision.events.map((e) => e.type)).toEqual(['halted', 'train-ended', 'rollback-started'])
    const back = tick(synced(apply(late, decision.events), 'us'))
    expect(back.state).toMatchObject({ vetoed: [], halt: { auto: true, regions: [] } })
    const release = back.state.releases.r1
    if (release === undefined) throw new Error('r1 was forgotten')
    expect(people.propose(back.state, config, release, 'ada')).toMatchObject({ ok: true })
  })

  it('is vetoed when it alarms on its way back, and does not come again', () => {
    const both = verified(start, 'us')
    const stuck = waited(tick({ ...both, now: later(both.now, hours(24)) }), hours(2))
    const late = apply(stuck, look(stuck).events)
    expect(late.state).toMatchObject({ vetoed: [], halt: { reason: 'region-stuck', regions: ['eu', 'us'] } })
    // `us` still serves it.
    const decision = look({ ...late, alarming: digestOf(1) })
    expect(decision).toMatchObject({ verdict: 'fail', reason: 'alarm-on-release', pins: [] })
    expect(decision.events).toMatchObject([{ type: 'vetoed', digest: digestOf(1) }])
    const vetoed = apply(late, decision.events)
    expect(look({ ...vetoed, alarming: digestOf(1) }).reason).not.toBe('alarm-on-release')
    const { r1 } = vetoed.state.releases
    if (r1 === undefined) throw new Error('r1 was forgotten')
    expect(people.propose(vetoed.state, config, r1, 'ada')).toMatchObject({
      ok: false,
      fault: { reason: 'digest-vetoed' },
    })
  })

  it('is no target of a later rollback in the regions that had it verified', () => {
    const one = verified(start, 'us')
    expect(regionOf(one.state, 'us')?.verified.map((v) => v.release)).toEqual([undefined, 'r1'])
    const stuck = waited(tick({ ...one, now: later(one.now, hours(24)) }), hours(2))
    const eu = tick(synced(apply(stuck, look(stuck).events), 'eu'))
    expect(regionOf(eu.state, 'us')).toMatchObject({ phase: 'rolling-back' })
    expect(regionOf(eu.state, 'us')?.verified.map((v) => v.release)).toEqual([undefined])
  })

  it('ends a train that waits with the same image under another number', () => {
    const canary = promoted(pinned(hotfixed(adoptedWorld(config)), 'us'), 'us')
    const twice = released(canary, config, 2)
    expect(twice.state).toMatchObject({ train: { release: 'r1' }, queue: { release: 'r2' } })
    const after = tick({ ...twice, alarming: digestOf(2) }).state
    expect(after).toMatchObject({ vetoed: [{ digest: digestOf(2) }], halt: { regions: ['us'] } })
    expect([after.train, after.queue]).toEqual([undefined, undefined])
  })

  it('stays when its facts are too old to tell', () => {
    const late = waited(tick(start), hours(3))
    const facts = factsOf(late, config, minutes(11))
    expect(decide(late.state, facts, config, late.now).events).toEqual([])
  })
})

describe('T9: an alarm after the train', () => {
  const done = verified(waited(verified(start, 'us'), hours(24)), 'eu')

  it('takes the release back within the watch', () => {
    expect(done.state.train).toBeUndefined()
    const decision = look({ ...waited(done, hours(23)), alarming: digestOf(1) })
    expect(decision).toMatchObject({ reason: 'alarm-on-release', pins: [{ region: 'eu' }] })
  })

  it('asks a person after it', () => {
    const decision = look({ ...waited(done, hours(24)), alarming: digestOf(1) })
    expect(decision).toMatchObject({ verdict: 'fail', reason: 'alarm-asks', events: [] })
  })
})

describe('T12: a hotfix', () => {
  it('waits while a region is between its pin and its bake, then takes the train', () => {
    const during = hotfixed(pinned(start, 'us'))
    expect(during.state.queue?.release).toBe('r2')
    expect(look(during)).toMatchObject({ step: { kind: 'canary' } })
    const between = hotfixed(baking(start, 'us'))
    expect(look(between)).toMatchObject({
      reason: 'train-preempted',
      events: [{ type: 'train-ended', release: 'r1', outcome: 'preempted' }],
    })
    const after = tick(between)
    expect(after.state).toMatchObject({ train: { release: 'r2', started: [] } })
    expect(after.state.queue).toBeUndefined()
    // Time that passes later does not verify what was left.
    expect(regionOf(after.state, 'us')).toMatchObject({ phase: 'steady' })
    expect(regionOf(after.state, 'us')?.verified).toHaveLength(1)
    expect(tick(after).state.train).toMatchObject({ release: 'r2', started: ['us'] })
  })

  it('starts on any day, a second region the same day, but not two at once', () => {
    const us = tick(waited(hotfixed(verified(start, 'us')), hours(24 * 3)))
    const first = tick(us)
    expect(first.state.train).toMatchObject({ release: 'r2', started: ['us'] })
    expect(look(first)).toMatchObject({ step: { region: 'us' } })
    expect(look(verified(us, 'us'))).toMatchObject({ step: { kind: 'pin', region: 'eu' } })
  })

  it('needs the approval of somebody else, even where the policy asks for none', () => {
    const policy = { ...config, approvals: { ...config.approvals, required: 0 } }
    const world = hotfixed(adoptedWorld(policy))
    const unapproved = {
      ...world,
      state: { ...world.state, train: world.state.train && { ...world.state.train, approvals: [] } },
    }
    const { train, ...rest } = unapproved.state
    const state = train === undefined ? rest : { ...rest, train }
    expect(decide(state, factsOf(world, policy), policy, world.now)).toMatchObject({
      reason: 'approval-missing',
    })
  })

  it('is not pushed out of the queue by a normal release', () => {
    const world = hotfixed(pinned(start, 'us'))
    const third = released(world, config, 3)
    expect(third.state.queue?.release).toBe('r2')
    const release = third.state.releases.r3
    if (release === undefined) throw new Error('not staged')
    expect(people.propose(third.state, config, release, 'ada')).toMatchObject({
      ok: false,
      fault: { reason: 'hotfix-waiting' },
    })
  })
})

describe('T13: a held region', () => {
  const usDone = waited(verified(start, 'us'), hours(24))

  it('makes the train wait, or is passed by when that is said', () => {
    const three = configOf(['us', 'eu', 'ap'], {
      approvals: config.approvals,
      train: { ...config.train, order: configOf(['us', 'eu', 'ap']).train.order },
    })
    const first = released(adoptedWorld(three), three, 1)
    const held = apply(first, people.hold(first.state, 'us', said).events)
    expect(look(held, three)).toMatchObject({ verdict: 'wait', reason: 'held' })
    const skipped = apply(held, people.hold(held.state, 'us', { ...said, skip: true }).events)
    expect(look(skipped, three).step).toMatchObject({ kind: 'pin', region: 'eu' })
  })

  it('is waited for at the end, or a person ends the train', () => {
    const skipped = apply(usDone, people.hold(usDone.state, 'eu', { ...said, skip: true }).events)
    expect(look(skipped)).toMatchObject({ verdict: 'wait', reason: 'held', events: [] })
    const ended = people.cancel(skipped.state, config, said)
    if (!ended.ok) throw new Error(ended.fault.cause)
    expect(apply(skipped, ended.value.events).state.releases.r1?.outcome).toBe('partial')
  })

  it('cannot be ended while a region is on its way', () => {
    expect(people.cancel(pinned(start, 'us').state, config, said)).toMatchObject({
      ok: false,
      fault: { reason: 'release-running' },
    })
  })
})

describe('a region that is out', () => {
  const out = (world: World) => apply(world, people.exclude(world.state, 'eu', said).events)

  it('makes normal releases wait, and a hotfix goes past it', () => {
    expect(look(out(start))).toMatchObject({ verdict: 'wait', reason: 'region-excluded' })
    const fixed = verified(hotfixed(out(adoptedWorld(config))), 'us')
    expect(look(fixed)).toMatchObject({ reason: 'train-done', events: [{ outcome: 'partial' }] })
  })

  it.each<[string, Config, string, string]>([
    ['T14: is stood in for under the same law', config, 'us', 'ok'],
    [
      'but not under another one',
      {
        ...config,
        environments: { ...config.environments, eu: environmentOf('eu', { jurisdiction: 'eu' }) },
      },
      'us',
      'residency',
    ],
    ['and not by itself', config, 'eu', 'residency'],
  ])('%s', (_name, policy, to, expected) => {
    const world = out(adoptedWorld(policy))
    const wish = people.failover(
      world.state,
      factsOf(world, policy),
      policy,
      { region: 'eu', to, ...said },
      world.now,
    )
    expect(wish.ok ? 'ok' : wish.fault.reason).toBe(expected)
    if (!wish.ok) return
    const moved = apply(world, wish.value.events)
    expect(people.include(moved.state, 'eu', said)).toMatchObject({
      ok: false,
      fault: { reason: 'failover-open' },
    })
    const home = apply(moved, people.failback(moved.state, 'eu', said).events)
    expect(people.include(home.state, 'eu', said)).toMatchObject({ ok: true })
  })

  it('is not stood in for by a region that a release is on its way in, nor while it is in service', () => {
    const moving = out(pinned(start, 'us'))
    const wish = { region: 'eu', to: 'us', ...said }
    for (const world of [moving, start]) {
      const answer = people.failover(world.state, factsOf(world, config), config, wish, world.now)
      expect(answer).toMatchObject({ ok: false, fault: { reason: 'failover-refused' } })
    }
  })
})

describe('people', () => {
  it('take an approval back, also after the train has begun', () => {
    const us = waited(verified(start, 'us'), hours(24))
    const release = us.state.releases.r1
    if (release === undefined) throw new Error('no r1')
    const wish = people.revoke(us.state, release, { person: 'grace', reason: 'second thoughts' })
    if (!wish.ok) throw new Error(wish.fault.cause)
    expect(look(apply(us, wish.value.events))).toMatchObject({ verdict: 'wait', reason: 'approval-missing' })
  })

  it('veto what does not run yet, and are sent to the rollback for what does', () => {
    const release = start.state.releases.r1
    if (release === undefined) throw new Error('no r1')
    const wish = people.veto(start.state, config, release, said)
    if (!wish.ok) throw new Error(wish.fault.cause)
    expect(apply(start, wish.value.events).state).toMatchObject({
      releases: { r1: { outcome: 'cancelled' } },
    })
    expect(people.veto(pinned(start, 'us').state, config, release, said)).toMatchObject({
      ok: false,
      fault: { reason: 'release-running' },
    })
  })

  it('approve only when they are among those who may', () => {
    const policy = { ...config, approvals: { ...config.approvals, from: ['linus'] } }
    const release = start.state.releases.r1
    const world = adoptedWorld(policy)
    if (release === undefined) throw new Error('no r1')
    const staged = { ...start, state: { ...start.state } }
    const proposed = people.propose(staged.state, policy, release, 'ada')
    if (!proposed.ok) throw new Error(proposed.fault.cause)
    const state = applyEvents(staged.state, proposed.value.events, world.now)
    const answer = people.approve(state, policy, { person: 'grace', at: world.now, release })
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'approver-not-allowed' } })
  })
})

it('does not move beside a service that is named, and not when that one is unknown', () => {
  const policy = { ...config, train: { ...config.train, notBeside: ['cart'] } }
  const world = released(adoptedWorld(policy), policy, 1)
  const facts = factsOf(world, policy)
  const answer = (view?: { kind: 'quiet' } | { kind: 'moving'; region: string } | { kind: 'unreadable' }) =>
    decide(
      world.state,
      { ...facts, fleet: new Map(view === undefined ? [] : [['cart', view]]) },
      policy,
      world.now,
    )
  expect(answer({ kind: 'quiet' }).step.kind).toBe('pin')
  expect(answer({ kind: 'moving', region: 'us' })).toMatchObject({ verdict: 'wait', reason: 'fleet-busy' })
  expect(answer({ kind: 'unreadable' })).toMatchObject({ verdict: 'unknown', events: [] })
  expect(answer()).toMatchObject({ verdict: 'unknown', events: [] })
})

it('goes back to no release that needs what a contract step took away', () => {
  const us = verified(start, 'us')
  const region = regionOf(us.state, 'us')
  if (region === undefined) throw new Error('no us')
  const schema = { level: 4, floor: { release: 'r9', file: '0004_drop.sql' } }
  const contracted = { ...us.state, regions: { ...us.state.regions, us: { ...region, schema } } }
  expect(rollbackPlan(contracted, config, { regions: 'all' })).toMatchObject({
    ok: false,
    fault: { reason: 'schema-below-floor' },
  })
  expect(rollbackPlan(us.state, config, { regions: 'all' })).toMatchObject({ ok: true })
})
