import { markdownTable } from '../../src/action/index.ts'
import {
  openings,
  type Question,
  regionCalendar,
  type TrainPlan,
  windowVerdict,
} from '../../src/calendar/index.ts'
import type { Config } from '../../src/config/index.ts'
import type { Policy } from '../../src/policy/index.ts'

/** One row a region: is it open, and its next openings by its own clock. */
export function openingsTable(config: Config, question: Question, count: number): string {
  const rows = config.train.order.flatMap((name) => {
    const found = config.environments[name]
    const calendar = found === undefined ? undefined : regionCalendar(config, found)
    if (calendar?.ok !== true) return []
    const verdict = windowVerdict(calendar.value, question)
    const next = openings(calendar.value, question, count).map(({ local }) => local)
    return [
      [
        name,
        calendar.value.zone,
        verdict.open ? 'open' : verdict.why,
        next.join('\n') || 'none within a year',
      ],
    ]
  })
  return markdownTable(['region', 'zone', 'now', 'next openings (local)'], rows)
}

export function planTable({ stops, nextStart, doneAt }: TrainPlan): string {
  const rows = stops.map(({ region, zone, local, at, actual, slips }) => [
    region,
    `${local} (${zone})`,
    at.toISOString(),
    actual ? 'started' : 'predicted',
    slips.map(({ day, why }) => `not ${day}: ${why}`).join('\n'),
  ])
  const next = nextStart === undefined ? '' : `, and the next release waits until ${nextStart.toISOString()}`
  return `${markdownTable(['region', 'local', 'UTC', '', 'days that it cannot'], rows)}\n\nDone about ${doneAt.toISOString()}${next}.`
}

export function policyLine({ commit }: Policy, now: Date): string {
  return `Told at ${now.toISOString()}, by the policy of commit \`${commit}\`, zones ${process.versions.tz ?? 'of the system'}.`
}
