import { describe, expect, it } from 'vitest'
import { type LedgerState, type NewEvent, regionOf, vetoOf } from '../ledger/index.ts'
import type { CommitSha, Digest } from '../release/index.ts'
import {
  haltEvents,
  type RollbackItem,
  rollbackPlan,
  rolledBackEvent,
  startRollbackEvent,
} from './rollback.ts'
import {
  adoptedWorld,
  applyEvents,
  configOf,
  digestOf,
  lead,
  released,
  shaOf,
  tuesday,
} from './testing/world.ts'

const config = configOf(['us', 'eu', 'me'])
const cause = { person: 'ada', reason: 'rollback-requested', why: 'errors at checkout', auto: false } as const

/** Release `n`, pinned and verified in the named regions; in the last one only its lead is pinned when `half`. */
function shipped(state: LedgerState, n: number, regions: readonly string[], half = false): LedgerState {
  const world = released({ state, clusters: {}, now: tuesday }, config, n)
  const id = `r${world.state.releaseCount}`
  const pins = { configSha: shaOf(n), workloads: { api: digestOf(n), relay: digestOf(n) } }
  return regions.reduce((before, region, index) => {
    const at = { region, release: id }
    const base = shaOf(0)
    const isHalf = half && index === regions.length - 1
    const old = regionOf(before, region)?.pins?.workloads ?? {}
    const events: NewEvent[] = [{ type: 'started', ...at, day: `2026-11-${10 + before.starts.length}` }]
    if (isHalf)
      events.push({
        type: 'pinned',
        ...at,
        group: 'lead',
        pins: { ...pins, workloads: { ...old, [lead]: digestOf(n) } },
        base,
      })
    else {
      events.push(
        { type: 'pinned', ...at, group: 'followers', pins, base },
        { type: 'verified', ...at, requests: 1 },
      )
    }
    return applyEvents(before, events, tuesday)
  }, world.state)
}

const done = (state: LedgerState, id: string) =>
  applyEvents(state, [{ type: 'train-ended', release: id, outcome: 'done' }], tuesday)
const baseline = adoptedWorld(config).state
const all = ['us', 'eu', 'me']

function planOf(state: LedgerState, scope: Parameters<typeof rollbackPlan>[2] = { regions: 'all' }) {
  const plan = rollbackPlan(state, config, scope)
  if (!plan.ok) throw new Error(plan.fault.cause)
  return plan.value
}

function began(state: LedgerState, item: RollbackItem): LedgerState {
  return applyEvents(state, [startRollbackEvent(state, item, shaOf(3) as CommitSha)], tuesday)
}

function arrived(state: LedgerState, name: string): LedgerState {
  const region = regionOf(state, name)
  if (region?.target === undefined) throw new Error(`${name} does not go back`)
  return applyEvents(state, [rolledBackEvent({ ...region, target: region.target })], tuesday)
}

describe('a finished release', () => {
  const state = done(shipped(baseline, 1, all), 'r1')

  it('goes back in every region, the last one first, to what was verified there before', () => {
    const plan = planOf(state)
    expect(plan.bad).toMatchObject({ release: 'r1', digest: digestOf(1) })
    expect(plan.items.map((i) => [i.region, i.to.digest, i.inFlight, i.begun])).toEqual([
      ['me', digestOf(9), false, false],
      ['eu', digestOf(9), false, false],
      ['us', digestOf(9), false, false],
    ])
    expect(plan.items[0]?.pins).toEqual({
      configSha: shaOf(9),
      workloads: { api: digestOf(9), relay: digestOf(9) },
    })
  })

  it('is vetoed and halts the service until every region is back', () => {
    const plan = planOf(state)
    let after = applyEvents(state, haltEvents(state, plan, cause), tuesday)
    expect(vetoOf(after, { digest: digestOf(1), configSha: shaOf(4) })).toBeDefined()
    expect(after.halt?.regions).toEqual(['me', 'eu', 'us'])
    for (const name of ['me', 'eu', 'us']) {
      // Each look is that of a run that knows nothing of the one before.
      const [next] = planOf(after).items
      expect(next?.region).toBe(name)
      after = began(after, next as RollbackItem)
      expect(planOf(after).items[0]).toMatchObject({ region: name, begun: true })
      expect(haltEvents(after, planOf(after), cause)).toEqual([])
      after = arrived(after, name)
    }
    expect(after.halt?.regions).toEqual([])
    expect(rollbackPlan(after, config, { regions: 'all' })).toMatchObject({
      ok: false,
      fault: { reason: 'nothing-to-roll-back' },
    })
  })

  it('goes back in the named region only, when that is asked for', () => {
    expect(planOf(state, { regions: ['eu'] }).items.map((i) => i.region)).toEqual(['eu'])
  })
})

