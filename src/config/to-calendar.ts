import type * as z from 'zod'
import { parseDuration } from '../release/index.ts'
import type { CalendarConfig, FreezeConfig, HolidaysConfig, RuleConfig, RuleTimes } from './config.ts'
import { minuteOfDay } from './fields.ts'
import type { calendar } from './schema-calendar.ts'

export type CalendarForm = z.output<typeof calendar>
type RuleForm = CalendarForm['allow'][number]

export function toCalendar(form: CalendarForm): CalendarConfig {
  return {
    allow: form.allow.map(toRule),
    deny: form.deny.map(toRule),
    freezes: form.freezes.map(toFreeze),
    holidays: form.holidays.map(toHolidays),
    endMarginMs: ms(form['end-margin']),
  }
}

function scopeOf({ regions, timezone }: Pick<RuleForm, 'regions' | 'timezone'>) {
  return { ...(regions === undefined ? {} : { regions }), ...(timezone === undefined ? {} : { timezone }) }
}

function toRule(form: RuleForm): RuleConfig {
  const { name, valid } = form
  const { from, until } = valid ?? {}
  return {
    name,
    ...scopeOf(form),
    times: timesOf(form),
    ...(valid === undefined
      ? {}
      : { valid: { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) } }),
  }
}

/** The form has been checked: exactly one kind, with all that belongs to it. */
function timesOf({ days, dates, from, to, cron, rrule, start, for: length }: RuleForm): RuleTimes {
  const hours = {
    fromMinute: from === undefined ? 0 : minuteOfDay(from),
    toMinute: to === undefined ? 24 * 60 : minuteOfDay(to),
  }
  if (days !== undefined) return { kind: 'weekly', days, ...hours }
  if (dates !== undefined) return { kind: 'dates', dates, ...hours }
  const forMs = ms(length ?? '')
  if (cron !== undefined) return { kind: 'cron', cron, forMs }
  if (rrule === undefined || start === undefined)
    throw new TypeError('a rule passed its checks without times')
  return { kind: 'rrule', rrule, start, forMs }
}

function toFreeze(form: CalendarForm['freezes'][number]): FreezeConfig {
  const { name, from, until, passes, reason, owner } = form
  return { name, ...scopeOf(form), from, until, passes, reason, ...(owner === undefined ? {} : { owner }) }
}

function toHolidays(form: CalendarForm['holidays'][number]): HolidaysConfig {
  const { file, until } = form
  return { file, ...scopeOf(form), ...(until === undefined ? {} : { until }) }
}

function ms(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new TypeError(`duration ${text} passed its check and cannot be read`)
  return value
}
