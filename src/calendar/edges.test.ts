import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RuleConfig } from '../config/index.ts'
import { regionCalendar } from './region.ts'
import { clockwork, covered } from './testing/oracle.ts'
import { policyOf } from './testing/policy.ts'
import { windowVerdict } from './verdict.ts'

/** Both edges in both hemispheres, half an hour, midnight, a whole day that is left out, and none. */
const edges = [
  clockwork('Europe/Berlin', '2026-03-29T01:00:00Z', 9),
  clockwork('Europe/Berlin', '2026-10-25T01:00:00Z', 9),
  clockwork('America/New_York', '2026-11-01T06:00:00Z', 9),
  clockwork('America/Santiago', '2026-04-05T03:00:00Z', 9),
  clockwork('America/Santiago', '2026-09-06T04:00:00Z', 9),
  clockwork('Australia/Lord_Howe', '2026-04-04T15:00:00Z', 9),
  clockwork('Australia/Sydney', '2026-10-03T16:00:00Z', 9),
  clockwork('Pacific/Apia', '2011-12-30T10:00:00Z', 9),
  clockwork('Asia/Riyadh', '2026-11-17T10:00:00Z', 9),
]

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
// Near the hours at which clocks change, more often than anywhere else.
const minute = fc.oneof(
  fc.integer({ min: 0, max: 1439 }),
  fc.constantFrom(0, 60, 90, 105, 119, 120, 121, 150, 179, 180, 1380, 1410),
)
const hours = fc
  .tuple(minute, fc.oneof(minute, fc.constant(1440)))
  .filter(([from, to]) => from !== to)
  .map(([a, b]) => ({ fromMinute: Math.min(a, b), toMinute: Math.max(a, b) }))

const times = (middle: number): fc.Arbitrary<RuleConfig['times']> =>
  fc.oneof(
    fc
      .record({
        kind: fc.constant('weekly' as const),
        days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
        hours,
      })
      .map(({ hours: at, ...rest }) => ({ ...rest, ...at })),
    fc.tuple(fc.uniqueArray(fc.integer({ min: -2, max: 2 }), { minLength: 1 }), hours).map(([days, at]) => ({
      kind: 'dates' as const,
      dates: days.map((day) => new Date(middle + day * 86_400_000).toISOString().slice(0, 10)),
      ...at,
    })),
    fc
      .record({
        minute: fc.constantFrom('0', '30', '*/20', '15,45'),
        hour: fc.constantFrom('*', '1', '2', '3', '0,23', '9', '*/6'),
        day: fc.constantFrom('*', '0', '1,2', '6', '5'),
        forMs: fc.constantFrom(1, 25, 45, 90, 1440, 2880).map((minutes) => minutes * 60_000),
      })
      .map(({ minute: m, hour, day, forMs }) => ({
        kind: 'cron' as const,
        cron: `${m} ${hour} * * ${day}`,
        forMs,
      })),
  )

// By its number, so that what fails can be read.
const scene = fc.integer({ min: 0, max: edges.length - 1 }).chain((edge) => {
  const clock = edges[edge] as (typeof edges)[number]
  const middle = clock.start + (clock.walls.length / 2) * 60_000
  const rules = fc.array(times(middle), { maxLength: 2 })
  return fc.record({
    edge: fc.constant(edge),
    allow: fc.array(times(middle), { minLength: 1, maxLength: 2 }),
    deny: rules,
    // Away from the ends of what was walked through, which cut off what reaches over them.
    at: fc.array(fc.integer({ min: 3 * 1440, max: 6 * 1440 }), { minLength: 40, maxLength: 40 }),
  })
})

test('is open in exactly the minutes that a walk through all of them finds, and says the next one', () => {
  fc.assert(
    fc.property(scene, ({ edge, allow, deny, at }) => {
      const clock = edges[edge] as (typeof edges)[number]
      const named = (list: readonly RuleConfig['times'][], kind: string) =>
        list.map((each, index): RuleConfig => ({ name: `${kind}${index}`, times: each }))
      const { config, environment } = policyOf(
        { allow: named(allow, 'a'), deny: named(deny, 'd') },
        { timezone: clock.zone },
      )
      const calendar = regionCalendar(config, environment)
      if (!calendar.ok) throw new Error(calendar.fault.cause)
      const allowed = named(allow, 'a').map((rule) => covered(clock, rule, 'opens'))
      const denied = named(deny, 'd').map((rule) => covered(clock, rule, 'closes'))
      const open = clock.walls.map(
        (_, index) => allowed.some((on) => on[index]) && !denied.some((on) => on[index]),
      )
      for (const index of [...at.slice(0, 8), ...edgesOf(open, at)]) {
        const now = new Date(clock.start + index * 60_000)
        const verdict = windowVerdict(calendar.value, { now })
        expect({ now, open: verdict.open }).toEqual({ now, open: open[index] })
        const next = open.findIndex((on, later) => later > index && on)
        if (!verdict.open && next >= 0 && next < 7 * 1440) {
          expect(verdict.opensAt).toEqual(new Date(clock.start + next * 60_000))
        }
        const end = open.findIndex((on, later) => later > index && !on)
        if (verdict.open && end >= 0 && end < 7 * 1440) {
          expect(verdict.closesAt).toEqual(new Date(clock.start + end * 60_000))
        }
      }
    }),
    { numRuns: Number(process.env.CALENDAR_RUNS ?? 40) },
  )
}, 60_000)

/** The minutes on both sides of some changes: where a slip of one would show. */
function edgesOf(open: readonly boolean[], at: readonly number[]): readonly number[] {
  const changes = open.flatMap((on, index) =>
    index > 3 * 1440 && index < 6 * 1440 && on !== open[index - 1] ? [index] : [],
  )
  return changes
    .filter((_, index) => at.some((each) => each % changes.length === index))
    .slice(0, 6)
    .flatMap((index) => [index - 1, index])
}
