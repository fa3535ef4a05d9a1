import type { Config, Environment } from '../config/index.ts'
import { err, type Fault, ok, type Result } from '../release/index.ts'
import { openSpans, type RegionCalendar, regionCalendar } from './region.ts'
import { type Start, spacedUntil, trainDay } from './train-day.ts'
import { localText, windowVerdict } from './verdict.ts'
import { addDays, instantOf } from './zone.ts'

/** A day on which the region could have gone and does not, and why. */
export interface Slip {
  readonly day: string
  readonly why: string
}

export interface Stop {
  readonly region: string
  readonly zone: string
  /** Predicted, or what the ledger says for a region that has started. */
  readonly at: Date
  readonly local: string
  readonly day: string
  readonly actual: boolean
  readonly slips: readonly Slip[]
}

export interface TrainPlan {
  readonly stops: readonly Stop[]
  /** When the last region is expected to be done, and the next release may start. */
  readonly doneAt: Date
  readonly nextStart?: Date
}

export interface PlanQuestion {
  readonly now: Date
  /** Regions that the train has started, in order; `at` is RFC 3339. */
  readonly started?: readonly (Start & { readonly region: string })[]
  /** What one region takes until it is verified. */
  readonly needMs: number
}

/** Nobody plans further; a train that has not arrived by then never does. */
const horizonMs = 183 * 86_400_000

/**
 * When each region of a train is expected to start, if nothing stops it: the same order, spacing and calendars by
 * which it moves. A pure function, so that status, plan and the train itself can never tell different days.
 */
export function planTrain(config: Config, question: PlanQuestion): Result<TrainPlan> {
  const { train } = config
  const rule = { zone: train.timezone, perDay: train.regionsPerDay, spacingMs: train.spacingMs }
  const started = question.started ?? []
  const stops: Stop[] = []
  const starts: Start[] = [...started]
  let free = question.now
  for (const region of train.order) {
    const found = config.environments[region]
    if (found === undefined) continue
    const calendar = regionCalendar(config, found)
    if (!calendar.ok) return calendar
    const before = started.find((each) => each.region === region)
    if (before !== undefined) {
      stops.push(stopOf(calendar.value, train.timezone, new Date(before.at), true, []))
      free = later(free, new Date(Date.parse(before.at) + question.needMs))
      continue
    }
    const within = starts.length === 0 ? { within: { zone: train.timezone, days: [train.start] } } : {}
    const at = firstStart(
      calendar.value,
      { ...within, needMs: question.needMs },
      starts,
      rule,
      free,
      question.now,
    )
    if (at === undefined) return err(neverFits(region, stops.at(-1)))
    const since = stops.at(-1)?.day
    const slips = since === undefined ? [] : slipsOf(calendar.value, train, since, at)
    stops.push(stopOf(calendar.value, train.timezone, at, false, slips))
    starts.push({ at: at.toISOString(), day: trainDay(at, train.timezone) })
    free = new Date(at.getTime() + question.needMs)
  }
  const next = nextTrain(config, free, question.needMs)
  return ok({ stops, doneAt: free, ...(next === undefined ? {} : { nextStart: next }) })
}

type Rule = Parameters<typeof spacedUntil>[1]

/** The first moment that calendar, days and spacing agree on. */
function firstStart(
  calendar: RegionCalendar,
  asked: {
    readonly within?: { zone: string; days: readonly Config['train']['start'][] }
    readonly needMs: number
  },
  starts: readonly Start[],
  rule: Rule,
  from: Date,
  now: Date,
): Date | undefined {
  let at = from
  while (at.getTime() - now.getTime() < horizonMs) {
    const spaced = spacedUntil(starts, rule, at)
    if (spaced !== undefined) {
      at = spaced
      continue
    }
    const verdict = windowVerdict(calendar, { ...asked, now: at })
    if (verdict.open) return at
    if (verdict.opensAt === undefined) return undefined
    at = verdict.opensAt
  }
  return undefined
}

function stopOf(
  calendar: RegionCalendar,
  trainZone: string,
  at: Date,
  actual: boolean,
  slips: readonly Slip[],
): Stop {
  const { region, zone } = calendar
  return { region, zone, at, local: localText(at, zone), day: trainDay(at, trainZone), actual, slips }
}

/** Every day between the start before and this one on which nothing of the region could start. */
function slipsOf(calendar: RegionCalendar, train: Config['train'], since: string, at: Date): readonly Slip[] {
  const slips: Slip[] = []
  const last = trainDay(at, train.timezone)
  for (let day = addDays(since, 1); day < last; day = addDays(day, 1)) {
    const [from, to] = [
      instantOf(day, 0, calendar.zone).getTime(),
      instantOf(addDays(day, 1), 0, calendar.zone).getTime(),
    ]
    const open = openSpans(calendar, {}, from, to)
    const closing = calendar.closings(from, to)[0]
    const why =
      open.length > 0
        ? 'the spacing, or what is left of the opening, is too short'
        : (closing?.why ?? 'no window')
    slips.push({ day, why })
  }
  return slips
}

function nextTrain(config: Config, from: Date, needMs: number): Date | undefined {
  const { order, start, timezone } = config.train
  const first = order[0] === undefined ? undefined : config.environments[order[0]]
  const calendar = first === undefined ? undefined : regionCalendar(config, first)
  if (calendar?.ok !== true) return undefined
  const verdict = windowVerdict(calendar.value, {
    now: from,
    within: { zone: timezone, days: [start] },
    needMs,
  })
  return verdict.open ? from : verdict.opensAt
}

function later(left: Date, right: Date): Date {
  return left > right ? left : right
}

function neverFits(region: string, before: Stop | undefined): Fault {
  const after = before === undefined ? 'no train could start' : `after ${before.region} on ${before.day}`
  return {
    blame: 'user',
    reason: 'plan-never-fits',
    cause: `${region} has no moment within half a year at which it could start (${after}).`,
    likely: 'Spacing, end margin, days and windows leave nothing of each other.',
    next: 'Make the window longer, or spacing and end margin shorter, in tuesday.yaml.',
  }
}

/** What of a policy can never work, found before anything is decided by it. */
export function calendarFaults(config: Config, now: Date): readonly Fault[] {
  return Object.values<Environment>(config.environments).flatMap((each) => {
    const calendar = regionCalendar(config, each)
    if (!calendar.ok) return [calendar.fault]
    const verdict = windowVerdict(calendar.value, { now })
    if (verdict.reason === 'holidays-expired') return [expired(each.name, verdict.why)]
    if (verdict.open || verdict.opensAt !== undefined) return []
    return [contradictory(each.name, verdict.why)]
  })
}

function expired(region: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'holidays-expired',
    cause: `${region}: ${why}.`,
    likely: 'Calendars of days off are published a year at a time.',
    next: 'Vendor the next file and commit it to the protected branch; until then nothing moves forward.',
  }
}

function contradictory(region: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'calendar-contradictory',
    cause: `${region} can never move forward: ${why}.`,
    likely:
      'What one rule opens another one closes, a rule is over, or the end margin is longer than every opening.',
    next: 'Correct windows and calendar in tuesday.yaml.',
  }
}
