import { describe, expect, it, test } from 'vitest'
import type { Config } from '../config/index.ts'
import { type NewEvent, regionOf, type SchemaClaims } from '../ledger/index.ts'
import { schemaClaims as claimsOf } from '../schema/index.ts'
import { decide } from './decide.ts'
import { decideOutcome } from './outcome.ts'
import * as people from './people.ts'
import { rollbackPlan } from './rollback.ts'
import { readClaims } from './schema.ts'
import {
  adoptedWorld,
  applyEvents,
  configOf,
  digestOf,
  environmentOf,
  factsOf,
  lead,
  shaOf,
  type World,
} from './testing/world.ts'

const database = { urlEnv: 'DATABASE_URL', login: 'url', tenants: [], parallel: 4 } as const
const bounds = { lockTimeoutMs: 100, budgetMs: 1000, stallMs: 150, stallBudgetMs: 1000 }

/** `us` has a database of its own, `eu` none. */
const config = configOf(['us', 'eu'], {
  migrations: { folder: 'm', schema: 'public', ...bounds },
  environments: {
    staging: environmentOf('staging'),
    us: environmentOf('us', { database }),
    eu: environmentOf('eu'),
  },
})
const bare = configOf(['us', 'eu'])

const expandTo = (needs: number): SchemaClaims => ({ version: 1, needs, contracts: [] })
const dropNick = {
  file: 'm/0003_drop.sql',
  number: 3,
  unusedSince: 'r2',
  pair: 'pairs/0003_nick_again.sql',
}

/** Staged with its claims, proven, proposed and approved. */
function withClaims(world: World, policy: Config, n: number, claims?: SchemaClaims): World {
  const artifact = {
    digest: digestOf(n),
    configSha: shaOf(n),
    sourceSha: shaOf(n),
    author: 'ada',
    ...(claims !== undefined && { claims }),
  }
  const staged = people.stage(world.state, policy, artifact, { region: 'staging', head: shaOf(0) })
  if (!staged.ok) throw new Error(staged.fault.cause)
  const { id } = staged.value
  let state = applyEvents(
    world.state,
    [...staged.value.events, { type: 'staging-verified', region: 'staging', release: id }],
    world.now,
  )
  const release = state.releases[id]
  if (release === undefined) throw new Error('not staged')
  const proposed = people.propose(state, policy, release, 'ada')
  if (!proposed.ok) throw new Error(proposed.fault.cause)
  state = applyEvents(state, proposed.value.events, world.now)
  const approved = people.approve(state, policy, { person: 'grace', at: world.now, release })
  if (!approved.ok) throw new Error(approved.fault.cause)
  return { ...world, state: applyEvents(state, approved.value.events, world.now) }
}

const look = (world: World, policy: Config = config) =>
  decide(world.state, factsOf(world, policy), policy, world.now)

const with_ = (world: World, events: readonly NewEvent[]): World => ({
  ...world,
  state: applyEvents(world.state, events, world.now),
})

/** The answer of `migrate` to the step that waits. */
function migrated(world: World, level?: number) {
  const { step } = look(world)
  if (step.kind !== 'migrate') throw new Error(`${step.kind} waits`)
  return decideOutcome(world.state, factsOf(world, config), config, {
    transition: step.transition,
    verdict: 'pass',
    reason: 'done',
    why: 'applied',
    ...(level !== undefined && { level }),
  })
}

function started(claims?: SchemaClaims): World {
  const world = withClaims(adoptedWorld(config), config, 1, claims)
  return with_(world, look(world).events)
}

