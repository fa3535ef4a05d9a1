import { type Context, faultOutcome, type Json } from '../../src/action/index.ts'
import { neededMs, planTrain, type Stop, trainDay } from '../../src/calendar/index.ts'
import type { Policy } from '../../src/policy/index.ts'
import type { action } from './action.ts'
import { startedOf } from './request.ts'
import { planTable, policyLine } from './summary.ts'
import type { Answer } from './window.ts'

/** When each region of a train that is proposed now would go, and which days it could not. */
export function plan({ inputs }: Context<typeof action>, policy: Policy, now: Date): Answer {
  const { config, commit } = policy
  const given = startedOf(inputs.started)
  if (!given.ok) return faultOutcome(given.fault)
  const zone = config.train.timezone
  const started = given.value.map((each) => ({ ...each, day: trainDay(new Date(each.at), zone) }))
  const needMs = neededMs([], Math.max(inputs.needs, config.calendar?.endMarginMs ?? 0))
  const planned = planTrain(config, { now, started, needMs })
  if (!planned.ok) return faultOutcome(planned.fault)
  const { stops, doneAt, nextStart } = planned.value
  const days = stops.map(({ region, local }) => `${region} ${local}`).join(', ')
  const waits = nextStart === undefined ? '' : `; the next release may start on ${trainDay(nextStart, zone)}`
  return {
    verdict: 'pass',
    reason: 'done',
    message: `${days}${waits}.`,
    data: {
      now: now.toISOString(),
      policyCommit: commit,
      stops: stops.map(stopJson),
      doneAt: doneAt.toISOString(),
      nextStart: nextStart?.toISOString() ?? null,
    },
    outputs: {
      'next-opening': stops.find(({ actual }) => !actual)?.at.toISOString() ?? '',
      'closes-at': '',
      'policy-commit': commit,
      plan: stops.map(stopJson),
    },
    summary: [
      {
        title: `Calendar of the train of ${config.service}`,
        body: `${planTable(planned.value)}\n\n${policyLine(policy, now)}`,
      },
    ],
  }
}

function stopJson({ region, zone, at, local, day, actual, slips }: Stop): Json {
  return {
    region,
    zone,
    at: at.toISOString(),
    local,
    day,
    actual,
    slips: slips.map(({ day: on, why }) => ({ day: on, why })),
  }
}
