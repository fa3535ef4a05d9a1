import type { Config } from '../../config/index.ts'
import type { Region } from '../../release/index.ts'
import { configOf, environmentOf, hours, minutes } from './world.ts'

const zones: Readonly<Record<string, string>> = {
  us: 'America/New_York',
  eu: 'Europe/Berlin',
  ap: 'Australia/Sydney',
  me: 'Asia/Riyadh',
}
export const freezes = [
  { name: 'quarter', from: '2026-10-13T00:00', until: '2026-10-15T00:00', passes: ['P1'], reason: 'figures' },
  { name: 'sale', from: '2026-11-26T00:00', until: '2026-12-01T00:00', passes: ['P1'], reason: 'a sale' },
] as const
const dayOff = (date: string, name: string) =>
  `BEGIN:VEVENT\r\nUID:${date}\r\nSUMMARY:${name}\r\nDTSTART;VALUE=DATE:${date}\r\nEND:VEVENT\r\n`
const calendarOf = (events: string) => `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events}END:VCALENDAR\r\n`
/** A Tuesday in New York, and a Monday in Sydney, on which a train would have moved. */
export const daysOff: Readonly<Record<string, readonly string[]>> = { us: ['2026-11-10'], ap: ['2026-11-02'] }

export function weeksConfig(): Config {
  const names = Object.keys(zones)
  const base = configOf(names)
  const window = { days: ['Mon', 'Tue', 'Wed', 'Thu'], fromMinute: 540, toMinute: 720 } as const
  const environments = names.map((name) => {
    const timezone = zones[name] ?? 'UTC'
    return [
      name,
      environmentOf(name, { timezone, window, ...(name === 'me' && { noDeployDays: ['Fri', 'Sat'] }) }),
    ]
  })
  const holidays = Object.entries(daysOff).map(([region, dates]) => ({
    file: `${region}.ics`,
    regions: [region],
    until: '2027-01-31',
    text: calendarOf(dates.map((date) => dayOff(date.replaceAll('-', ''), 'day off')).join('')),
  }))
  return {
    ...base,
    environments: { staging: environmentOf('staging'), ...Object.fromEntries(environments) },
    calendar: { allow: [], deny: [], freezes, holidays, endMarginMs: minutes(15) },
    approvals: { required: 1, expiresMs: hours(24 * 14) },
    train: {
      ...base.train,
      timezone: 'America/New_York',
      order: names as Region[],
      bakeMs: minutes(45),
      watchMs: hours(24),
      progressMs: hours(3),
    },
  }
}
