import type { RuleConfig, RuleTimes } from '../../config/index.ts'

/** A minute-by-minute reading of Intl over some days: slow, and nothing of the calendar's own arithmetic in it. */
export interface Clockwork {
  readonly zone: string
  /** First minute, and one wall time a minute, as if the zone were UTC. */
  readonly start: number
  readonly walls: readonly number[]
}

const minuteMs = 60_000

export function clockwork(zone: string, middle: string, days: number): Clockwork {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const start = Date.parse(middle) - days * 720 * minuteMs
  const walls = Array.from({ length: days * 1440 }, (_, at) => {
    const text = format.format(start + at * minuteMs)
    const [, day, hour, minute] = /(\d{4}-\d{2}-\d{2})\D+(\d{2}):(\d{2})/.exec(text) ?? []
    return Date.parse(`${day}T${hour}:${minute}:00Z`)
  })
  return { zone, start, walls }
}

/** Which minutes a rule covers, found by walking through all of them. */
export function covered(
  { walls }: Clockwork,
  { times, valid }: RuleConfig,
  edge: 'opens' | 'closes',
): boolean[] {
  const on = walls.map(() => false)
  for (const [from, to, elapsed] of wallStretches(times, walls)) {
    const day = new Date(from).toISOString().slice(0, 10)
    if ((valid?.from !== undefined && day < valid.from) || (valid?.until !== undefined && day > valid.until))
      continue
    const first = walls.findIndex((wall) => wall >= from)
    const end =
      elapsed !== undefined
        ? first + elapsed
        : edge === 'opens'
          ? walls.findIndex((wall) => wall >= to)
          : walls.findLastIndex((wall) => wall < to) + 1
    for (let at = first; first >= 0 && at < (end < 0 ? walls.length : end); at += 1) on[at] = true
  }
  return on
}

type Stretch = readonly [from: number, to: number, elapsedMinutes?: number]

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** Stretches that begin and end within what was walked through. */
function wallStretches(times: RuleTimes, walls: readonly number[]): readonly Stretch[] {
  const days = [...new Set(walls.map((wall) => wall - (wall % 86_400_000)))]
  const at = (day: number, minute: number) => day + minute * minuteMs
  if (times.kind === 'weekly') {
    return days
      .filter((day) => times.days.includes(names[new Date(day).getUTCDay()] ?? 'Sun'))
      .map((day) => [at(day, times.fromMinute), at(day, times.toMinute)])
  }
  if (times.kind === 'dates') {
    return times.dates.map((date) => [
      at(Date.parse(date), times.fromMinute),
      at(Date.parse(date), times.toMinute),
    ])
  }
  if (times.kind === 'rrule') throw new Error('the oracle of recurrence rules is another one')
  const [minutes = '', hours = '', , , weekdays = ''] = times.cron.split(' ')
  const starts = days.flatMap((day) =>
    matches(weekdays, new Date(day).getUTCDay())
      ? Array.from({ length: 1440 }, (_, minute) => minute)
          .filter((minute) => matches(hours, Math.floor(minute / 60)) && matches(minutes, minute % 60))
          .map((minute) => at(day, minute))
      : [],
  )
  const whole = times.forMs % 86_400_000 === 0
  return starts.map((from) =>
    whole ? [from, from + times.forMs] : [from, from + times.forMs, times.forMs / minuteMs],
  )
}

/** `*`, a number, a list or a step from nothing. */
function matches(field: string, value: number): boolean {
  if (field === '*') return true
  if (field.startsWith('*/')) return value % Number(field.slice(2)) === 0
  return field.split(',').map(Number).includes(value)
}
