import { Cron } from 'croner'
import * as z from 'zod'
import { parseRecurrence } from '../release/index.ts'

/** A date of the calendar, without a zone. */
export const localDate = () =>
  z
    .string({ error: (issue) => (issue.input instanceof Date ? 'has to be written with quotes' : undefined) })
    .refine(isDate, { error: 'has to be a date such as "2026-12-24"' })
    .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })

/** A time of a wall clock, without a zone. */
export const localDateTime = () =>
  z
    .string()
    .refine((text) => /^\S{10}T([01]\d|2[0-3]):[0-5]\d$/.test(text) && isDate(text.slice(0, 10)), {
      error: 'has to be a local date and time such as "2026-12-18T18:00", without a zone',
    })
    .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$' })

/** 1970 to 2199: what is outside is a slip. */
function isDate(text: string): boolean {
  if (!/^(19[7-9]|20\d|21\d)\d-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

export const cron = () =>
  z
    .string()
    .max(200)
    .refine((text) => cronProblem(text) === undefined, {
      error: (issue) => cronProblem(String(issue.input)) ?? '',
    })
    .meta({ examples: ['0 9 * * 2'] })

/** Five fields; `?` is refused, since it stands for the moment at which the rule is read. */
function cronProblem(text: string): string | undefined {
  const form = 'has to be a cron expression of five fields, such as "0 9 * * 2"'
  if (!/^[^\s?@]+( +[^\s?@]+){4}$/.test(text)) return form
  try {
    // By the year of a leap day, so that only a date that never comes has no next one.
    const next = new Cron(text, { paused: true, mode: '5-part', timezone: 'UTC' }).nextRun(
      new Date('2024-01-01T00:00:00Z'),
    )
    return next === null ? 'names a date that never comes' : undefined
  } catch (error) {
    return `${form}: ${error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : 'it cannot be read'}`
  }
}

export const recurrence = () =>
  z
    .string()
    .max(500)
    .refine((text) => recurrenceProblem(text) === undefined, {
      error: (issue) => recurrenceProblem(String(issue.input)) ?? '',
    })
    .meta({ examples: ['FREQ=MONTHLY;BYDAY=2TU'] })

function recurrenceProblem(text: string): string | undefined {
  const parsed = parseRecurrence(text)
  return parsed.ok ? undefined : parsed.fault
}
