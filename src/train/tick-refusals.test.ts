import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { err, ok, type Result } from '../release/index.ts'
import {
  approved,
  commits,
  config,
  context,
  facts,
  nextStep,
  port,
  push,
  release,
  setUp,
  site,
  sync,
  tearDown,
  value,
} from './testing/site.ts'
import { digestOf, environmentOf } from './testing/world.ts'
import type { ClusterPort } from './tick.ts'
import * as tick from './tick.ts'

describe('a wrong input is refused and changes nothing', () => {
  beforeAll(async () => {
    await setUp()
    await approved()
  })
  afterAll(tearDown)

  const dark: ClusterPort = {
    observe: async ({ name }) => ({
      version: 1,
      region: name,
      asOf: site.now.toISOString(),
      unreadable: ['no route to host'],
    }),
    refresh: async () => ok(undefined),
    promote: async () => ok(undefined),
  }
  const unpinned: Config = {
    ...config,
    environments: {
      ...config.environments,
      us: environmentOf('us', { gitops: { path: 'x', values: 'v', pins: 'x/pins.yaml' } }),
    },
  }
  it.each<[string, string, () => Promise<Result<unknown>>]>([
    [
      'an unknown region',
      'environment-unknown',
      () => tick.hold(context(), 'mars', { person: 'ada', reason: 'x' }),
    ],
    [
      'staging as a region',
      'environment-unknown',
      () => tick.adopt(context(), port, { region: 'staging', person: 'ada' }),
    ],
    [
      'a region as staging',
      'environment-unknown',
      () => tick.stage(context(), port, { ...release, environment: 'us' }),
    ],
    [
      'a cluster that cannot be read, to adopt',
      'facts-missing',
      () => tick.adopt(context(), dark, { region: 'us', person: 'ada' }),
    ],
    [
      'a cluster that cannot be read, to stage',
      'facts-missing',
      () => tick.stage(context(), dark, { ...release, environment: 'staging' }),
    ],
    [
      'a digest that was never staged',
      'not-staged',
      () => tick.propose(context(), { person: 'ada', digest: digestOf(4) }),
    ],
    ['an approval by the author', 'approver-is-author', () => tick.approve(context(), { person: 'ada' })],
    [
      'an approval of another plan',
      'plan-changed',
      () => tick.approve(context(), { person: 'linus', plan: '0'.repeat(64) }),
    ],
    [
      'an unknown transition',
      'transition-unknown',
      () =>
        tick.record(context(), { transition: 't-0000000000000000', verdict: 'pass', reason: 'x', why: 'x' }),
    ],
    [
      'a pins file that is not there',
      'pins-missing',
      () => tick.adopt(context({ config: unpinned }), port, { region: 'us', person: 'ada' }),
    ],
    [
      'a simulated clock on a real ledger',
      'ledger-clock-differs',
      () =>
        tick.halt(context({ author: { actor: 'ada', run: '', clock: 'simulated' } }), {
          person: 'ada',
          reason: 'x',
        }),
    ],
    [
      'a clock far behind the ledger',
      'clock-skewed',
      () =>
        tick.halt(
          context({ clock: { now: () => new Date('2026-11-16T10:00:00Z'), sleep: async () => {} } }),
          { person: 'ada', reason: 'x' },
        ),
    ],
  ])('%s', async (_name, reason, call) => {
    const before = await commits()
    expect(await call()).toMatchObject({ ok: false, fault: { reason } })
    expect(await commits()).toBe(before)
  })
})

describe('what somebody else did stops the train', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  it('a pin that somebody else changed', async () => {
    await approved()
    await push('environments/us/pins.yaml', (t) => t.replaceAll(digestOf(9), digestOf(5)))
    const before = await commits()
    expect((await nextStep()).decided).toMatchObject({ verdict: 'fail', reason: 'pin-drift' })
    expect(await commits()).toBe(before)
    // A person who vouches for it ends the drift.
    await sync('us')
    value(await tick.adopt(context(), port, { region: 'us', person: 'grace', reason: 'emergency fix' }))
    expect((await nextStep()).decided.step.kind).toBe('pin')
  })

  it('a ledger that does not verify', async () => {
    await approved()
    await push('release/shop/log/2026-11.ndjson', (t) => t.replace('"grace"', '"eve"'))
    const before = await commits()
    for (const call of [
      tick.next(context(), { regions: facts() }),
      tick.halt(context(), { person: 'ada', reason: 'x' }),
    ]) {
      expect(await call).toMatchObject({ ok: false, fault: { blame: 'user' } })
    }
    expect(await commits()).toBe(before)
  })

  it('a chart that cannot be copied leaves the pin as it was', async () => {
    await approved()
    const fault = {
      blame: 'user',
      reason: 'gitops-commit-missing',
      cause: 'no such commit',
      next: 'fetch it',
    } as const
    const before = await commits()
    const result = await tick.next(context({ configFiles: async () => err(fault) }), { regions: facts() })
    expect(result).toMatchObject({ ok: false, fault: { reason: 'gitops-commit-missing' } })
    expect(await commits()).toBe(before)
  })
})

describe('an image that does not prove itself', () => {
  beforeEach(setUp)
  afterEach(tearDown)

  const refuse: Result<void> = err({
    blame: 'user',
    reason: 'image-signature-missing',
    cause: 'Nothing is a signature of this image.',
    next: 'Build it again.',
  })

  it('is pinned nowhere: not on staging, and not in a region', async () => {
    const asked: string[] = []
    const imageGate: tick.TickContext['imageGate'] = async ({ digest, commit, environment }) => {
      asked.push(`${environment} ${digest} ${commit}`)
      return refuse
    }
    const before = await commits()
    const wish = { ...release, environment: 'staging' }
    expect(await tick.stage(context({ imageGate }), port, wish)).toEqual(refuse)
    expect(await commits()).toBe(before)
    await approved()
    const staged = await commits()
    expect(await tick.next(context({ imageGate }), { regions: facts() })).toEqual(refuse)
    expect(await commits()).toBe(staged)
    const wanted = `${release.digest} ${release.sourceSha}`
    expect(asked).toEqual([`staging ${wanted}`, `us ${wanted}`])
  })

  it('is asked for at each pin forward and at no other step', async () => {
    await approved()
    let asked = 0
    const imageGate = async () => {
      asked += 1
      return ok(undefined)
    }
    const go = async () => value(await tick.next(context({ imageGate }), { regions: facts() })).decided
    expect((await go()).step).toMatchObject({ kind: 'pin', region: 'us' })
    expect(asked).toBe(1)
    await sync('us', false)
    expect((await go()).step).toMatchObject({ kind: 'canary' })
    expect(asked).toBe(1)
  })
})
