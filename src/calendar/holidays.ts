import ICAL from 'ical.js'
import { err, type Fault, ok, parseRecurrence, type Result } from '../release/index.ts'
import { occurrences } from './rules/recurrence.ts'
import { untilIn } from './rules/times.ts'
import type { Span } from './span.ts'
import { instantAt } from './zone.ts'

/** A day off, or a stretch of it, in wall time of `zone` as if that were UTC. */
export interface Holiday extends Span {
  readonly name: string
  /** Absent: the zone of whoever asks. */
  readonly zone?: string
}

export interface HolidayFile {
  /** Holidays whose wall time reaches into the range. */
  between(from: number, to: number, zone: string): readonly Holiday[]
  /** End of the last event that does not recur for ever; absent when all of them do. */
  readonly lastEnd?: number
}

const dayMs = 86_400_000
/** A year of holidays is some KiB. */
const longest = 1024 * 1024

/** Reads a vendored .ics file: its events block whole days or hours, once or again and again. */
export function parseHolidays(text: string, file: string): Result<HolidayFile> {
  if (text.length > longest) return err(unreadable(file, `it has ${text.length} characters`))
  let events: readonly ICAL.Component[]
  try {
    const root = ICAL.Component.fromString(text)
    if (root.name !== 'vcalendar') return err(unreadable(file, `it is a ${root.name}, no VCALENDAR`))
    events = root.getAllSubcomponents('vevent')
  } catch (error) {
    return err(
      unreadable(file, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)),
    )
  }
  const read: EventTimes[] = []
  for (const event of events) {
    if (String(event.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED') continue
    const times = eventTimes(event)
    if (typeof times === 'string') return err(unreadable(file, times))
    read.push(times)
  }
  if (read.length === 0) return err(unreadable(file, 'it has no event'))
  const moved = new Set(
    read.flatMap(({ uid, movedFrom }) => (movedFrom === undefined ? [] : [`${uid} ${movedFrom}`])),
  )
  const ends = read.flatMap((event) => lastEnd(event) ?? [])
  return ok({
    between: (from, to, zone) =>
      read.flatMap((event) =>
        starts(event, from - event.length, to, event.zone ?? zone)
          .filter((start) => event.movedFrom !== undefined || !moved.has(`${event.uid} ${start}`))
          .filter((start) => start < to && start + event.length > from)
          .map((start) => ({
            from: start,
            to: start + event.length,
            name: event.name,
            ...(event.zone === undefined ? {} : { zone: event.zone }),
          })),
      ),
    ...(ends.length === 0 ? {} : { lastEnd: Math.max(...ends) }),
  })
}

interface EventTimes {
  readonly uid: string
  readonly name: string
  readonly start: number
  readonly length: number
  readonly zone?: string
  readonly rule?: string
  readonly more: readonly number[]
  readonly except: ReadonlySet<number>
  /** This event takes the place of the occurrence at that wall time. */
  readonly movedFrom?: number
}

/** An event in wall time, or what of it cannot be used. */
function eventTimes(event: ICAL.Component): EventTimes | string {
  const name = String(event.getFirstPropertyValue('summary') ?? 'an event without a name').slice(0, 100)
  const begin = event.getFirstProperty('dtstart')
  const start = begin?.getFirstValue()
  if (begin === null || !(start instanceof ICAL.Time)) return `${name} has no DTSTART`
  const zone = zoneOf(begin, start)
  if (zone !== undefined && !isZone(zone))
    return `${name} has the zone ${zone}, which is not one of the IANA database`
  const end = event.getFirstPropertyValue('dtend')
  const duration = event.getFirstPropertyValue('duration')
  const length =
    end instanceof ICAL.Time
      ? wallOf(end) - wallOf(start)
      : duration instanceof ICAL.Duration
        ? duration.toSeconds() * 1000
        : start.isDate
          ? dayMs
          : 0
  if (length <= 0) return `${name} has no length`
  const rules = event.getAllProperties('rrule').map((each) => String(each.getFirstValue()))
  if (rules.length > 1) return `${name} has two RRULEs`
  const [rule] = rules
  const parsed = rule === undefined ? undefined : parseRecurrence(rule)
  if (parsed !== undefined && !parsed.ok) return `the RRULE of ${name} ${parsed.fault}`
  const moved = event.getFirstPropertyValue('recurrence-id')
  return {
    uid: String(event.getFirstPropertyValue('uid') ?? ''),
    name,
    start: wallOf(start),
    length,
    ...(zone === undefined ? {} : { zone }),
    ...(rule === undefined ? {} : { rule }),
    more: timesOf(event, 'rdate'),
    except: new Set(timesOf(event, 'exdate')),
    ...(moved instanceof ICAL.Time ? { movedFrom: wallOf(moved) } : {}),
  }
}

/** Wall times of its beginnings; DTSTART is one whether the rule names it or not. */
function starts(event: EventTimes, from: number, to: number, zone: string): readonly number[] {
  const own = event.rule === undefined ? [] : ruled(event, event.rule, from, to, zone)
  const all = new Set([event.start, ...event.more, ...own])
  return [...all]
    .filter((start) => from <= start && start < to && !event.except.has(start))
    .sort((a, b) => a - b)
}

function ruled(
  { start }: EventTimes,
  rule: string,
  from: number,
  to: number,
  zone: string,
): readonly number[] {
  const parsed = parseRecurrence(rule)
  if (!parsed.ok) throw new TypeError(`the rule ${rule} passed its check and cannot be read`)
  const { until } = parsed.value
  return occurrences(parsed.value, start, {
    from,
    to,
    ...(until === undefined ? {} : { until: untilIn(until, zone) }),
  })
}

/** The last end of an event; undefined for one without an end. Beyond the year 2200 nothing is looked for. */
function lastEnd(event: EventTimes): number | undefined {
  const parsed = event.rule === undefined ? undefined : parseRecurrence(event.rule)
  const recurs = parsed?.ok === true && parsed.value.count === undefined && parsed.value.until === undefined
  if (recurs) return undefined
  const last = starts(event, event.start, Date.UTC(2200, 0), event.zone ?? 'UTC').at(-1)
  return last === undefined ? undefined : last + event.length
}

function timesOf(event: ICAL.Component, name: string): readonly number[] {
  return event
    .getAllProperties(name)
    .flatMap((property) => property.getValues() as unknown[])
    .flatMap((value) =>
      value instanceof ICAL.Time
        ? [wallOf(value)]
        : value instanceof ICAL.Period
          ? [wallOf(value.start)]
          : [],
    )
}

function wallOf(time: ICAL.Time): number {
  return Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
}

/** Whole days and times without a zone are those of whoever asks. */
function zoneOf(property: ICAL.Property, start: ICAL.Time): string | undefined {
  if (start.isDate) return undefined
  const named = property.getParameter('tzid')
  if (typeof named === 'string') return named
  return start.zone?.tzid === 'UTC' ? 'UTC' : undefined
}

function isZone(name: string): boolean {
  try {
    instantAt(0, name, 'first')
    return true
  } catch {
    return false
  }
}

function unreadable(file: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'holidays-unreadable',
    cause: `${file} cannot be used as a calendar of days off: ${why}.`,
    likely: 'It was cut off, or is a page of a website instead of the calendar.',
    next: 'Vendor the file anew; until then nothing moves forward.',
    at: { file },
  }
}
