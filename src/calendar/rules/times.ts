import { Cron } from 'croner'
import type { RuleConfig } from '../../config/index.ts'
import { parseRecurrence } from '../../release/index.ts'
import type { Span } from '../span.ts'
import { addDays, instantAt, localTime, wallOf } from '../zone.ts'
import { occurrences } from './recurrence.ts'

/**
 * Which end of an hour that comes twice a closing takes. An opening ends with the first passage of its end, what
 * closes lasts to the last: so neither is ever read in favour of a move.
 */
export type Edge = 'opens' | 'closes'

export interface Times {
  readonly zone: string
  readonly edge: Edge
}

/** Stretches of wall time, as if the zone were UTC, that may reach into `from`..`to`. */
type WallSpan = Span

const minuteMs = 60_000
const dayMs = 86_400_000
/** Local times are within a day of UTC's. */
const slack = 2 * dayMs

/** The stretches of a rule that reach into `from`..`to`, as instants. */
export function ruleSpans(rule: RuleConfig, at: Times, from: number, to: number): readonly Span[] {
  const walls = wallSpans(rule, at.zone, from - slack, to + slack)
  const skipped = skippedDays(at.zone)
  return walls
    .filter(({ from: start }) => isValid(rule, start) && !skipped(start))
    .map((wall) => toInstants(rule, wall, at))
    .filter((span) => span.from < to && span.to > from && span.from < span.to)
}

function wallSpans({ times }: RuleConfig, zone: string, from: number, to: number): readonly WallSpan[] {
  switch (times.kind) {
    case 'weekly':
      return daysBetween(from, to)
        .filter((day) => times.days.includes(weekdayOf(day)))
        .map((day) => hoursOf(day, times.fromMinute, times.toMinute))
    case 'dates':
      return times.dates.map((day) => hoursOf(day, times.fromMinute, times.toMinute))
    case 'cron':
      return cronStarts(times.cron, from - times.forMs, to).map((start) => ({
        from: start,
        to: start + times.forMs,
      }))
    case 'rrule': {
      const parsed = parseRecurrence(times.rrule)
      if (!parsed.ok) throw new TypeError(`the rule ${times.rrule} passed its check and cannot be read`)
      const { until } = parsed.value
      const range = {
        from: from - times.forMs,
        to,
        ...(until === undefined ? {} : { until: untilIn(until, zone) }),
      }
      return occurrences(parsed.value, Date.parse(`${times.start}:00Z`), range).map((start) => ({
        from: start,
        to: start + times.forMs,
      }))
    }
  }
}

/** An UNTIL in UTC as the wall clock of the zone shows it then. */
export function untilIn(text: string, zone: string): number {
  const [, date = '', time = '235959', utc] = /^(\d{8})(?:T(\d{6})(Z)?)?$/.exec(text) ?? []
  const day = date.replace(/^(....)(..)(..)$/, '$1-$2-$3')
  const wall = Date.parse(`${day}T${time.replace(/^(..)(..)(..)$/, '$1:$2:$3')}Z`)
  if (utc === undefined) return wall
  const local = localTime(new Date(wall), zone)
  return wallOf(local.day, local.minute) + (wall % minuteMs)
}

/**
 * Minute and hour of a cron expression do not depend on its day, so the days are searched, and the times of one day
 * are put to each: a search for every quarter of an hour of a year would take seconds.
 */
function cronStarts(expression: string, from: number, to: number): readonly number[] {
  const [minute = '', hour = '', ...date] = expression.trim().split(/\s+/)
  const times = runs(`${minute} ${hour} * * *`, 0, dayMs)
  const firstDay = Math.floor(from / dayMs) * dayMs
  return runs(`0 0 ${date.join(' ')}`, firstDay, to)
    .flatMap((day) => times.map((time) => day + time))
    .filter((start) => start >= from && start < to)
}

function runs(expression: string, from: number, to: number): readonly number[] {
  const cron = new Cron(expression, { paused: true, mode: '5-part', timezone: 'UTC' })
  const found: number[] = []
  // A second before, since the search begins after the moment that it is given.
  let next = cron.nextRun(new Date(from - 1000))
  while (next !== null && next.getTime() < to) {
    found.push(next.getTime())
    next = cron.nextRun(next)
  }
  return found
}

/** Hours of a length are counted as they pass; whole days end at the same time of the wall clock (RFC 5545 §3.3.6). */
function toInstants({ times }: RuleConfig, wall: WallSpan, { zone, edge }: Times): Span {
  const from = instantAt(wall.from, zone, 'first')
  const byClock = !('forMs' in times) || times.forMs % dayMs === 0
  const to = byClock
    ? instantAt(wall.to, zone, edge === 'opens' ? 'first' : 'last')
    : from + wall.to - wall.from
  return { from, to }
}

/** A zone that crosses the date line leaves out a whole day (Pacific/Apia, 2011-12-30): nothing begins on it. */
function skippedDays(zone: string): (wall: number) => boolean {
  const known = new Map<number, boolean>()
  return (wall) => {
    const day = Math.floor(wall / dayMs) * dayMs
    const skipped = known.get(day) ?? instantAt(day, zone, 'first') === instantAt(day + dayMs, zone, 'first')
    known.set(day, skipped)
    return skipped
  }
}

/** By the day on which it begins. */
function isValid({ valid }: RuleConfig, start: number): boolean {
  if (valid === undefined) return true
  const day = new Date(start).toISOString().slice(0, 10)
  return (valid.from === undefined || valid.from <= day) && (valid.until === undefined || day <= valid.until)
}

function hoursOf(day: string, fromMinute: number, toMinute: number): WallSpan {
  return { from: wallOf(day, fromMinute), to: wallOf(day, toMinute) }
}

function daysBetween(from: number, to: number): readonly string[] {
  const first = new Date(from).toISOString().slice(0, 10)
  return Array.from({ length: Math.ceil((to - from) / dayMs) + 1 }, (_, at) => addDays(first, at))
}

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

export function weekdayOf(day: string): (typeof names)[number] {
  return names[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? 'Sun'
}