describe('the target', () => {
  const two = done(shipped(done(shipped(baseline, 1, all), 'r1'), 2, all), 'r2')

  it('is the newest release verified there, not the pin before', () => {
    expect(planOf(two).items.map((i) => i.to.release)).toEqual(['r1', 'r1', 'r1'])
  })

  it('is never one that was vetoed', () => {
    const vetoed = applyEvents(two, [{ type: 'vetoed', digest: digestOf(1), why: 'leaks' }], tuesday)
    expect(planOf(vetoed).items.map((i) => i.to.digest)).toEqual([digestOf(9), digestOf(9), digestOf(9)])
  })

  it('may be named', () => {
    expect(planOf(two, { regions: ['us'], to: 'r1' }).items[0]?.to.release).toBe('r1')
    const never = rollbackPlan(two, config, { regions: ['us'], to: 'r7' })
    expect(never).toMatchObject({ ok: false, fault: { reason: 'no-rollback-target' } })
  })

  it('has to exist', () => {
    const vetoed = applyEvents(
      two,
      [1, 9].map((n): NewEvent => ({ type: 'vetoed', digest: digestOf(n) as Digest, why: 'bad' })),
      tuesday,
    )
    expect(rollbackPlan(vetoed, config, { regions: 'all' })).toMatchObject({
      ok: false,
      fault: { reason: 'no-rollback-target' },
    })
  })
})

describe('a release on its way', () => {
  const state = shipped(baseline, 1, ['us', 'eu'], true)

  it('goes back where it is on its way and where it is verified, and its train ends', () => {
    const plan = planOf(state)
    expect(plan.items.map((i) => [i.region, i.inFlight])).toEqual([
      ['eu', true],
      ['us', false],
    ])
    expect(haltEvents(state, plan, cause)).toContainEqual({
      type: 'train-ended',
      release: 'r1',
      outcome: 'rolled-back',
    })
  })

  it('is not left half way in a region that was not named', () => {
    expect(planOf(state, { regions: ['us'] }).items.map((i) => i.region)).toEqual(['eu', 'us'])
  })
})

it('a release that changed only its configuration does not condemn the image', () => {
  const image = done(shipped(baseline, 1, all), 'r1')
  const artifact = { digest: digestOf(1), configSha: shaOf(2) }
  const events: NewEvent[] = [
    {
      type: 'staged',
      region: 'staging',
      release: 'r2',
      ...artifact,
      sourceSha: shaOf(2),
      kind: 'normal',
      author: 'ada',
      base: shaOf(0),
      pins: { configSha: shaOf(2), workloads: { api: digestOf(1), relay: digestOf(1) } },
    },
    ...all.map(
      (region): NewEvent => ({
        type: 'pinned',
        region,
        release: 'r2',
        group: 'followers',
        base: shaOf(0),
        pins: { configSha: shaOf(2), workloads: { api: digestOf(1), relay: digestOf(1) } },
      }),
    ),
  ]
  const state = applyEvents(image, events, tuesday)
  const plan = planOf(state)
  expect(plan.bad).toMatchObject(artifact)
  const after = applyEvents(state, haltEvents(state, plan, cause), tuesday)
  expect(vetoOf(after, artifact)).toBeDefined()
  expect(vetoOf(after, { digest: digestOf(1), configSha: shaOf(1) })).toBeUndefined()
  expect(plan.items.map((i) => i.to.release)).toEqual(['r1', 'r1', 'r1'])
})

it.each([
  ['a region that is not there', { regions: ['mars'] }, 'environment-unknown'],
  ['staging', { regions: ['staging'] }, 'environment-unknown'],
  ['a region on its baseline', { regions: ['us'] }, 'nothing-to-roll-back'],
] as const)('%s is refused', (_name, scope, reason) => {
  expect(rollbackPlan(baseline, config, scope)).toMatchObject({ ok: false, fault: { reason } })
})