describe('a release whose needs are not recorded in the region', () => {
  it('is pinned after the migration that says so, which is a transition of its own before', () => {
    const world = started(expandTo(2))
    expect(regionOf(world.state, 'us')?.phase).toBe('migrating')
    const done = migrated(world, 2)
    if (!done.ok) throw new Error(done.fault.cause)
    expect(done.value.events).toMatchObject([{ type: 'migration-done', level: 2 }])
    expect(done.value.pins).toEqual([])
    const after = with_(world, done.value.events)
    expect(regionOf(after.state, 'us')).toMatchObject({ phase: 'migrated', schema: { level: 2 } })
    expect(look(after).events).toMatchObject([{ type: 'pinned', region: 'us' }])
  })

  it('halts with nothing pinned when the database stands lower', () => {
    const done = migrated(started(expandTo(3)), 2)
    expect(done).toMatchObject({ ok: true, value: { verdict: 'fail', reason: 'halted', pins: [] } })
    if (!done.ok) throw new Error(done.fault.cause)
    expect(done.value.events).toMatchObject([
      { type: 'migration-failed', reason: 'schema-not-recorded' },
      { type: 'halted', reason: 'schema-not-recorded' },
    ])
  })

  it('is not recorded at all when the outcome does not say where the region stands', () => {
    expect(migrated(started(expandTo(3)))).toMatchObject({
      ok: false,
      fault: { reason: 'schema-not-recorded' },
    })
    expect(migrated(started(expandTo(0))).ok).toBe(true)
    expect(migrated(started()).ok).toBe(true)
  })

  it('does not start where nothing migrates', () => {
    const refused = withClaims(adoptedWorld(bare), bare, 1, expandTo(2))
    expect(look(refused, bare)).toMatchObject({ verdict: 'fail', reason: 'schema-not-recorded', pins: [] })
    const fine = withClaims(adoptedWorld(bare), bare, 1, expandTo(0))
    expect(look(fine, bare).events.map(({ type }) => type)).toContain('pinned')
  })

  it.each([
    [1, { verdict: 'wait', reason: 'schema-behind', pins: [] }],
    [2, { verdict: 'pass', pins: [{ region: 'us' }] }],
  ])('starts where another hand migrates, once its level of %i is recorded as a fact', (level, answer) => {
    const policy = configOf(['us', 'eu'], { gates: { schema: {} } })
    const world = withClaims(adoptedWorld(policy), policy, 1, expandTo(2))
    const at = { version: 1, asOf: world.now.toISOString() } as const
    const checks = [{ ...at, check: 'schema' as const, region: 'us', level }]
    expect(decide(world.state, { ...factsOf(world, policy), checks }, policy, world.now)).toMatchObject(
      answer,
    )
  })
})

