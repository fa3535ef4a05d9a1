import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Mood, type Receivers, secrets, startReceivers } from '../../../testkit/receivers/index.ts'
import type { ReceiverConfig } from '../../config/index.ts'
import type { GitOpsMarks } from '../../gitops/index.ts'
import { genesisHash, type LedgerEvent, type NewEvent } from '../../ledger/index.ts'
import { type CommitSha, type Digest, ok } from '../../release/index.ts'
import { messagesOf } from './message.ts'
import { type Telling, type Told, tell } from './tell.ts'

const digest = `sha256:${'7'.repeat(64)}` as Digest
const sha = '7'.repeat(40) as CommitSha
const pins = { configSha: sha, workloads: { api: digest } }
const at = { release: 'r7', region: 'eu' }

/** A train that goes through one region, and one that is halted in it and goes back. */
const good: readonly NewEvent[] = [
  {
    type: 'staged',
    region: 'staging',
    release: 'r7',
    digest,
    configSha: sha,
    sourceSha: sha,
    kind: 'normal',
    author: 'ada',
    pins,
    base: sha,
  },
  { type: 'proposed', release: 'r7', order: ['eu'], planHash: 'a'.repeat(64), person: 'ada' },
  { type: 'started', ...at, day: '2026-11-17' },
  { type: 'pinned', ...at, group: 'lead', pins, base: sha },
  { type: 'canary-passed', ...at, why: 'good' },
  { type: 'live', ...at },
  { type: 'verified', ...at, requests: 1000 },
  { type: 'train-ended', release: 'r7', outcome: 'done' },
]
const bad: readonly NewEvent[] = [
  ...good.slice(0, 4),
  { type: 'canary-failed', ...at, reason: 'errors', why: '5 % errors' },
  {
    type: 'halted',
    reason: 'errors',
    why: 'canary of r7: 5 % <!channel> errors',
    person: 'tuesday',
    auto: true,
    release: 'r7',
    regions: ['eu'],
  },
  {
    type: 'rollback-started',
    region: 'eu',
    target: { digest, configSha: sha, at: '2026-11-10T10:00:00.000Z' },
    pins,
    base: sha,
  },
  { type: 'rolled-back', region: 'eu', digest, configSha: sha },
]
const cleared: NewEvent = { type: 'cleared', why: 'mended', person: 'grace' }

const thisRun = 'https://ci.example.com/runs/9'

/** The last `own` of them are of this run. */
function log(events: readonly NewEvent[], own = 0): readonly LedgerEvent[] {
  return events.map(
    (event, index) =>
      ({
        schema: 1,
        id: `shop/${index + 1}`,
        transition: `t-${String(index).padStart(16, '0')}`,
        at: new Date(Date.parse('2026-11-17T14:00:00Z') + index * 60_000).toISOString(),
        actor: 'ada',
        run: index < events.length - own ? 'https://ci.example.com/runs/1' : thisRun,
        clock: 'machine',
        prevHash: genesisHash('shop'),
        ...event,
      }) as LedgerEvent,
  )
}

/** Marks of one repository; the contract suite of src/gitops holds the real ones to the same. */
function marksInMemory(): GitOpsMarks & { readonly set: Set<string> } {
  const set = new Set<string>()
  return {
    set,
    marks: async (prefix) => ok([...set].filter((name) => name.startsWith(prefix))),
    async setMark({ name, drop }) {
      set.add(name)
      for (const each of drop) set.delete(each)
      return ok(undefined)
    },
  }
}

let receivers: Receivers
let marks: ReturnType<typeof marksInMemory>
let masked: string[]
beforeEach(async () => {
  receivers = await startReceivers()
  marks = marksInMemory()
  masked = []
})
afterEach(() => receivers.close())

const env = {
  SLACK: secrets.slack,
  PAGER: secrets.pagerduty,
  GRAFANA: secrets.grafana,
  BUS: secrets.bus,
}
const all = (): readonly ReceiverConfig[] => [
  { name: 'chat', kind: 'slack', channel: 'C0DELIVERY', tokenEnv: 'SLACK', api: `${receivers.url}/slack` },
  { name: 'cards', kind: 'teams', urlEnv: 'TEAMS' },
  { name: 'oncall', kind: 'pagerduty', keyEnv: 'PAGER', api: receivers.url },
  { name: 'graphs', kind: 'grafana', url: `${receivers.url}/grafana/`, tokenEnv: 'GRAFANA' },
  { name: 'bus', kind: 'cloudevents', url: `${receivers.url}/bus`, tokenEnv: 'BUS' },
]

function telling(
  events: readonly NewEvent[],
  own: number,
  more: Partial<Telling> = {},
): Promise<readonly Told[]> {
  return tell({
    receivers: all(),
    service: 'shop',
    events: log(events, own),
    run: thisRun,
    mayReach: () => true,
    head: sha,
    board: { regions: ['eu: canary'], repository: 'registry.example.com/acme/shop' },
    marks,
    env: { ...env, TEAMS: `${receivers.url}/teams/${secrets.teams}` },
    mask: (secret) => masked.push(secret),
    fetch,
    signal: new AbortController().signal,
    ...more,
  })
}

const faults = (told: readonly Told[]) => told.flatMap(({ fault }) => fault?.reason ?? [])

