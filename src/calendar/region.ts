import type {
  Config,
  Environment,
  FreezeConfig,
  HolidaysConfig,
  RuleConfig,
  Severity,
} from '../config/index.ts'
import { err, type Fault, ok, type ReasonCode, type Result } from '../release/index.ts'
import { type HolidayFile, parseHolidays } from './holidays.ts'
import { ruleSpans } from './rules/times.ts'
import { intersect, type Span, subtract, union } from './span.ts'
import { addDays, instantAt, wallOf } from './zone.ts'

/** Something that closes, with what it tells those whom it stops. */
export interface Closing extends Span {
  readonly reason: ReasonCode
  readonly why: string
  /** Hotfixes that pass it. */
  readonly passes: readonly Severity[]
}

/** When one region may move forward: pure functions of time. */
export interface RegionCalendar {
  readonly region: string
  readonly zone: string
  /** Openings that reach into the range, before anything is closed. */
  allowed(from: number, to: number): readonly Span[]
  /** What closes within the range. */
  closings(from: number, to: number): readonly Closing[]
  readonly endMarginMs: number
}

const wholeWeek = {
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  fromMinute: 0,
  toMinute: 24 * 60,
} as const
const anyHotfix: readonly Severity[] = ['P1', 'P2']

/** The calendar of a region, from its own windows and what the policy says for all. */
export function regionCalendar(config: Config, environment: Environment): Result<RegionCalendar> {
  const { timezone: zone, name, window, noDeployDays } = environment
  const { calendar } = config
  const mine = <T extends { readonly regions?: readonly string[] }>(
    all: readonly T[] | undefined,
  ): readonly T[] => (all ?? []).filter(({ regions }) => regions?.includes(name) ?? environment.production)
  const holidays = readHolidays(mine(calendar?.holidays), zone)
  if (!holidays.ok) return holidays
  const rules = mine(calendar?.allow)
  const windows: readonly RuleConfig[] =
    window === undefined ? [] : [{ name: 'window', times: { kind: 'weekly', ...window } }]
  const opening = [...windows, ...rules]
  const anyTime = opening.length === 0
  const closed: readonly ClosingRule[] = [
    ...(noDeployDays === undefined ? [] : [offDays(noDeployDays)]),
    ...mine(calendar?.deny).map(denied),
  ]
  const freezes = mine(calendar?.freezes)
  return ok({
    region: name,
    zone,
    endMarginMs: calendar?.endMarginMs ?? 0,
    allowed: (from, to) =>
      anyTime
        ? [{ from, to }]
        : union(
            opening.flatMap((rule) =>
              ruleSpans(rule, { zone: rule.timezone ?? zone, edge: 'opens' }, from, to),
            ),
          ),
    closings: (from, to) => [
      ...freezes.map((freeze) => frozen(freeze, zone)).filter((span) => span.from < to && span.to > from),
      ...holidays.value.flatMap((each) => holidayClosings(each, from, to)),
      ...closed.flatMap(({ rule, ...told }) =>
        ruleSpans(rule, { zone: rule.timezone ?? zone, edge: 'closes' }, from, to).map((span) => ({
          ...told,
          ...span,
        })),
      ),
    ],
  })
}

interface ClosingRule extends Omit<Closing, 'from' | 'to'> {
  readonly rule: RuleConfig
}

function offDays(days: NonNullable<Environment['noDeployDays']>): ClosingRule {
  const rule: RuleConfig = { name: 'no-deploy-days', times: { kind: 'weekly', ...wholeWeek, days } }
  return { rule, reason: 'no-deploy-day', why: `never on ${days.join(', ')}`, passes: anyHotfix }
}

function denied(rule: RuleConfig): ClosingRule {
  return { rule, reason: 'window-denied', why: `closed by the rule ${rule.name}`, passes: anyHotfix }
}

function frozen(freeze: FreezeConfig, own: string): Closing {
  const zone = freeze.timezone ?? own
  const who = freeze.owner === undefined ? '' : ` (ask ${freeze.owner})`
  return {
    from: instantAt(Date.parse(`${freeze.from}:00Z`), zone, 'first'),
    to: instantAt(Date.parse(`${freeze.until}:00Z`), zone, 'last'),
    reason: 'window-frozen',
    why: `frozen by ${freeze.name}: ${freeze.reason}${who}`,
    passes: freeze.passes,
  }
}

