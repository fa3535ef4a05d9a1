import { err, ok, type Result } from './fault.ts'

/** A recurrence rule (RFC 5545 §3.3.10), as far as days go; the time of day is that of its start. */
export interface Recurrence {
  readonly freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
  readonly interval: number
  readonly count?: number
  /** As written: `20261231`, `20261231T120000` or the same with Z. */
  readonly until?: string
  readonly months: readonly number[]
  readonly monthDays: readonly number[]
  /** `day` counts from 0 = Sunday; `nth` from 1, or from -1 backwards. */
  readonly days: readonly { readonly day: number; readonly nth?: number }[]
  readonly positions: readonly number[]
  readonly weekStart: number
}

const dayNames = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

/** The rule, or what is wrong with it as the end of the sentence "`rrule` …". Parts that are not known are refused. */
export function parseRecurrence(text: string): Result<Recurrence, string> {
  const parts = new Map<string, string>()
  for (const part of text
    .replace(/^RRULE:/i, '')
    .toUpperCase()
    .split(';')) {
    const [, name = '', value = ''] = /^([A-Z]+)=(.+)$/.exec(part) ?? []
    if (!known.has(name))
      return err(`has the part \`${part.slice(0, 40)}\`; known are ${[...known].join(', ')}`)
    if (parts.has(name)) return err(`has ${name} twice`)
    parts.set(name, value)
  }
  const freq = parts.get('FREQ')
  if (freq !== 'DAILY' && freq !== 'WEEKLY' && freq !== 'MONTHLY' && freq !== 'YEARLY') {
    return err('needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY')
  }
  const lists = {
    months: numbers(parts.get('BYMONTH'), 1, 12, false),
    monthDays: numbers(parts.get('BYMONTHDAY'), 1, 31, true),
    positions: numbers(parts.get('BYSETPOS'), 1, 366, true),
  }
  const wrong = Object.entries(lists).find(([, list]) => list === undefined)
  const { months, monthDays, positions } = lists
  if (months === undefined || monthDays === undefined || positions === undefined) {
    return err(`has a number out of range in its ${wrong?.[0]}`)
  }
  const days = weekdays(parts.get('BYDAY'))
  if (days === undefined)
    return err('has a BYDAY that is no list of MO … SU, with a number before it or without')
  const interval = whole(parts.get('INTERVAL') ?? '1', 1, 1000)
  const count = parts.has('COUNT') ? whole(parts.get('COUNT') ?? '', 1, 100_000) : undefined
  if (interval === undefined || (parts.has('COUNT') && count === undefined)) {
    return err('has an INTERVAL or COUNT that is no whole number from 1')
  }
  const until = parts.get('UNTIL')
  if (until !== undefined && count !== undefined) return err('has both COUNT and UNTIL')
  if (until !== undefined && untilWall(until) === undefined)
    return err('has an UNTIL such as 20261231 or 20261231T120000Z amiss')
  const weekStart = dayNames.indexOf(parts.get('WKST') ?? 'MO')
  if (weekStart < 0) return err('has a WKST that is no day')
  if (days.some(({ nth }) => nth !== undefined) && (freq === 'DAILY' || freq === 'WEEKLY')) {
    return err('counts days of the week (`2TU`), which only MONTHLY and YEARLY can')
  }
  if (freq === 'WEEKLY' && monthDays.length > 0) return err('has BYMONTHDAY in a WEEKLY rule')
  if (days.some(({ nth }) => nth !== undefined) && monthDays.length > 0) {
    return err('counts days of the week (`2TU`) and names BYMONTHDAY; one of them says which day')
  }
  if (positions.length > 0 && days.length + monthDays.length + months.length === 0)
    return err('has BYSETPOS alone')
  return ok({
    freq,
    interval,
    ...(count === undefined ? {} : { count }),
    ...(until === undefined ? {} : { until }),
    months,
    monthDays,
    days,
    positions,
    weekStart,
  })
}

const known = new Set([
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'BYMONTH',
  'BYMONTHDAY',
  'BYDAY',
  'BYSETPOS',
  'WKST',
])

/** The wall time of an UNTIL as if it were UTC, whether it is UTC, and the end of the day for a date. */
export function untilWall(text: string): { readonly wall: number; readonly utc: boolean } | undefined {
  const [, y, mo, d, h = '23', mi = '59', s = '59', z] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(text) ?? []
  const wall = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(wall) ? undefined : { wall, utc: z === 'Z' }
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

function numbers(
  text: string | undefined,
  least: number,
  most: number,
  signed: boolean,
): readonly number[] | undefined {
  if (text === undefined) return []
  const found = text.split(',').map((item) => {
    const [, sign = '', digits = ''] = /^([+-]?)(\d{1,3})$/.exec(item) ?? []
    const value = whole(digits, least, most)
    return value === undefined || (sign === '-' && !signed) ? undefined : sign === '-' ? -value : value
  })
  return found.every((value) => value !== undefined) ? found : undefined
}

function weekdays(text: string | undefined): Recurrence['days'] | undefined {
  if (text === undefined) return []
  const found = text.split(',').map((item) => {
    const [, nth, name = ''] = /^([+-]?[1-9]\d?)?([A-Z]{2})$/.exec(item) ?? []
    const day = dayNames.indexOf(name)
    if (day < 0 || Math.abs(Number(nth ?? 1)) > 53) return undefined
    return nth === undefined ? { day } : { day, nth: Number(nth) }
  })
  return found.every((value) => value !== undefined) ? found : undefined
}