describe('a train is told', () => {
  test('in one message, whose thread says what happened, and once, however often runs look', async () => {
    for (let count = 1; count <= good.length; count++) {
      expect(faults(await telling(good.slice(0, count), 1))).toEqual([])
      expect(faults(await telling(good.slice(0, count), 0))).toEqual([])
    }
    const tops = receivers.slack.filter(({ thread }) => thread === undefined)
    expect(tops.map(({ text }) => text.split('\n')[0])).toEqual(['*shop r7*'])
    expect(tops[0]?.text).toContain('r7 is verified everywhere')
    const replies = receivers.slack.filter(({ thread }) => thread === tops[0]?.ts)
    expect(replies.map(({ text }) => text.replace(/ \(<.*/, ''))).toEqual([
      'ada proposes r7 for eu',
      'r7 starts in eu',
      'r7 is in its canary in eu',
      'r7 serves in eu and bakes',
      ':white_check_mark: r7 is verified in eu',
      ':white_check_mark: r7 is verified everywhere',
    ])
    expect(receivers.cards).toHaveLength(6)
    expect(receivers.changes).toHaveLength(4)
    expect(receivers.annotations).toMatchObject([{ tags: ['tuesday', 'shop', 'eu', 'r7', '777777777777'] }])
    expect(receivers.annotations[0]?.timeEnd).toBe((receivers.annotations[0]?.time ?? 0) + 3 * 60_000)
    expect([...receivers.events.values()].map(({ type }) => type)).toEqual([
      'dev.cdevents.pipelinerun.queued.0.1.1',
      'dev.cdevents.taskrun.started.0.1.1',
      'dev.cdevents.service.upgraded.0.1.1',
      'dev.cdevents.taskrun.finished.0.1.1',
      'dev.cdevents.pipelinerun.finished.0.1.1',
    ])
    expect(receivers.violations).toEqual([])
  })

  test('as one incident from its halt to its end', async () => {
    await telling(bad, bad.length)
    expect([...receivers.incidents]).toEqual([['tuesday shop r7', 1]])
    await telling([...bad, cleared], 1)
    expect([...receivers.incidents]).toEqual([])
    expect([...receivers.events.values()].map(({ type }) => type).slice(-3)).toEqual([
      'dev.cdevents.incident.detected.0.1.0',
      'dev.cdevents.service.rolledback.0.1.1',
      'dev.cdevents.incident.resolved.0.1.0',
    ])
    expect(receivers.violations).toEqual([])
    // Text of people and servers mentions nobody.
    expect(receivers.slack.map(({ text }) => text).join()).not.toContain('<!channel>')
  })

  test('by the next run, what a killed one did not tell', async () => {
    await telling(good.slice(0, 3), 1)
    await telling(good, 0)
    expect(receivers.slack.filter(({ thread }) => thread !== undefined)).toHaveLength(5)
  })

  test('from now on, by a receiver that is new: the past is not told', async () => {
    await telling(good, 1)
    expect(receivers.slack.filter(({ thread }) => thread !== undefined).map(({ text }) => text)).toHaveLength(
      1,
    )
  })

  test('to Slack and Grafana once, also when the mark of it was lost', async () => {
    await telling(good, good.length)
    const before = [receivers.slack.length, receivers.annotations.length, receivers.events.size]
    marks.set.clear()
    await telling(good, good.length)
    expect([receivers.slack.length, receivers.annotations.length, receivers.events.size]).toEqual(before)
  })
})

describe('a receiver that does not take it', () => {
  test.each<[Mood, string]>([
    ['hangs', 'receiver-unreachable'],
    ['fails', 'receiver-refused'],
    ['floods', 'receiver-refused'],
    ['redirects', 'receiver-redirects'],
  ])('because it %s is said, delays nothing, and is told later', async (mood, reason) => {
    receivers.mood = mood
    const begun = performance.now()
    const told = await telling(good.slice(0, 3), 3)
    // 1 s for the answer that does not come, and room for a slow machine.
    expect(performance.now() - begun).toBeLessThan(4_000)
    const reasons = new Set(faults(told))
    expect(reasons).toEqual(new Set([reason]))
    const text = JSON.stringify(told)
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret)
    receivers.mood = 'well'
    expect(faults(await telling(good.slice(0, 4), 1))).toEqual([])
    expect(receivers.slack.filter(({ thread }) => thread !== undefined)).toHaveLength(3)
  })

  test('is named with its variable when the secret is not there; the others are told', async () => {
    const told = await telling(good, 1, { env: { ...env, SLACK: '' } })
    expect(told.find(({ receiver }) => receiver === 'chat')?.fault).toMatchObject({
      reason: 'receiver-secret-missing',
    })
    expect(told.find(({ receiver }) => receiver === 'bus')).toEqual({ receiver: 'bus', messages: 1 })
  })

  test('because the token is wrong says so in the words of Slack', async () => {
    const told = await telling(good, 1, {
      env: { ...env, SLACK: 'xoxb-other', TEAMS: `${receivers.url}/teams/x` },
    })
    expect(told.find(({ receiver }) => receiver === 'chat')?.fault?.cause).toContain('invalid_auth')
  })
})

test('a rehearsal tells nobody elsewhere', async () => {
  const told = await telling(good, 1, { mayReach: () => false })
  expect(told.map(({ messages, fault }) => ({ messages, fault }))).toEqual(
    all().map(() => ({ messages: 0, fault: undefined })),
  )
  expect(receivers.requests).toEqual([])
})

test('secrets are masked before they are used', async () => {
  await telling(good, 1)
  expect(masked).toEqual(
    expect.arrayContaining([secrets.slack, secrets.pagerduty, secrets.grafana, secrets.bus]),
  )
})

test('each message has one line and the id of its event', () => {
  const told = messagesOf(log([...bad, cleared]))
  expect(told.map(({ id }) => id)).toEqual([
    'shop/2',
    'shop/3',
    'shop/4',
    'shop/6',
    'shop/7',
    'shop/8',
    'shop/9',
  ])
  for (const { text } of told) expect(text).not.toContain('\n')
})
