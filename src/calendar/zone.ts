import type { Weekday } from '../config/index.ts'

/** Wall clock of a zone. `day` is the calendar date there, `minute` counts from local midnight. */
export interface LocalTime {
  readonly day: string
  readonly weekday: Weekday
  readonly minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws a RangeError for a zone that the runtime does not know; tuesday.yaml is checked for that on load. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  formats.set(zone, format)
  return format
}

export function localTime(instant: Date, zone: string): LocalTime {
  const part = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map((p) => [p.type, p.value]),
  )
  const year = (part.get('year') ?? '').padStart(4, '0')
  return {
    day: `${year}-${part.get('month')}-${part.get('day')}`,
    weekday: part.get('weekday') as Weekday,
    minute: Number(part.get('hour')) * 60 + Number(part.get('minute')),
  }
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** `days` later on the calendar, as a date without a zone. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

/** A wall time as if its zone were UTC: the form in which days and rules are counted. */
export function wallOf(day: string, minute: number): number {
  return Date.parse(`${day}T00:00:00Z`) + minute * minuteMs
}

/** What the wall clock of `zone` shows at an instant, to the minute. */
function wallAt(at: number, zone: string): number {
  const day = Math.floor(at / dayMs)
  const offset = midnightOffset(day, zone)
  if (offset === midnightOffset(day + 1, zone)) return Math.floor((at + offset) / minuteMs) * minuteMs
  return readWall(at, zone)
}

function readWall(at: number, zone: string): number {
  const { day, minute } = localTime(new Date(at), zone)
  return wallOf(day, minute)
}

/** A rule asks for thousands of wall times, and reading one is dear: on most days the clock is not changed at all. */
const offsets = new Map<string, Map<number, number>>()

/** How far the zone is from UTC at 00:00 UTC of a day, counted from 1970. */
function midnightOffset(day: number, zone: string): number {
  const ofZone = offsets.get(zone) ?? new Map<number, number>()
  const known = ofZone.get(day)
  if (known !== undefined) return known
  const offset = readWall(day * dayMs, zone) - day * dayMs
  if (ofZone.size >= 5_000) ofZone.clear()
  offsets.set(zone, ofZone.set(day, offset))
  return offset
}

/**
 * The first instant at which the wall clock of `zone` shows `minute` of `day` or later: a time that a change
 * to summer time skips is the moment after the gap, a time that comes twice is its first occurrence.
 */
export function instantOf(day: string, minute: number, zone: string): Date {
  return new Date(instantAt(wallOf(day, minute), zone, 'first'))
}

/**
 * The same for a wall time. `last` is the first moment from which on the clock never shows less than it again: of a
 * time that comes twice the second occurrence, unless the clock is put back to this very time.
 */
export function instantAt(asUtc: number, zone: string, which: 'first' | 'last'): number {
  // Every zone is within 26 hours of UTC; between the two ends the wall clock passes the wanted time once,
  // or twice with less than a day between. Offsets are whole minutes since 1972.
  const wall = (at: number): number => wallAt(at, zone)
  // The offset before the change gives the first occurrence, the one after it gives the second.
  const early = asUtc - (wall(asUtc - dayMs) - (asUtc - dayMs))
  const late = asUtc - (wall(asUtc + dayMs) - (asUtc + dayMs))
  const hits = [early, late].filter((at) => wall(at) === asUtc)
  if (hits.length > 0) {
    const last = Math.max(...hits)
    return which === 'last' && wall(last - minuteMs) < asUtc ? last : Math.min(...hits)
  }
  // In the gap: the change itself, found by bisection to the minute.
  let below = Math.min(early, late) - minuteMs
  let above = Math.max(early, late) + minuteMs
  while (above - below > minuteMs) {
    const middle = below + Math.floor((above - below) / (2 * minuteMs)) * minuteMs
    if (wall(middle) < asUtc) below = middle
    else above = middle
  }
  return above
}
