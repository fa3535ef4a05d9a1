import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadGrammar } from './index.ts'
import { allowed, type Interval, intersect, overlap, within } from './intervals.ts'

const interval = fc
  .record({ a: fc.option(fc.integer({ min: 0, max: 20 })), b: fc.option(fc.integer({ min: 0, max: 20 })) })
  .chain(({ a, b }) =>
    fc.record({ a: fc.constant(a), b: fc.constant(b), from: fc.boolean(), to: fc.boolean() }),
  )
  .map(
    ({ a, b, from, to }): Interval => ({
      ...(a === null ? {} : { from: String(a) }),
      fromIncluded: a !== null && from,
      ...(b === null ? {} : { to: String(b) }),
      toIncluded: b !== null && to,
    }),
  )
const set = fc.array(interval, { maxLength: 3 })

function holds(intervals: readonly Interval[], value: number): boolean {
  return intervals.some(({ from, to, fromIncluded, toIncluded }) => {
    const above = from === undefined || value > Number(from) || (fromIncluded && value === Number(from))
    const below = to === undefined || value < Number(to) || (toIncluded && value === Number(to))
    return above && below
  })
}

const values = Array.from({ length: 85 }, (_, at) => at / 4 - 0.25)

test('an intersection holds exactly what both sets hold', () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      const both = intersect(left, right)
      for (const value of values) expect(holds(both, value)).toBe(holds(left, value) && holds(right, value))
    }),
  )
})

test('what lies within has no value outside, and sets that share a value overlap', () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      if (within(left, right))
        for (const value of values) if (holds(left, value)) expect(holds(right, value)).toBe(true)
      if (values.some((value) => holds(left, value) && holds(right, value)))
        expect(overlap(left, right)).toBe(true)
    }),
  )
})

test.each([
  ["d >= '2026-01-01' and d < '2027-01-01'", '2026-05-05', '2027-01-01'],
  ["d between '2026-01-01' and '2026-12-31'", '2026-12-31', '2027-01-01'],
  ["d = any (array['a', 'b'])", 'b', 'c'],
  ["d in ('a', 'b')", 'a', 'c'],
  ["'5' < d", '6', '5'],
  ["d < '3' or d > '8'", '9', '5'],
  ["d::date = date '2026-01-01'", '2026-01-01', '2026-01-02'],
  ["d > '3' and f(d)", '4', '3'],
])('%s allows %s and not %s', async (condition, inside, outside) => {
  const parsed = (await loadGrammar(18)).parse(`select 1 where ${condition}`)
  const stmt = parsed.ok ? parsed.statements[0]?.stmt : undefined
  const where = stmt !== undefined && 'SelectStmt' in stmt ? stmt.SelectStmt.whereClause : undefined
  const point = (value: string) => [{ from: value, to: value, fromIncluded: true, toIncluded: true }]
  const set = allowed(where, 'd') ?? []
  expect(overlap(set, point(inside))).toBe(true)
  expect(overlap(set, point(outside))).toBe(false)
})

test.each(['f(d)', 'd <> 3', 'e > 3', 'd > e', 'd > 3 or e > 3', 'not d > 3'])(
  '%s tells nothing of d',
  async (condition) => {
    const parsed = (await loadGrammar(18)).parse(`select 1 where ${condition}`)
    const stmt = parsed.ok ? parsed.statements[0]?.stmt : undefined
    const where = stmt !== undefined && 'SelectStmt' in stmt ? stmt.SelectStmt.whereClause : undefined
    expect(allowed(where, 'd')).toBeUndefined()
  },
)
