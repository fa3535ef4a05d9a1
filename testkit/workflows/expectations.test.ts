import { describe, expect, test } from 'vitest'
import type { LedgerEvent } from '../../src/ledger/index.ts'
import { badRelease, failed, goodRelease, type RegionSeen, type Story } from './expectations.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const [old, good, bad] = [digest('a'), digest('b'), digest('c')]
const order = ['us', 'eu']
const workloads = ['api', 'relay']

type Body = { readonly type: LedgerEvent['type'] } & Readonly<Record<string, unknown>>
const ledger = (bodies: readonly Body[]) => bodies as unknown as readonly LedgerEvent[]

const course = (region: string): readonly Body[] =>
  (['started', 'pinned', 'canary-passed', 'pinned', 'live', 'verified'] as const).map((type) => ({
    type,
    region,
    release: 'r1',
    pins: { workloads: { api: good, relay: good } },
  }))

function serving(now: string, ever: Partial<Record<string, readonly string[]>> = {}): RegionSeen {
  return {
    everRun: Object.fromEntries(workloads.map((name) => [name, ever[name] ?? [old, good]])),
    served: Object.fromEntries(workloads.map((name) => [name, { [now]: 1 }])),
  }
}

const fine: Story = {
  order,
  workloads,
  events: ledger([...course('us'), ...course('eu')]),
  regions: new Map(order.map((region) => [region, serving(good)])),
}

const why = 'api: errors: canary 9 of 180 requests bad (5.0 %), stable 2 of 8102 (0.025 %)'
const stopped: Story = {
  ...fine,
  events: ledger([
    { type: 'pinned', region: 'us', release: 'r2', pins: { workloads: { api: bad, relay: good } } },
    { type: 'canary-failed', region: 'us', release: 'r2', why },
    { type: 'vetoed', digest: bad },
    { type: 'rolled-back', region: 'us', digest: good },
  ]),
  regions: new Map([
    ['us', serving(good, { api: [good, bad] })],
    ['eu', serving(good)],
  ]),
}

const verdictOfGood = (story: Story) => failed(goodRelease(story, { release: 'r1', digest: good }))
const verdictOfBad = (story: Story) => failed(badRelease(story, { release: 'r2', digest: bad }, good))
const seenIn = (story: Story, region: string, seen: RegionSeen): Story => ({
  ...story,
  regions: new Map([...story.regions, [region, seen]]),
})
const without = (story: Story, type: string): Story => ({
  ...story,
  events: story.events.filter((event) => event.type !== type),
})

describe('a good release', () => {
  test('is as expected', () => expect(verdictOfGood(fine)).toBeUndefined())
  test.each<[string, Story, RegExp]>([
    [
      'in another order',
      { ...fine, events: ledger([...course('eu'), ...course('us')]) },
      /starts in us, eu.*eu, us/,
    ],
    ['in one region only', { ...fine, events: ledger(course('us')) }, /each region is verified: it was us/],
    [
      'with a region that starts too early',
      { ...fine, events: ledger([{ type: 'started', region: 'eu', release: 'r1' }, ...course('us')]) },
      /us started while eu was under way/,
    ],
    ['on another digest', seenIn(fine, 'eu', serving(old)), /workload of eu.*api serves a+ 100.0 %/],
    [
      'on two digests',
      seenIn(fine, 'us', {
        ...serving(good),
        served: { api: { [good]: 0.95, [old]: 0.05 }, relay: { [good]: 1 } },
      }),
      /api serves b+ 95.0 %, a+ 5.0 %/,
    ],
    ['with a transition that is not written down', without(fine, 'canary-passed'), /each transition of us/],
  ])('%s is not', (_, story, message) => expect(verdictOfGood(story)).toMatch(message))
})

describe('a bad release', () => {
  test('is as expected', () => expect(verdictOfBad(stopped)).toBeUndefined())
  test.each<[string, Story, RegExp]>([
    ['that was not aborted', without(stopped, 'canary-failed'), /aborted in us: no canary-failed/],
    ['that was not vetoed', without(stopped, 'vetoed'), /is vetoed: no veto/],
    ['that never ran', seenIn(stopped, 'us', serving(good)), /did run in us/],
    ['that is not taken back', without(stopped, 'rolled-back'), /back on b+: no rolled-back/],
    ['that ran elsewhere', seenIn(stopped, 'eu', serving(good, { relay: [bad] })), /no other region.*eu did/],
    [
      'that was pinned elsewhere',
      {
        ...stopped,
        events: [
          ...stopped.events,
          ...ledger([{ type: 'pinned', region: 'eu', release: 'r2', pins: { workloads: { api: bad } } }]),
        ],
      },
      /no other region.*eu did/,
    ],
    [
      'that a follower ran',
      seenIn(stopped, 'us', serving(good, { api: [bad], relay: [good, bad] })),
      /relay never ran it: there is a ReplicaSet of it in us/,
    ],
    [
      'that still has traffic',
      seenIn(stopped, 'us', serving(bad, { api: [bad] })),
      /workload of us serves b+ alone/,
    ],
    [
      'without evidence in the reason',
      {
        ...stopped,
        events: stopped.events.map((event) =>
          event.type === 'canary-failed' ? { ...event, why: 'it looked bad' } : event,
        ),
      },
      /names the evidence: it says: it looked bad/,
    ],
  ])('%s is not', (_, story, message) => expect(verdictOfBad(story)).toMatch(message))
})