describe('the floor', () => {
  const pins = (n: number) => ({ configSha: shaOf(n), workloads: { api: digestOf(n), relay: digestOf(n) } })

  /** r1, r2 and r3 verified in `us`; the third brings the contract step, and the region stands at `level`. */
  function contracted(level: number, contract: Partial<typeof dropNick> = dropNick): World {
    let world = adoptedWorld(config)
    for (const n of [1, 2, 3]) {
      const contracts = n === 3 ? [{ file: dropNick.file, number: 3, ...contract }] : []
      world = withClaims(world, config, n, { version: 1, needs: Math.min(n, 2), contracts })
      const at = { region: 'us', release: `r${n}` }
      world = with_(world, [
        { type: 'started', ...at, day: `2026-11-0${n}` },
        { type: 'migration-started', ...at },
        { type: 'migration-done', ...at, why: 'applied', level: n === 3 ? level : n },
        { type: 'pinned', ...at, group: 'followers', pins: pins(n), base: shaOf(0) },
        { type: 'verified', ...at, requests: 1 },
        { type: 'train-ended', release: at.release, outcome: 'done' },
      ])
    }
    return world
  }

  it('lets a region back to the release that no longer needed what was taken', () => {
    const plan = rollbackPlan(contracted(3).state, config, { regions: 'all' })
    expect(plan).toMatchObject({ ok: true, value: { items: [{ region: 'us', to: { release: 'r2' } }] } })
  })

  it.each([['an older release', { regions: 'all', to: 'r1' } as const, 'r1']])(
    'refuses %s, and names the paired migration',
    (_name, scope, release) => {
      const plan = rollbackPlan(contracted(3).state, config, scope)
      expect(plan).toMatchObject({ ok: false, fault: { reason: 'schema-below-floor' } })
      if (plan.ok) return
      expect(plan.fault.cause).toContain(`cannot go back to ${release}: m/0003_drop.sql`)
      expect(plan.fault.next).toContain('pairs/0003_nick_again.sql')
    },
  )

  it('counts from the release that brought the step where nobody said since when', () => {
    const { unusedSince: _, ...unsaid } = dropNick
    const plan = rollbackPlan(contracted(3, unsaid).state, config, { regions: 'all' })
    expect(plan).toMatchObject({ ok: false, fault: { reason: 'schema-below-floor' } })
    const world = contracted(3)
    expect(regionOf(world.state, 'us')?.schema).toEqual({
      level: 3,
      floor: { release: 'r2', file: dropNick.file, pair: dropNick.pair },
    })
  })

  it('is not there before the step stands in the region', () => {
    const plan = rollbackPlan(contracted(2).state, config, { regions: 'all', to: 'r1' })
    expect(plan).toMatchObject({ ok: true, value: { items: [{ to: { release: 'r1' } }] } })
  })

  it('stops an alarm with what to do instead of going back', () => {
    // Everything above the floor was found bad before: only r1 is left.
    let world = contracted(3)
    world = with_(world, [{ type: 'vetoed', digest: digestOf(2), why: 'leaks' }])
    world = withClaims(world, config, 4, { version: 1, needs: 2, contracts: [dropNick] })
    const at = { region: 'us', release: 'r4' }
    world = with_(world, [
      { type: 'vetoed', digest: digestOf(3), why: 'leaks' },
      { type: 'started', ...at, day: '2026-11-10' },
      { type: 'pinned', ...at, group: 'lead', pins: pins(4), base: shaOf(0) },
    ])
    const plan = rollbackPlan(world.state, config, { regions: 'all' })
    expect(plan).toMatchObject({ ok: false, fault: { reason: 'schema-below-floor' } })
    const facts = factsOf(
      {
        ...world,
        clusters: {
          ...world.clusters,
          us: { carried: pins(4), served: { [lead]: digestOf(4), relay: digestOf(4) } },
        },
      },
      config,
    )
    const us = facts.regions.get('us')
    const alarm = { digest: digestOf(4), name: 'errors', since: world.now.toISOString(), why: '5 %' }
    const regions = new Map(facts.regions)
    if (us?.facts !== undefined) regions.set('us', { ...us, facts: { ...us.facts, alarms: [alarm] } })
    const decided = decide(world.state, { ...facts, regions }, config, world.now)
    expect(decided).toMatchObject({ verdict: 'fail', reason: 'schema-below-floor', pins: [] })
    expect(decided.why).toContain('pairs/0003_nick_again.sql')
  })
})

test('what `migrate` writes is read as it is, and nothing else is', () => {
  const written = claimsOf([
    { file: 'm/0001_a.sql', number: 1, phase: 'expand', declaration: { faults: [] } },
    {
      file: 'm/0003_drop.sql',
      number: 3,
      phase: 'contract',
      declaration: { unusedSince: 'r2', pair: 'pairs/0003_nick_again.sql', faults: [] },
    },
  ])
  expect(readClaims(JSON.parse(JSON.stringify(written)))).toEqual({
    ok: true,
    value: { version: 1, needs: 1, contracts: [dropNick], floor: 'r2' },
  })
  for (const wrong of [
    '{}',
    '{"version":2,"needs":1,"contracts":[]}',
    '{"version":1,"needs":-1,"contracts":[]}',
    '3',
  ])
    expect(readClaims(JSON.parse(wrong))).toMatchObject({ ok: false, fault: { reason: 'invalid-input' } })
})
