import { expect, test } from 'vitest'
import type { CalendarConfig, Environment } from '../config/index.ts'
import { planTrain } from './plan.ts'
import { configOf, environmentOf } from './testing/policy.ts'

const hour = 3_600_000
const window = { days: ['Mon', 'Tue', 'Wed', 'Thu'], fromMinute: 540, toMinute: 720 } as const
const zones = { us: 'America/New_York', eu: 'Europe/Berlin', me: 'Asia/Riyadh', ap: 'Asia/Singapore' }
const regions = (more: Readonly<Record<string, Partial<Environment>>> = {}) =>
  Object.entries(zones).map(([name, timezone]) => environmentOf(name, { timezone, window, ...more[name] }))

function days(calendar: Partial<CalendarConfig> | undefined, now: string, more = {}, train = {}) {
  const planned = planTrain(configOf(regions(more), calendar, train), {
    now: new Date(now),
    needMs: 2 * hour,
  })
  if (!planned.ok) return planned.fault.reason
  const { stops, nextStart } = planned.value
  return {
    days: stops.map(({ region, local }) => `${region} ${local}`),
    next: nextStart?.toISOString(),
    slips: stops.flatMap(({ slips }) => slips),
  }
}

test('a train begins on Tuesday, and its fourth region goes on Monday: the next one waits for the Tuesday after', () => {
  expect(days(undefined, '2026-11-16T08:00:00Z')).toMatchObject({
    days: [
      'us 2026-11-17 Tue 09:00',
      'eu 2026-11-18 Wed 09:00',
      'me 2026-11-19 Thu 09:00',
      'ap 2026-11-23 Mon 09:00',
    ],
    next: '2026-11-24T14:00:00.000Z',
  })
})

test('days off, weekends and freezes are told as the slips they cause', () => {
  const freezes = [
    {
      name: 'fair',
      regions: ['eu'],
      from: '2026-11-18T00:00',
      until: '2026-11-19T00:00',
      passes: [],
      reason: 'the fair',
    },
  ]
  // Tuesday morning in Singapore is Monday evening in New York, the day that the region before it has taken.
  expect(days({ freezes }, '2026-11-17T14:30:00Z')).toMatchObject({
    days: [
      'us 2026-11-17 Tue 09:30',
      'eu 2026-11-19 Thu 09:00',
      'me 2026-11-23 Mon 09:00',
      'ap 2026-11-25 Wed 09:00',
    ],
    slips: expect.arrayContaining([{ day: '2026-11-18', why: 'frozen by fair: the fair' }]),
  })
})

test('what the ledger has is not predicted again', () => {
  const config = configOf(regions(), undefined)
  const started = [{ region: 'us', at: '2026-11-17T15:00:00.000Z', day: '2026-11-17' }]
  const planned = planTrain(config, { now: new Date('2026-11-18T09:00:00Z'), started, needMs: hour })
  expect(planned.ok && planned.value.stops.slice(0, 2)).toMatchObject([
    { region: 'us', actual: true, day: '2026-11-17' },
    { region: 'eu', actual: false, at: new Date('2026-11-18T09:00:00Z') },
  ])
})

test('a spacing that no day can hold is refused', () => {
  const once = { eu: { window: undefined } }
  const calendar = {
    allow: [
      {
        name: 'once',
        regions: ['eu'],
        times: { kind: 'dates' as const, dates: ['2026-11-18'], fromMinute: 540, toMinute: 720 },
      },
    ],
  }
  expect(days(calendar, '2026-11-16T08:00:00Z', once, { spacingMs: 48 * hour })).toBe('plan-never-fits')
  expect(days(calendar, '2026-11-16T08:00:00Z', once)).toMatchObject({
    days: expect.arrayContaining(['eu 2026-11-18 Wed 09:00']),
  })
})
