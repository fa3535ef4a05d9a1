import { describe, expect, it } from 'vitest'
import type { Config } from '../config/index.ts'
import { emptyState, fold, type LedgerEvent, type LedgerState, type NewEvent } from '../ledger/index.ts'
import type { CommitSha, Digest } from '../release/index.ts'
import { demoReportHtml, regionRows, timelineMarkdown, trainPageHtml } from './index.ts'

const digest = (n: number) => `sha256:${n.toString(16).repeat(64)}` as Digest
const sha = (n: number) => n.toString(16).repeat(40) as CommitSha
const config = {
  service: 'shop',
  train: { timezone: 'America/New_York', order: ['us', 'eu'] },
  approvals: { required: 1 },
} as unknown as Config

function ledger(bodies: readonly NewEvent[]): { state: LedgerState; events: readonly LedgerEvent[] } {
  const events = bodies.map((body, i) => {
    const at = new Date(Date.UTC(2026, 10, 17, 10, i)).toISOString()
    return {
      transition: 't-0',
      ...body,
      id: `shop/${i + 1}`,
      at,
      actor: 'ada',
      run: '',
      clock: 'machine',
    } as unknown as LedgerEvent
  })
  const state = events.reduce((before, event) => fold(before, event, event.id), emptyState('shop', 'genesis'))
  return { state, events }
}

const pins = (n: number, follower = n) => ({
  configSha: sha(n),
  workloads: { api: digest(n), relay: digest(follower) },
})
const evil = '</script><img src=x onerror=alert(1)> | @everyone `x`\n# h'
const story: readonly NewEvent[] = [
  { type: 'adopted', region: 'us', pins: pins(9), digest: digest(9), configSha: sha(9), person: 'ada' },
  { type: 'adopted', region: 'eu', pins: pins(9), digest: digest(9), configSha: sha(9), person: 'ada' },
  {
    type: 'staged',
    region: 'staging',
    release: 'r1',
    digest: digest(1),
    configSha: sha(1),
    sourceSha: sha(1),
    kind: 'normal',
    author: 'ada',
    pins: pins(1),
    base: sha(0),
  },
  { type: 'staging-verified', region: 'staging', release: 'r1' },
  { type: 'proposed', release: 'r1', order: ['us', 'eu'], planHash: 'a'.repeat(64), person: evil },
  { type: 'started', region: 'us', release: 'r1', day: '2026-11-17' },
  { type: 'pinned', region: 'us', release: 'r1', group: 'lead', pins: pins(1, 9), base: sha(0) },
  { type: 'held', region: 'eu', reason: evil, person: 'ada' },
]

describe('the timeline for the job summary', () => {
  const { state } = ledger(story)
  it('says what each region does and runs', () => {
    expect(regionRows(state, config)).toMatchObject([
      { region: 'us', mark: 'moving', phase: 'canary', runs: 'r1 111111111111 and 999999999999' },
      { region: 'eu', mark: 'held', runs: '999999999999' },
    ])
  })

  it('says why it waits and until when, in UTC and in the zone of the train', () => {
    const text = timelineMarkdown(state, config, { why: 'closed', until: new Date('2026-11-18T14:00:00Z') })
    expect(text).toContain('closed Next at 2026-11-18T14:00:00.000Z (18 Nov 2026, 09:00 America/New_York).')
  })

  it('gives no markup to what people wrote', () => {
    const text = timelineMarkdown(state, config, { why: evil })
    expect(text).not.toMatch(/<img|@everyone|^# h/m)
    const rows = text.split('\n').filter((line) => line.startsWith('| '))
    for (const row of rows) expect(row.split('|')).toHaveLength(7)
  })
})

describe('the page of a demo', () => {
  const { state, events } = ledger(story)
  const point = (at: string, weight: number, bad: number) => ({
    at,
    weight,
    canary: { requests: 100, bad },
    stable: { requests: 900, bad: 1 },
  })
  const page = demoReportHtml({
    title: evil,
    notes: [evil],
    config,
    state,
    events,
    evidence: [
      {
        region: 'us',
        release: 'r1',
        points: [
          { ...point('10:00', 5, 0), lnE: null },
          { ...point('10:01', 25, 6), lnE: 6.2 },
        ],
        limit: Math.log(100),
        ending: evil,
        good: false,
      },
    ],
  })

  it('needs no network, runs no script, and gives no markup to what people wrote', () => {
    expect(page).not.toMatch(/<img|<script|https?:\/\/|url\(|@import/)
    expect(page).toContain("default-src 'none'")
  })

  it('shows every event of the ledger, each region, and the counts of the canary', () => {
    expect(page.match(/<tr class="[a-z]*"><td>\d+<\/td>/g)).toHaveLength(events.length)
    expect(page.match(/<svg/g)).toHaveLength(3)
    expect(page).toMatch(/polyline points="60\.0,80\.0 1000\.0,10\.0"/)
    expect(page).toContain('>4.6</text>')
    expect(page).toContain('Aborted')
    expect(page).toContain('6 of 100 bad (6.0 %)')
  })

  it('draws only numbers', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
    const empty = demoReportHtml({
      title: 't',
      notes: [],
      config,
      state,
      events: [],
      evidence: [{ region: 'us', release: 'r1', points: [], ending: 'x', good: true }],
    })
    expect(empty).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe('the page of a train', () => {
  const { state, events } = ledger(story)
  const stop = { actual: false, local: 'Thu 09:00', slips: [{ day: '2026-11-18', why: 'Thanksgiving' }] }
  const page = trainPageHtml({
    config,
    state,
    events,
    now: new Date('2026-11-17T15:00:00Z'),
    why: evil,
    gates: [{ name: 'window', region: 'eu', verdict: 'wait', why: 'closed' }],
    plan: { stops: [{ region: 'eu', at: new Date('2026-11-19T08:00:00Z'), ...stop }] },
    tables: [
      {
        title: 'Delivery',
        rows: [
          ['figure', 'value'],
          ['trains', evil],
        ],
      },
    ],
  })

  it('has a row a region and a column a day, with what was and what is expected', () => {
    const days = [...page.matchAll(/<th>(\w{3})<br>([\d-]+)<\/th>/g)].map(([, day, date]) => `${day} ${date}`)
    expect(days).toEqual(['Tue 2026-11-17', 'Wed 2026-11-18', 'Thu 2026-11-19'])
    const row = (region: string) =>
      (page.match(new RegExp(`<th>${region}</th>(.*?)</tr>`, 's'))?.[1] ?? '')
        .split('</td>')
        .map((cell) => cell.replace(/<[^>]+>/g, ''))
    expect(row('us').slice(0, 3)).toEqual(['05:05 starts', '', ''])
    expect(row('eu').slice(0, 3)).toEqual(['05:07 held', '', '03:00 expected'])
    expect(page).toContain('eu 2026-11-18: Thanksgiving')
  })

  it('gives no markup to what people wrote, and opens without a network', () => {
    expect(page).not.toContain('<img')
    expect(page).toContain("default-src 'none'")
  })
})
