import { type Context, faultOutcome } from '../../src/action/index.ts'
import { localText, openings, regionCalendar, windowVerdict } from '../../src/calendar/index.ts'
import { environment } from '../../src/config/index.ts'
import type { Policy } from '../../src/policy/index.ts'
import type { action } from './action.ts'
import { bypassOf, invalid } from './request.ts'
import { openingsTable, policyLine } from './summary.ts'
import type { Answer } from './window.ts'

/** May it start now? Told with the next openings of every region, each by its own clock. */
export function check({ inputs }: Context<typeof action>, policy: Policy, now: Date): Answer {
  const { config, commit } = policy
  if (inputs.environment === undefined) {
    return faultOutcome(
      invalid(
        'invalid-input',
        'The input `environment` is missing.',
        'Name the environment that is to be changed.',
      ),
    )
  }
  const found = environment(config, inputs.environment)
  if (!found.ok) return faultOutcome(found.fault)
  const bypass = bypassOf(inputs.severity, inputs.incident, inputs.why)
  if (!bypass.ok) return faultOutcome(bypass.fault)
  const calendar = regionCalendar(config, found.value)
  if (!calendar.ok) return faultOutcome(calendar.fault)

  const { severity, incident, why } = bypass.value
  const within = inputs.first ? { within: { zone: config.train.timezone, days: [config.train.start] } } : {}
  const question = { now, needMs: inputs.needs, ...within, ...(severity === undefined ? {} : { severity }) }
  const verdict = windowVerdict(calendar.value, question)
  const next = verdict.open ? undefined : verdict.opensAt
  const { name, timezone } = found.value
  const local = next === undefined ? '' : `; opens ${localText(next, timezone)} (${timezone})`
  const hotfix = verdict.reason === 'window-bypassed' ? `: ${incident}, ${why}` : ''
  const table = openingsTable(config, { now, needMs: inputs.needs }, inputs.openings)
  return {
    verdict: verdict.open ? 'pass' : 'wait',
    reason: verdict.reason,
    message: `${name}: ${verdict.why}${hotfix}${local}.`,
    ...(next === undefined ? {} : { until: next }),
    data: {
      environment: name,
      zone: timezone,
      now: now.toISOString(),
      policyCommit: commit,
      openings: openings(calendar.value, question, inputs.openings).map((each) => ({
        opensAt: each.opensAt.toISOString(),
        closesAt: each.closesAt?.toISOString() ?? null,
        local: each.local,
      })),
      ...(severity === undefined ? {} : { severity, incident: incident ?? '', why: why ?? '' }),
    },
    outputs: {
      'next-opening': next?.toISOString() ?? '',
      'closes-at': verdict.open ? (verdict.closesAt?.toISOString() ?? '') : '',
      'policy-commit': commit,
      plan: '',
    },
    summary: [{ title: 'Next openings', body: `${table}\n\n${policyLine(policy, now)}` }],
  }
}
