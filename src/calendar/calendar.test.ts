import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Weekday, WindowConfig } from '../config/index.ts'
import { instantOf, localTime, spacedUntil, trainDay, windowVerdict } from './index.ts'
import { ruleSpans } from './rules/times.ts'

const window = { days: ['Mon', 'Tue', 'Wed', 'Thu'], fromMinute: 540, toMinute: 720 } as const
const at = (text: string) => new Date(text)

describe('wall time of a zone', () => {
  it.each([
    // In Berlin 02:30 does not exist on 2026-03-29 and comes twice on 2026-10-25.
    ['Europe/Berlin', '2026-03-29', 150, '2026-03-29T01:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', 150, '2026-10-25T00:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25', 180, '2026-10-25T02:00:00.000Z'],
    // The other hemisphere, and a change of half an hour (Lord Howe).
    ['Australia/Sydney', '2026-10-04', 150, '2026-10-03T16:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05', 105, '2026-04-04T14:45:00.000Z'],
    ['America/New_York', '2026-11-17', 540, '2026-11-17T14:00:00.000Z'],
    ['Asia/Riyadh', '2026-11-17', 0, '2026-11-16T21:00:00.000Z'],
    // A whole day that Samoa never had.
    ['Pacific/Apia', '2011-12-30', 600, '2011-12-30T10:00:00.000Z'],
  ])('in %s on %s at minute %i is %s', (zone, day, minute, instant) => {
    expect(instantOf(day, minute, zone).toISOString()).toBe(instant)
  })

  it('is found again by the instant it was read from, or is the first of two', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Sydney',
      'Asia/Singapore',
      'America/Santiago',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 1_600_000, max: 33_000_000 }),
        (zone, minutes) => {
          const instant = new Date(minutes * 60_000)
          const local = localTime(instant, zone)
          const back = instantOf(local.day, local.minute, zone)
          expect(localTime(back, zone)).toEqual(local)
          expect(instant.getTime() - back.getTime()).toBeOneOf([0, 3_600_000])
        },
      ),
    )
  })
})

/** A window by itself, with nothing else in the policy. */
function windowState(rule: WindowConfig, zone: string, now: Date, days: readonly Weekday[] = rule.days) {
  const on = rule.days.filter((day) => days.includes(day))
  const weekly = { name: 'window', times: { kind: 'weekly', ...rule, days: on } } as const
  const verdict = windowVerdict(
    {
      region: '',
      zone,
      endMarginMs: 0,
      allowed: (from, to) => ruleSpans(weekly, { zone, edge: 'opens' }, from, to),
      closings: () => [],
    },
    { now },
  )
  if (verdict.open) return { open: true, ...(verdict.closesAt && { closesAt: verdict.closesAt }) }
  return { open: false, ...(verdict.opensAt === undefined ? {} : { opensAt: verdict.opensAt }) }
}

describe('a window', () => {
  it.each([
    ['is open from its first minute', '2026-11-17T14:00:00Z', true],
    ['is closed one minute before', '2026-11-17T13:59:59Z', false],
    ['is closed at its end', '2026-11-17T17:00:00Z', false],
    ['is open in its last second', '2026-11-17T16:59:59Z', true],
    ['is closed on a Friday', '2026-11-20T15:00:00Z', false],
  ])('%s', (_name, now, open) => {
    expect(windowState(window, 'America/New_York', at(now)).open).toBe(open)
  })

  it('says when it opens next, over the weekend and over a change of the clock', () => {
    const friday = windowState(window, 'America/New_York', at('2026-10-30T20:00:00Z'))
    // New York leaves summer time on 2026-11-01: 09:00 is 14:00 UTC from then on.
    expect(friday).toEqual({ open: false, opensAt: at('2026-11-02T14:00:00Z') })
  })

  it('keeps to the days that were asked for', () => {
    const state = windowState(window, 'America/New_York', at('2026-11-18T15:00:00Z'), ['Tue'])
    expect(state).toEqual({ open: false, opensAt: at('2026-11-24T14:00:00Z') })
    expect(windowState(window, 'UTC', at('2026-11-18T15:00:00Z'), ['Fri'])).toEqual({ open: false })
  })
})

describe('the spacing of starts', () => {
  const rule = { zone: 'America/New_York', perDay: 1, spacingMs: 20 * 3_600_000 }
  const start = (text: string) => ({ at: text, day: trainDay(at(text), rule.zone) })

  it('is no matter before the first start', () => {
    expect(spacedUntil([], rule, at('2026-11-17T15:00:00Z'))).toBeUndefined()
  })

  it.each([
    [
      'the next day begins after the spacing',
      '2026-11-17T05:30:00Z',
      '2026-11-17T15:00:00Z',
      '2026-11-18T05:00:00Z',
    ],
    [
      'the spacing reaches into the next day',
      '2026-11-17T15:00:00Z',
      '2026-11-17T16:00:00Z',
      '2026-11-18T11:00:00Z',
    ],
    [
      'a late start also on the next morning',
      '2026-11-17T22:00:00Z',
      '2026-11-18T15:00:00Z',
      '2026-11-18T18:00:00Z',
    ],
  ])('%s', (_name, last, now, until) => {
    expect(spacedUntil([start(last)], rule, at(now))?.toISOString()).toBe(new Date(until).toISOString())
  })

  it('lets a second region go on the same day when the policy says two', () => {
    const two = { ...rule, perDay: 2, spacingMs: 0 }
    const first = start('2026-11-17T15:00:00Z')
    expect(spacedUntil([first], two, at('2026-11-17T15:00:01Z'))).toBeUndefined()
    expect(spacedUntil([first, first], two, at('2026-11-17T15:00:01Z'))?.toISOString()).toBe(
      '2026-11-18T05:00:00.000Z',
    )
  })
})
