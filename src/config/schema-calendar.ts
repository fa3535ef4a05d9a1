import * as z from 'zod'
import * as field from './fields.ts'
import * as time from './fields-time.ts'

const minute = 60_000
const day = 24 * 60 * minute

const scope = {
  regions: z
    .array(field.label())
    .min(1, { error: 'names no environment' })
    .optional()
    .describe('Environments that it binds; every production environment when left out.'),
  timezone: field
    .timezone()
    .optional()
    .describe('IANA zone of its times; the zone of each environment when left out.'),
}

const weekdayList = () =>
  z
    .array(field.weekday())
    .min(1, { error: 'names no day' })
    .refine(isDistinct, { error: 'names a day twice' })

const text = (longest: number) => z.string().min(1, { error: 'is empty' }).max(longest)

/** One of four forms of times; which one is told by its key. */
const forms = ['days', 'cron', 'rrule', 'dates'] as const

const rule = z
  .strictObject({
    name: field.label().describe('Name for messages.'),
    ...scope,
    days: weekdayList().optional().describe('Days of the week, with `from` and `to`.'),
    dates: z
      .array(time.localDate())
      .min(1, { error: 'names no date' })
      .optional()
      .describe('Single days; whole ones without `from` and `to`.'),
    from: field
      .timeOfDay()
      .optional()
      .describe('Local time on `days` or `dates`; the minute itself is inside.'),
    to: field
      .timeOfDay()
      .optional()
      .describe('Local time on `days` or `dates`; the minute itself is outside.'),
    cron: time
      .cron()
      .optional()
      .describe('Five fields of local time at which an opening begins; `for` says how long it is.'),
    rrule: time
      .recurrence()
      .optional()
      .describe('RFC 5545 recurrence rule of the days on which an opening begins, with `start` and `for`.'),
    start: time.localDateTime().optional().describe('Local time of the first occurrence of `rrule`.'),
    for: field
      .duration(minute, 14 * day)
      .optional()
      .describe('Length from each start; whole days are days of the calendar.'),
    valid: z
      .strictObject({
        from: time.localDate().optional().describe('First local date on which the rule counts.'),
        until: time.localDate().optional().describe('Last local date on which the rule counts.'),
      })
      .refine(({ from, until }) => from === undefined || until === undefined || from <= until, {
        path: ['until'],
        error: 'is before `from`, so the rule would never count',
      })
      .optional()
      .describe('When the rule counts at all.'),
  })
  .superRefine((value, context) => {
    const says = ruleProblem(value)
    if (says !== undefined) context.addIssue({ code: 'custom', message: says })
  })
  .describe('When something is open or closed.')

interface RuleForm {
  readonly days?: unknown
  readonly dates?: unknown
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly cron?: unknown
  readonly rrule?: unknown
  readonly start?: unknown
  readonly for?: unknown
}

function ruleProblem(value: RuleForm): string | undefined {
  const named = forms.filter((form) => value[form] !== undefined)
  const [form] = named
  if (form === undefined || named.length > 1) {
    return 'needs exactly one of `days`, `cron`, `rrule` and `dates`'
  }
  const needs = { days: ['from', 'to'], dates: [], cron: ['for'], rrule: ['start', 'for'] } as const
  const missing = needs[form].find((key) => value[key] === undefined)
  if (missing !== undefined) return `needs \`${missing}\` beside \`${form}\``
  const allowed: readonly string[] = form === 'dates' ? ['from', 'to'] : needs[form]
  const extra = (['from', 'to', 'start', 'for'] as const).find(
    (key) => value[key] !== undefined && !allowed.includes(key),
  )
  if (extra !== undefined) return `has \`${extra}\`, which does not go with \`${form}\``
  if ((value.from === undefined) !== (value.to === undefined)) return 'needs both `from` and `to`, or neither'
  if (
    value.from !== undefined &&
    value.to !== undefined &&
    field.minuteOfDay(value.from) >= field.minuteOfDay(value.to)
  ) {
    return 'is empty: `to` has to be later than `from`; for one over midnight use `cron` and `for`'
  }
  return undefined
}

const freeze = z
  .strictObject({
    name: field.label().describe('Name for messages.'),
    ...scope,
    from: time.localDateTime().describe('Local time at which it begins.'),
    until: time.localDateTime().describe('Local time at which it is over.'),
    passes: z
      .array(z.enum(['P1', 'P2']))
      .refine(isDistinct, { error: 'names a severity twice' })
      .default([])
      .describe('Hotfixes of these severities may pass. Going back always may.'),
    reason: text(500).describe('Why, for those who meet it.'),
    owner: text(200).optional().describe('Whom to ask.'),
  })
  .refine(({ from, until }) => from < until, {
    path: ['until'],
    error: 'has to be later than `from`, or nothing is frozen',
  })
  .describe('A stretch of time in which nothing moves forward.')

const holidays = z
  .strictObject({
    file: field
      .path()
      .describe('An .ics file of this repository, vendored beside this one; read from the same commit.'),
    ...scope,
    until: time
      .localDate()
      .optional()
      .describe(
        'Last date that the file speaks for; after it nothing moves forward. Its last event when left out.',
      ),
  })
  .describe('Days off, as iCalendar.')

export const calendar = z
  .strictObject({
    allow: z.array(rule).default([]).describe('Further openings, beside the windows of the environments.'),
    deny: z
      .array(rule)
      .default([])
      .describe('Times in which nothing moves forward. They win over every opening.'),
    freezes: z.array(freeze).default([]).describe('Freezes, each saying which hotfixes may pass.'),
    holidays: z.array(holidays).default([]).describe('Calendars of days off.'),
    'end-margin': field
      .duration(0, day)
      .default('0s')
      .describe(
        'A region starts only when at least this much of its opening is left, or the p95 of its own history.',
      ),
  })
  .describe('When releases may move forward. Going back is never bound by it.')

export const noDeployDays = weekdayList()
  .optional()
  .describe(
    'Days of the week on which nothing moves forward here, such as [Fri, Sat] where they are the weekend.',
  )

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
