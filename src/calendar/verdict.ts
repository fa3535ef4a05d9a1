import type { Severity } from '../config/index.ts'
import { formatDuration, type ReasonCode } from '../release/index.ts'
import { type Asked, openSpans, type RegionCalendar } from './region.ts'
import { covers, type Span } from './span.ts'
import { localTime } from './zone.ts'

export interface Question extends Asked {
  readonly now: Date
  /** What a start is expected to take, with the way back: `neededMs` of a history. */
  readonly needMs?: number
}

/** An opening that is over before this many days are looked at is told; a rule that opens less often never does. */
const horizonDays = 400
/** The end of an opening is of use to those who wait for it; further ones are not looked for. */
const endDays = 7
const dayMs = 86_400_000

export type WindowVerdict =
  | {
      readonly open: true
      readonly reason: 'window-open' | 'window-bypassed'
      readonly why: string
      /** Absent: it lasts longer than a week. */
      readonly closesAt?: Date
    }
  | { readonly open: false; readonly reason: ReasonCode; readonly why: string; readonly opensAt?: Date }

/**
 * Whether something may start in the region at `now`: told from the clock and nothing else, however late or early
 * whatever asks was woken up.
 */
export function windowVerdict(calendar: RegionCalendar, question: Question): WindowVerdict {
  const { severity } = question
  const asked = plainly(question)
  const at = question.now.getTime()
  const need = Math.max(question.needMs ?? 0, calendar.endMarginMs)
  const today = covers(openSpans(calendar, asked, at, at + dayMs), at)
  if (today !== undefined && (today.to - at >= need || today.to >= at + dayMs)) {
    const end = endOf(calendar, asked, today, at + endDays * dayMs)
    const closes = end === undefined ? {} : { closesAt: new Date(end) }
    return { open: true, reason: 'window-open', why: `open (${calendar.zone})`, ...closes }
  }
  const opensAt = nextOpening(calendar, asked, at, need)
  const next = opensAt === undefined ? {} : { opensAt: new Date(opensAt) }
  if (today !== undefined) {
    const left = formatDuration(Math.floor((today.to - at) / 60_000) * 60_000)
    const why = `${left} of the opening are left, ${formatDuration(need)} are needed`
    return { open: false, reason: 'window-too-late', why, ...next }
  }
  const closing = calendar.closings(at, at + 1).filter((each) => each.from <= at && at < each.to)
  const blocking =
    severity === undefined ? closing : closing.filter((each) => !each.passes.includes(severity))
  if (severity !== undefined && blocking.length === 0)
    return bypassed(calendar, severity, closing[0]?.why, at)
  const [first] = blocking
  if (first !== undefined) return { open: false, reason: first.reason, why: first.why, ...next }
  if (opensAt === undefined) {
    return {
      open: false,
      reason: 'window-never',
      why: `no opening of ${formatDuration(need)} within ${horizonDays} days`,
    }
  }
  const { within } = question
  if (within !== undefined && !within.days.includes(localTime(question.now, within.zone).weekday)) {
    const why = `a train starts on ${within.days.join(', ')} (${within.zone})`
    return { open: false, reason: 'start-day', why, ...next }
  }
  return { open: false, reason: 'window-closed', why: `closed now (${calendar.zone})`, ...next }
}

function bypassed(
  calendar: RegionCalendar,
  severity: Severity,
  closedBy: string | undefined,
  at: number,
): WindowVerdict {
  const until = openSpans(calendar, { severity }, at, at + dayMs)[0]?.to ?? at
  return {
    open: true,
    reason: 'window-bypassed',
    why: `${closedBy ?? 'outside of the window'}; a hotfix of ${severity} passes`,
    closesAt: new Date(until),
  }
}

function plainly({ within }: Question): Asked {
  return within === undefined ? {} : { within }
}

/** Openings that touch over the edge of a look are one. */
function endOf(calendar: RegionCalendar, asked: Asked, span: Span, latest: number): number | undefined {
  let end = span.to
  while (end < latest) {
    const on = covers(openSpans(calendar, asked, end, end + dayMs), end)
    if (on === undefined) return end
    end = on.to
  }
  return undefined
}

function nextOpening(
  calendar: RegionCalendar,
  asked: Asked,
  after: number,
  needMs: number,
): number | undefined {
  for (const span of walk(calendar, asked, after)) {
    if (span.from > after && span.to - span.from >= needMs) return span.from
  }
  return undefined
}

/** The openings from `after` on, whole ones; the first may have begun before. Ends at the horizon. */
function* walk(calendar: RegionCalendar, asked: Asked, after: number): Generator<Span> {
  let pending: Span | undefined
  let from = after
  for (let step = 4; from < after + horizonDays * dayMs; step = Math.min(64, step * 2)) {
    const to = Math.min(from + step * dayMs, after + horizonDays * dayMs)
    for (const span of openSpans(calendar, asked, from, to)) {
      const cut = { from: Math.max(span.from, from), to: Math.min(span.to, to) }
      if (pending !== undefined && pending.to === cut.from) pending = { from: pending.from, to: cut.to }
      else {
        if (pending !== undefined) yield pending
        pending = cut
      }
    }
    from = to
  }
  if (pending !== undefined) yield pending
}

export interface Opening {
  readonly opensAt: Date
  /** Absent: not within the year that is looked at. */
  readonly closesAt?: Date
  /** `2026-11-17 Tue 09:00`, by the clock of the region. */
  readonly local: string
}

/** The next openings, beginning with the one that is open now. */
export function openings(calendar: RegionCalendar, question: Question, count: number): readonly Opening[] {
  const found: Opening[] = []
  const need = Math.max(question.needMs ?? 0, calendar.endMarginMs)
  for (const span of walk(calendar, plainly(question), question.now.getTime())) {
    if (found.length === count) break
    if (span.to - span.from < need) continue
    const opensAt = new Date(span.from)
    const ends = span.to < question.now.getTime() + horizonDays * dayMs
    const closes = ends ? { closesAt: new Date(span.to) } : {}
    found.push({ opensAt, ...closes, local: localText(opensAt, calendar.zone) })
  }
  return found
}

export function localText(instant: Date, zone: string): string {
  const { day, weekday, minute } = localTime(instant, zone)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day} ${weekday} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/**
 * What the next start is expected to take: the 95th percentile (nearest rank) of what starts took before, or the
 * margin of the policy when that is more or the history is too short to have one.
 */
export function neededMs(history: readonly number[], marginMs: number): number {
  if (history.length < 5) return marginMs
  const sorted = [...history].sort((a, b) => a - b)
  return Math.max(marginMs, sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0)
}
