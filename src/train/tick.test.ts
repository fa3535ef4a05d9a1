import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LedgerEvent, regionOf } from '../ledger/index.ts'
import {
  approved,
  commits,
  context,
  facts,
  file,
  inBare,
  ledger,
  nextStep,
  port,
  release,
  repo,
  setUp,
  site,
  sync,
  tearDown,
  value,
} from './testing/site.ts'
import { digestOf, follower, lead, shaOf } from './testing/world.ts'
import * as tick from './tick.ts'

/** One region from its start to verified. */
async function through(region: string): Promise<void> {
  expect((await nextStep()).decided.step).toMatchObject({ kind: 'pin', region })
  await sync(region, false)
  const canary = (await nextStep()).decided.step
  expect(canary).toMatchObject({ kind: 'canary', region })
  if (canary.kind === 'none') throw new Error('no canary')
  await sync(region)
  const outcome = {
    transition: canary.transition,
    verdict: 'pass' as const,
    reason: 'done',
    why: 'no difference',
  }
  value(await tick.record(context(), outcome))
  expect((await nextStep()).decided.step).toMatchObject({ kind: 'pin', region })
  await sync(region)
  expect((await nextStep()).decided.step).toMatchObject({ kind: 'bake', region })
  expect((await nextStep()).decided.reason).toBe(region === 'eu' ? 'train-done' : 'region-verified')
}

describe('a release over a real Git repository', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  it('goes through both regions, in seven commits or fewer each, pins and ledger together', async () => {
    await approved()
    const before = await commits()
    await through('us')
    expect((await commits()) - before).toBeLessThanOrEqual(7)
    expect((await nextStep()).decided).toMatchObject({ verdict: 'wait', reason: 'day-used' })
    site.now = new Date('2026-11-18T10:00:00.000Z')
    await through('eu')
    const done = await ledger()
    expect(done.state.train).toBeUndefined()
    expect(done.state.releases.r1?.outcome).toBe('done')
    for (const region of ['us', 'eu']) {
      const text = await file(`environments/${region}/pins.yaml`)
      expect(text).toContain(shaOf(1))
      expect(text).not.toContain(digestOf(9))
      expect(await file(`environments/${region}/values.yaml`)).toBe(`from: ${shaOf(1)}`)
    }
    // Every change of a pins file stands in a commit that also has the ledger's line for it.
    const log = await inBare('log', '--format=%H', 'main', '--', 'environments/us/pins.yaml')
    for (const commit of log.split('\n').slice(0, -1)) {
      const changed = await inBare('show', '--name-only', '--format=', commit)
      expect(changed).toContain('release/shop/state.json')
      expect(changed).toContain('release/shop/log/2026-11.ndjson')
    }
  })

  it('takes a Rollout of staging past the pauses that are there for production', async () => {
    site.stagingPromotes = false
    const once = value(await tick.stage(context(), port, { ...release, environment: 'staging' }))
    expect(once.decided.proof).toMatchObject({ verdict: 'wait', reason: 'not-served' })
    const again = value(
      await tick.stage(context(), port, { ...release, environment: 'staging', waitMs: 60_000 }),
    )
    expect(again.decided.proof.verdict).toBe('pass')
    expect(site.promotions).toEqual(['staging'])
    expect((await ledger()).events.map((e) => e.type)).toEqual(['staged', 'staging-verified'])
  })

  it('changes nothing when a call is repeated', async () => {
    await approved()
    const after = await commits()
    value(await tick.adopt(context(), port, { region: 'us', person: 'ada' }))
    const again = value(await tick.stage(context(), port, { ...release, environment: 'staging' }))
    expect(again.decided.proof.verdict).toBe('pass')
    value(await tick.propose(context(), { person: 'ada' }))
    value(await tick.approve(context(), { person: 'grace' }))
    expect(await commits()).toBe(after)
  })

  it('lets one of eight ticks at the same moment start the region', async () => {
    await approved()
    const before = await ledger()
    const of = (n: number) =>
      context({ repo: repo(), author: { actor: 'ada', run: `https://ci/${n}`, clock: 'machine' } })
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => tick.next(of(n), { regions: facts() })),
    )
    const steps = results.map((r) => (r.ok ? r.value.decided.step.kind : r.fault.reason))
    expect(steps.filter((s) => s === 'pin')).toHaveLength(1)
    // The others decided anew from what it left, and were handed the canary of the same region.
    expect(steps.filter((s) => s === 'canary')).toHaveLength(7)
    const after = await ledger()
    const added = after.events.slice(before.events.length).map((e: LedgerEvent) => e.type)
    expect(added).toEqual(['started', 'pinned'])
  })

  it('takes a bad release back in the commit that records it, and records it once', async () => {
    await approved()
    await nextStep()
    await sync('us', false)
    const { step } = (await nextStep()).decided
    if (step.kind === 'none') throw new Error('no canary')
    const outcome = {
      transition: step.transition,
      verdict: 'fail' as const,
      reason: 'canary-worse',
      why: '5 % errors',
    }
    const before = await commits()
    expect(value(await tick.record(context(), outcome)).decided.verdict).toBe('fail')
    expect(value(await tick.record(context(), outcome)).decided.verdict).toBe('fail')
    expect((await commits()) - before).toBe(1)
    expect(await file('environments/us/pins.yaml')).not.toContain(digestOf(1))
    await sync('us')
    expect((await nextStep()).decided.reason).toBe('rolled-back')
    expect((await nextStep()).decided.reason).toBe('halted')
    const state = (await ledger()).state
    expect(state.vetoed.map((v) => v.digest)).toEqual([digestOf(1)])
    expect(regionOf(state, 'us')?.pins?.workloads).toEqual({
      [lead]: digestOf(9),
      [follower]: digestOf(9),
    })
    const again = await tick.stage(context(), port, { ...release, environment: 'staging' })
    expect(again).toMatchObject({ ok: false, fault: { reason: 'digest-vetoed' } })
  })
})
