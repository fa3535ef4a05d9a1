import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseRecurrence } from '../../release/index.ts'
import { occurrences } from './recurrence.ts'

const dayMs = 86_400_000
const day = (text: string) => Date.parse(`${text}T09:00:00Z`)

function dates(rule: string, start: string, to: string): readonly string[] {
  const parsed = parseRecurrence(rule)
  if (!parsed.ok) throw new Error(parsed.fault)
  return occurrences(parsed.value, day(start), { from: day(start), to: day(to) }).map((at) =>
    new Date(at).toISOString().slice(0, 10),
  )
}

describe('the examples of RFC 5545 §3.8.5.3', () => {
  it.each([
    ['FREQ=DAILY;COUNT=3', '1997-09-02', '2000-01-01', ['1997-09-02', '1997-09-03', '1997-09-04']],
    [
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=MO;BYDAY=TU,SU',
      '1997-08-05',
      '2000-01-01',
      ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24'],
    ],
    [
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=SU;BYDAY=TU,SU',
      '1997-08-05',
      '2000-01-01',
      ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31'],
    ],
    [
      'FREQ=MONTHLY;COUNT=3;BYDAY=1FR',
      '1997-09-05',
      '2000-01-01',
      ['1997-09-05', '1997-10-03', '1997-11-07'],
    ],
    [
      'FREQ=MONTHLY;COUNT=3;BYDAY=-2MO',
      '1997-09-22',
      '2000-01-01',
      ['1997-09-22', '1997-10-20', '1997-11-17'],
    ],
    [
      'FREQ=MONTHLY;BYMONTHDAY=-3',
      '1997-09-28',
      '1998-01-01',
      ['1997-09-28', '1997-10-29', '1997-11-28', '1997-12-29'],
    ],
    [
      'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13',
      '1997-09-02',
      '1998-12-01',
      ['1998-02-13', '1998-03-13', '1998-11-13'],
    ],
    [
      'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
      '1996-11-05',
      '2005-01-01',
      ['1996-11-05', '2000-11-07', '2004-11-02'],
    ],
    ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', '2000-01-01', ['1997-05-19', '1998-05-18', '1999-05-17']],
    [
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
      '1997-09-29',
      '1998-02-01',
      ['1997-09-29', '1997-10-30', '1997-11-27', '1997-12-30', '1998-01-29'],
    ],
    [
      'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5',
      '2007-01-15',
      '2008-01-01',
      ['2007-01-15', '2007-01-30', '2007-02-15', '2007-03-15', '2007-03-30'],
    ],
    [
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
      '2020-02-29',
      '2029-01-01',
      ['2020-02-29', '2024-02-29', '2028-02-29'],
    ],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2020-02-29', '2029-01-01', []],
    ['FREQ=DAILY;UNTIL=19970904', '1997-09-02', '2000-01-01', ['1997-09-02', '1997-09-03', '1997-09-04']],
  ])('%s', (rule, start, to, expected) => {
    const parsed = parseRecurrence(rule)
    const until = /UNTIL/.test(rule) ? Date.parse('1997-09-04T23:59:59Z') : undefined
    if (until === undefined) expect(dates(rule, start, to)).toEqual(expected)
    else if (parsed.ok) {
      const found = occurrences(parsed.value, day(start), { from: day(start), to: day(to), until })
      expect(found.map((at) => new Date(at).toISOString().slice(0, 10))).toEqual(expected)
    }
  })
})

test.each([
  'FREQ=HOURLY',
  'BYDAY=TU',
  'FREQ=DAILY;COUNT=0',
  'FREQ=DAILY;COUNT=2;UNTIL=20260101',
  'FREQ=WEEKLY;BYDAY=2TU',
  'FREQ=MONTHLY;BYMONTHDAY=32',
  'FREQ=MONTHLY;BYMONTHDAY=0',
  'FREQ=DAILY;X=1',
  'FREQ=DAILY;FREQ=WEEKLY',
  'FREQ=YEARLY;BYYEARDAY=1',
  'FREQ=DAILY;UNTIL=tomorrow',
])('%s is refused', (rule) => {
  expect(parseRecurrence(rule).ok).toBe(false)
})

const names = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const some = <T>(values: readonly T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), { nil: undefined })

/** Without INTERVAL and positions a rule is a filter of days: then it can be checked a day at a time. */
test('names exactly the days that pass a look at each of them', () => {
  const rule = fc.record({
    freq: fc.constantFrom('DAILY', 'MONTHLY', 'WEEKLY'),
    months: some([1, 2, 3, 6, 12]),
    monthDays: some([1, 13, 29, 30, 31, -1, -2]),
    days: some([0, 1, 2, 5]),
    start: fc.integer({ min: 10_000, max: 25_000 }),
    skip: fc.integer({ min: 0, max: 3000 }),
  })
  fc.assert(
    fc.property(rule, ({ freq, months, monthDays, days, start, skip }) => {
      const own = new Date(start * dayMs)
      const noDays = days === undefined && monthDays === undefined
      const text = [
        `FREQ=${freq}`,
        months && `BYMONTH=${months.join()}`,
        freq !== 'WEEKLY' && monthDays && `BYMONTHDAY=${monthDays.join()}`,
        days && `BYDAY=${days.map((each) => names[each]).join()}`,
      ]
        .filter((part) => part)
        .join(';')
      const parsed = parseRecurrence(text)
      if (!parsed.ok) throw new Error(`${text} ${parsed.fault}`)
      const range = { from: (start + skip) * dayMs, to: (start + skip + 800) * dayMs }
      const wanted = Array.from({ length: 800 }, (_, at) => (start + skip + at) * dayMs).filter((at) => {
        const date = new Date(at)
        const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
        const number = date.getUTCDate()
        if (months !== undefined && !months.includes(date.getUTCMonth() + 1)) return false
        if (days !== undefined && !days.includes(date.getUTCDay())) return false
        if (freq !== 'WEEKLY' && monthDays !== undefined)
          return monthDays.includes(number) || monthDays.includes(number - length - 1)
        if (freq === 'WEEKLY' && days === undefined) return date.getUTCDay() === own.getUTCDay()
        return freq !== 'MONTHLY' || !noDays || number === own.getUTCDate()
      })
      expect(occurrences(parsed.value, start * dayMs, range)).toEqual(wanted)
    }),
    { numRuns: 300 },
  )
})
