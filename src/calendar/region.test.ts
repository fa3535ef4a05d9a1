import { describe, expect, it, test } from 'vitest'
import type { CalendarConfig, Environment } from '../config/index.ts'
import { calendarFaults } from './plan.ts'
import { regionCalendar } from './region.ts'
import { configOf, environmentOf, policyOf } from './testing/policy.ts'
import { neededMs, openings, type Question, windowVerdict } from './verdict.ts'

const hour = 3_600_000
const window = { days: ['Mon', 'Tue', 'Wed', 'Thu'], fromMinute: 540, toMinute: 720 } as const

function ask(
  calendar: Partial<CalendarConfig> | undefined,
  more: Partial<Environment>,
  now: string,
  question: Partial<Question> = {},
) {
  const { config, environment } = policyOf(calendar, more)
  const found = regionCalendar(config, environment)
  if (!found.ok) return { open: false, reason: found.fault.reason }
  return windowVerdict(found.value, { now: new Date(now), ...question })
}

const freeze = { name: 'year-end', from: '2026-12-18T18:00', until: '2027-01-04T00:00', reason: 'few people' }
const ics = (...events: readonly string[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...events.flatMap((each, at) => ['BEGIN:VEVENT', `UID:${at}`, ...each.split('\n'), 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n')
const thanksgiving = ics('SUMMARY:Thanksgiving\nDTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261127')
const holidays = (text: string | undefined, more = {}) => ({
  holidays: [{ file: 'calendars/us.ics', ...(text === undefined ? {} : { text }), ...more }],
})

describe('a region', () => {
  it.each<
    [string, Partial<CalendarConfig> | undefined, Partial<Environment>, string, Partial<Question>, object]
  >([
    [
      'moves in its window',
      undefined,
      { window },
      '2026-11-17T09:00:00Z',
      {},
      { open: true, closesAt: new Date('2026-11-17T12:00:00Z') },
    ],
    [
      'closes where a rule closes on the next day, in an opening that is longer than a day',
      {
        allow: [{ name: 'always', times: { kind: 'cron', cron: '0 * * * *', forMs: 24 * hour } }],
        deny: [{ name: 'monday', times: { kind: 'weekly', days: ['Mon'], fromMinute: 60, toMinute: 120 } }],
      },
      {},
      '2026-11-15T00:30:00Z',
      {},
      { open: true, closesAt: new Date('2026-11-16T01:00:00Z') },
    ],
    [
      'never moves on a Friday',
      undefined,
      { window },
      '2026-11-20T10:00:00Z',
      {},
      { reason: 'window-closed', opensAt: new Date('2026-11-23T09:00:00Z') },
    ],
    [
      'has its own weekend',
      undefined,
      { timezone: 'Asia/Riyadh', noDeployDays: ['Fri', 'Sat'] },
      '2026-11-20T10:00:00Z',
      {},
      { reason: 'no-deploy-day', opensAt: new Date('2026-11-21T21:00:00Z') },
    ],
    [
      'is frozen',
      { freezes: [{ ...freeze, passes: [] }] },
      { window },
      '2026-12-21T10:00:00Z',
      {},
      { reason: 'window-frozen', opensAt: new Date('2027-01-04T09:00:00Z') },
    ],
    [
      'is frozen for a P2 that may not pass',
      { freezes: [{ ...freeze, passes: ['P1'] }] },
      { window },
      '2026-12-21T10:00:00Z',
      { severity: 'P2' },
      { reason: 'window-frozen' },
    ],
    [
      'lets a P1 pass',
      { freezes: [{ ...freeze, passes: ['P1'] }] },
      { window },
      '2026-12-20T03:00:00Z',
      { severity: 'P1' },
      { open: true, reason: 'window-bypassed' },
    ],
    [
      'lets a hotfix pass outside of its window',
      undefined,
      { window },
      '2026-11-21T03:00:00Z',
      { severity: 'P2' },
      { open: true, reason: 'window-bypassed' },
    ],
    [
      'needs no bypass in its window',
      undefined,
      { window },
      '2026-11-17T09:00:00Z',
      { severity: 'P1' },
      { open: true, reason: 'window-open' },
    ],
    [
      'has a day off',
      holidays(thanksgiving, { until: '2026-12-31' }),
      { window },
      '2026-11-26T10:00:00Z',
      {},
      {
        reason: 'window-holiday',
        why: 'Thanksgiving (calendars/us.ics)',
        opensAt: new Date('2026-11-30T09:00:00Z'),
      },
    ],
    [
      'trusts no calendar that has run out',
      holidays(thanksgiving),
      { window },
      '2026-11-30T10:00:00Z',
      {},
      { reason: 'holidays-expired' },
    ],
    [
      'trusts no calendar that was not read',
      holidays(undefined),
      { window },
      '2026-11-17T10:00:00Z',
      {},
      { reason: 'holidays-missing' },
    ],
    [
      'trusts no page of a website',
      holidays('<html>'),
      { window },
      '2026-11-17T10:00:00Z',
      {},
      { reason: 'holidays-unreadable' },
    ],
    [
      'opens by a rule of RFC 5545',
      {
        allow: [
          {
            name: 'patch-day',
            times: {
              kind: 'rrule',
              rrule: 'FREQ=MONTHLY;BYDAY=2TU',
              start: '2026-01-13T09:00',
              forMs: 3 * hour,
            },
          },
        ],
      },
      { timezone: 'Europe/Berlin' },
      '2026-11-10T08:30:00Z',
      {},
      { open: true, closesAt: new Date('2026-11-10T11:00:00Z') },
    ],
    [
      'opens on one more day',
      {
        allow: [
          { name: 'launch', times: { kind: 'dates', dates: ['2026-11-21'], fromMinute: 600, toMinute: 660 } },
        ],
      },
      { window },
      '2026-11-21T10:30:00Z',
      {},
      { open: true },
    ],
    [
      'is closed by a rule of cron in another zone',
      {
        deny: [
          {
            name: 'trading',
            timezone: 'America/New_York',
            times: { kind: 'cron', cron: '30 9 * * 1-5', forMs: 6.5 * hour },
          },
        ],
      },
      {},
      '2026-11-17T15:00:00Z',
      {},
      { reason: 'window-denied', opensAt: new Date('2026-11-17T21:00:00Z') },
    ],
    [
      'counts a rule only while it is valid',
      { deny: [{ name: 'old', times: { kind: 'weekly', ...window }, valid: { until: '2026-10-31' } }] },
      { window },
      '2026-11-17T10:00:00Z',
      {},
      { open: true },
    ],
    [
      'does not start what would not fit',
      undefined,
      { window },
      '2026-11-17T11:10:00Z',
      { needMs: hour },
      { reason: 'window-too-late', opensAt: new Date('2026-11-18T09:00:00Z') },
    ],
    [
      'starts what just fits',
      undefined,
      { window },
      '2026-11-17T11:00:00Z',
      { needMs: hour },
      { open: true },
    ],
    [
      'never has time for what is longer than the window',
      undefined,
      { window },
      '2026-11-17T08:00:00Z',
      { needMs: 4 * hour },
      { reason: 'window-never' },
    ],
  ])('%s', (_name, calendar, more, now, question, expected) => {
    expect(ask(calendar, more, now, question)).toMatchObject(expected)
  })

  it('is one that the rule names', () => {
    const calendar = { freezes: [{ ...freeze, passes: [], regions: ['other'] }] }
    expect(ask(calendar, { window }, '2026-12-21T10:00:00Z')).toMatchObject({ open: true })
  })

  it('tells its next openings by its own clock, over the end of summer time', () => {
    const { config, environment } = policyOf(undefined, { window, timezone: 'America/New_York' })
    const calendar = regionCalendar(config, environment)
    const found = calendar.ok ? openings(calendar.value, { now: new Date('2026-10-29T20:00:00Z') }, 2) : []
    expect(found).toEqual([
      {
        opensAt: new Date('2026-11-02T14:00:00Z'),
        closesAt: new Date('2026-11-02T17:00:00Z'),
        local: '2026-11-02 Mon 09:00',
      },
      {
        opensAt: new Date('2026-11-03T14:00:00Z'),
        closesAt: new Date('2026-11-03T17:00:00Z'),
        local: '2026-11-03 Tue 09:00',
      },
    ])
  })
})

describe('events of a calendar of days off', () => {
  it.each<[string, string, string, string]>([
    [
      'recur every year',
      'SUMMARY:Christmas\nDTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY',
      '2026-12-25T10:00:00Z',
      'window-holiday',
    ],
    [
      'leave out what is excepted',
      'SUMMARY:Off\nDTSTART;VALUE=DATE:20261101\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20261117',
      '2026-11-17T10:00:00Z',
      'window-open',
    ],
    [
      'count for all of their days',
      'SUMMARY:Eid\nDTSTART;VALUE=DATE:20261116\nDTEND;VALUE=DATE:20261119\nRRULE:FREQ=YEARLY',
      '2026-11-18T10:00:00Z',
      'window-holiday',
    ],
    [
      'have hours in their own zone',
      'SUMMARY:Town hall\nDTSTART;TZID=Europe/Berlin:20261117T110000\nDTEND;TZID=Europe/Berlin:20261117T120000\nRRULE:FREQ=WEEKLY',
      '2026-11-17T10:30:00Z',
      'window-holiday',
    ],
    [
      'are over after that',
      'SUMMARY:Town hall\nDTSTART;TZID=Europe/Berlin:20261117T110000\nDTEND;TZID=Europe/Berlin:20261117T120000\nRRULE:FREQ=WEEKLY',
      '2026-11-17T11:00:00Z',
      'window-open',
    ],
    [
      'do not count once cancelled',
      'SUMMARY:Off\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20261117\nRRULE:FREQ=YEARLY',
      '2026-11-17T10:00:00Z',
      'holidays-unreadable',
    ],
    [
      'need a zone that is known',
      'SUMMARY:Off\nDTSTART;TZID=Mars/Base:20261117T000000\nDURATION:P1D',
      '2026-11-17T10:00:00Z',
      'holidays-unreadable',
    ],
    [
      'need a rule that is known',
      'SUMMARY:Off\nDTSTART;VALUE=DATE:20261117\nRRULE:FREQ=HOURLY',
      '2026-11-17T10:00:00Z',
      'holidays-unreadable',
    ],
  ])('%s', (_name, event, now, reason) => {
    expect(ask(holidays(ics(event)), {}, now).reason).toBe(reason)
  })
})

test.each<[string, Partial<CalendarConfig>, Partial<Environment>, readonly string[]]>([
  ['nothing', {}, { window }, []],
  [
    'a denial of all that is open',
    { deny: [{ name: 'all', times: { kind: 'weekly', ...window } }] },
    { window },
    ['calendar-contradictory'],
  ],
  [
    'openings that are over',
    {
      allow: [
        { name: 'once', times: { kind: 'dates', dates: ['2026-01-01'], fromMinute: 0, toMinute: 1440 } },
      ],
    },
    {},
    ['calendar-contradictory'],
  ],
  ['an end margin longer than the window', { endMarginMs: 4 * hour }, { window }, ['calendar-contradictory']],
  ['a calendar of days off that has run out', holidays(thanksgiving), { window }, ['holidays-expired']],
])('what can never work is told before: %s', (_name, calendar, more, reasons) => {
  const config = configOf([environmentOf('prod', more)], calendar)
  expect(calendarFaults(config, new Date('2026-11-28T10:00:00Z')).map(({ reason }) => reason)).toEqual(
    reasons,
  )
})

test('what is needed is the 95th percentile of a history, once there is one', () => {
  expect(neededMs([9 * hour, hour], hour)).toBe(hour)
  expect(
    neededMs(
      Array.from({ length: 100 }, (_, at) => at * 1000),
      0,
    ),
  ).toBe(94_000)
  expect(neededMs([1, 2, 3, 4, 5], 3)).toBe(5)
})
