import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { burnAlarms, type Errors } from './burn.ts'

const now = 1_800_000_000_000
const minute = 60_000

/** `[minutes ago, requests, bad]` */
const events = (...list: readonly (readonly [number, number, number])[]): Errors[] =>
  list.map(([ago, n, e]) => ({ at: now - ago * minute, n, e }))

const every = (from: number, to: number, n: number, e: number) =>
  events(...Array.from({ length: from - to }, (_, i) => [from - 1 - i, n, e] as const))

const names = (list: readonly Errors[], target = 0.999) =>
  burnAlarms(list, target, now).map(({ name }) => name)

describe('a burn alarm', () => {
  it.each<[string, Errors[], string[]]>([
    ['is silent without requests', [], []],
    ['is silent within the budget', every(60, 0, 1000, 1), []],
    ['pages at 14.4 times the budget in both windows', every(60, 0, 1000, 15), ['burn 14.4x', 'burn 6x']],
    ['pages slower at 6 times the budget', every(360, 0, 1000, 7), ['burn 6x']],
    ['does not page for a spike that is over', [...every(60, 50, 1000, 500), ...every(5, 0, 1000, 0)], []],
    [
      'does not page for a spike that has only begun',
      [...every(60, 1, 1000, 0), ...every(1, 0, 1000, 100)],
      [],
    ],
    ['does not page for four bad requests, whatever the ratio', events([1, 2, 2], [0, 2, 2]), []],
    ['judges a young digest since it began to serve', every(2, 0, 10, 5), ['burn 14.4x', 'burn 6x']],
    ['leaves out what is older than its window', events([361, 1000, 1000]), []],
    ['leaves out what is ahead of now', events([-1, 1000, 1000]), []],
  ])('%s', (_name, list, expected) => {
    expect(names(list)).toEqual(expected)
  })

  it('names the first bad request of its window and both ratios', () => {
    const [alarm] = burnAlarms([...every(40, 30, 1000, 0), ...every(30, 0, 1000, 50)], 0.999, now)
    expect(alarm?.since).toBe(now - 29 * minute)
    expect(alarm?.why).toContain('of 5000 requests bad in the last 5 min')
  })

  it('never comes of fewer errors where more do not raise it', () => {
    const one = fc.record({ ago: fc.integer({ min: 0, max: 360 }), n: fc.integer({ min: 1, max: 500 }) })
    const list = fc.array(fc.tuple(one, fc.nat(500)), { maxLength: 60 })
    fc.assert(
      fc.property(list, (drawn) => {
        const some = drawn.map(([{ ago, n }, e]) => [ago, n, Math.min(n, e)] as const)
        const none = some.map(([ago, n, e]) => [ago, n, Math.floor(e / 2)] as const)
        const fewer = names(events(...none))
        expect(names(events(...some))).toEqual(expect.arrayContaining(fewer))
      }),
    )
  })
})