interface ReadHolidays {
  readonly file: HolidayFile
  readonly name: string
  readonly zone: string
  /** From here on the file says nothing, and nothing moves. */
  readonly expires: number
}

/** A file that is not there, cannot be read or has run out is no calendar without holidays: nothing moves. */
function readHolidays(all: readonly HolidaysConfig[], own: string): Result<readonly ReadHolidays[]> {
  const read: ReadHolidays[] = []
  for (const { file: name, text, timezone, until } of all) {
    if (text === undefined) return err(missing(name))
    const parsed = parsedOnce(text, name)
    if (!parsed.ok) return parsed
    const zone = timezone ?? own
    const wall = until === undefined ? parsed.value.lastEnd : wallOf(addDays(until, 1), 0)
    const expires = wall === undefined ? Number.POSITIVE_INFINITY : instantAt(wall, zone, 'first')
    read.push({ file: parsed.value, name, zone, expires })
  }
  return ok(read)
}

/** A train looks at its regions every few minutes, and the text of a policy does not change: one parse each. */
const parsed = new Map<string, Result<HolidayFile>>()

function parsedOnce(text: string, name: string): Result<HolidayFile> {
  const key = `${name}\n${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const fresh = parseHolidays(text, name)
  if (parsed.size >= 100) parsed.clear()
  parsed.set(key, fresh)
  return fresh
}

const dayMs = 86_400_000

function holidayClosings(
  { file, name, zone, expires }: ReadHolidays,
  from: number,
  to: number,
): readonly Closing[] {
  const days = file.between(from - 2 * dayMs, to + 2 * dayMs, zone).map(
    (day): Closing => ({
      from: instantAt(day.from, day.zone ?? zone, 'first'),
      to: instantAt(day.to, day.zone ?? zone, 'last'),
      reason: 'window-holiday',
      why: `${day.name} (${name})`,
      passes: anyHotfix,
    }),
  )
  const over: readonly Closing[] =
    expires < to
      ? [
          {
            from: expires,
            to: Number.POSITIVE_INFINITY,
            reason: 'holidays-expired',
            why: `${name} ends with ${new Date(expires - 1).toISOString().slice(0, 10)}; vendor the next year or set \`until\``,
            passes: anyHotfix,
          },
        ]
      : []
  return [...days.filter((span) => span.from < to && span.to > from), ...over]
}

export interface Asked {
  /** A further condition on the opening: the days on which a train starts, by the clock of its own zone. */
  readonly within?: { readonly zone: string; readonly days: readonly (typeof wholeWeek.days)[number][] }
  readonly severity?: Severity
}

/**
 * Openings with all that closes taken out, cut to the range: what closes is known only within it, so nothing is said
 * of an opening beyond.
 */
export function openSpans(calendar: RegionCalendar, asked: Asked, from: number, to: number): readonly Span[] {
  const { within, severity } = asked
  const range = [{ from, to }]
  const allowed = severity === undefined ? intersect(calendar.allowed(from, to), range) : range
  // Nothing can be closed where nothing opens: what closes may be dear to look up.
  if (allowed.length === 0) return []
  const passing = (closing: Closing): boolean => severity !== undefined && closing.passes.includes(severity)
  const closings = calendar.closings(from, to).filter((closing) => !passing(closing))
  const open = subtract(allowed, union(closings))
  if (within === undefined || severity !== undefined) return open
  const days: RuleConfig = { name: 'start', times: { kind: 'weekly', ...wholeWeek, days: within.days } }
  return intersect(open, union(ruleSpans(days, { zone: within.zone, edge: 'opens' }, from, to)))
}

function missing(file: string): Fault {
  return {
    blame: 'user',
    reason: 'holidays-missing',
    cause: `The calendar of days off ${file} was not read.`,
    likely: 'The file is not in the commit that the policy is read from.',
    next: `Commit ${file} beside tuesday.yaml, or take it out of calendar.holidays; until then nothing moves forward.`,
    at: { file },
  }
}
