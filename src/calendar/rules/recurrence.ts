import type { Recurrence } from '../../release/index.ts'

const dayMs = 86_400_000

/**
 * The occurrences of a rule between two wall times, both as if the zone were UTC; `until` is inclusive. Days are
 * counted on the calendar, so a change of the clock is no matter here. A date that a month does not have
 * (the 31st, 29 February) is left out, as RFC 5545 §3.3.10 wants.
 */
export function occurrences(
  rule: Recurrence,
  start: number,
  range: { readonly from: number; readonly to: number; readonly until?: number },
): readonly number[] {
  const firstDay = Math.floor(start / dayMs)
  const timeOfDay = start - firstDay * dayMs
  const last = Math.min(range.to - 1, range.until ?? Number.POSITIVE_INFINITY)
  const found: number[] = []
  let counted = 0
  for (let index = firstPeriod(rule, firstDay, range.from); ; index += 1) {
    const period = periodAt(rule, firstDay, index)
    if (period.begins * dayMs > last) break
    for (const day of daysOf(rule, firstDay, period)) {
      const wall = day * dayMs + timeOfDay
      if (wall < start) continue
      counted += 1
      if (wall > last || (rule.count !== undefined && counted > rule.count)) return found
      if (wall >= range.from) found.push(wall)
    }
  }
  return found
}

/** A day, week, month or year of the rule: its first day, and year and month for those who need them. */
interface Period {
  readonly begins: number
  readonly year: number
  readonly month: number
}

/** With a COUNT every period from the start has to be walked; else one may begin shortly before `from`. */
function firstPeriod({ freq, interval, count }: Recurrence, firstDay: number, from: number): number {
  if (count !== undefined) return 0
  const longest = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[freq] * interval
  return Math.max(0, Math.floor((from / dayMs - firstDay) / longest) - 2)
}

function periodAt({ freq, interval, weekStart }: Recurrence, firstDay: number, index: number): Period {
  if (freq === 'DAILY') return dated(firstDay + index * interval)
  if (freq === 'WEEKLY')
    return dated(firstDay - ((weekday(firstDay) - weekStart + 7) % 7) + index * interval * 7)
  const { year, month } = dated(firstDay)
  if (freq === 'YEARLY') return dated(dayOf(year + index * interval, 1, 1))
  const months = year * 12 + month - 1 + index * interval
  return dated(dayOf(Math.floor(months / 12), (months % 12) + 1, 1))
}

function daysOf(rule: Recurrence, firstDay: number, period: Period): readonly number[] {
  const set = [...new Set(candidates(rule, firstDay, period))].sort((a, b) => a - b)
  if (rule.positions.length === 0) return set
  const picked = rule.positions.map((at) => set.at(at > 0 ? at - 1 : at))
  return [...new Set(picked.filter((day) => day !== undefined))].sort((a, b) => a - b)
}

function candidates(rule: Recurrence, firstDay: number, { begins, year, month }: Period): readonly number[] {
  const inMonth = (day: number): boolean => rule.months.length === 0 || rule.months.includes(dated(day).month)
  switch (rule.freq) {
    case 'DAILY':
      return inMonth(begins) && isMonthDay(rule, begins) && isWeekday(rule, begins) ? [begins] : []
    case 'WEEKLY':
      return range(begins, 7).filter((day) => {
        const wanted = rule.days.length === 0 ? weekday(day) === weekday(firstDay) : isWeekday(rule, day)
        return wanted && inMonth(day)
      })
    case 'MONTHLY':
      return inMonth(begins) ? monthDays(rule, firstDay, year, month) : []
    case 'YEARLY':
      return yearDays(rule, firstDay, year)
  }
}

function yearDays(rule: Recurrence, firstDay: number, year: number): readonly number[] {
  if (rule.months.length > 0) return rule.months.flatMap((month) => monthDays(rule, firstDay, year, month))
  const begins = dayOf(year, 1, 1)
  const all = range(begins, dayOf(year + 1, 1, 1) - begins)
  if (rule.monthDays.length > 0) {
    return all.filter((day) => isMonthDay(rule, day) && isWeekday(rule, day))
  }
  if (rule.days.length > 0) return nthDays(rule, all)
  const { month } = dated(firstDay)
  return monthDays(rule, firstDay, year, month)
}

function monthDays(rule: Recurrence, firstDay: number, year: number, month: number): readonly number[] {
  const begins = dayOf(year, month, 1)
  const all = range(begins, dayOf(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - begins)
  if (rule.monthDays.length > 0) {
    const named = all.filter((day) => isMonthDay(rule, day))
    return rule.days.length === 0 ? named : named.filter((day) => nthDays(rule, all).includes(day))
  }
  if (rule.days.length > 0) return nthDays(rule, all)
  const same = begins + new Date(firstDay * dayMs).getUTCDate() - 1
  return all.includes(same) ? [same] : []
}

/** The days of `all` that BYDAY names: each of its weekdays, or the nth from either end. */
function nthDays(rule: Recurrence, all: readonly number[]): readonly number[] {
  return rule.days.flatMap(({ day, nth }) => {
    const on = all.filter((each) => weekday(each) === day)
    if (nth === undefined) return on
    const found = on.at(nth > 0 ? nth - 1 : nth)
    return found === undefined ? [] : [found]
  })
}

function isMonthDay({ monthDays: wanted }: Recurrence, day: number): boolean {
  if (wanted.length === 0) return true
  const { year, month } = dated(day)
  const first = dayOf(year, month, 1)
  const length = dayOf(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - first
  return wanted.some((each) => day - first + 1 === (each > 0 ? each : length + 1 + each))
}

function isWeekday({ days }: Recurrence, day: number): boolean {
  return days.length === 0 || days.some((each) => each.day === weekday(day))
}

function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

function dated(day: number): Period {
  const date = new Date(day * dayMs)
  return { begins: day, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 }
}

function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / dayMs
}

function range(from: number, length: number): readonly number[] {
  return Array.from({ length }, (_, at) => from + at)
}
