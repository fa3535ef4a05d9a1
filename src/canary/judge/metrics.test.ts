import { describe, expect, it } from 'vitest'
import { judgePolicy } from '../policy.ts'
import type { Block, Counts } from './types.ts'
import { conclude } from './verdict.ts'

const repeat = (blocks: number, metrics: Record<string, Counts>): Block[] =>
  Array.from({ length: blocks }, () => ({
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, counts]) => [name, [counts]])),
  }))
const fine = { nc: 900, ec: 1, ns: 17_100, es: 17 }

describe('a metric of which a fall is bad', () => {
  const policy = judgePolicy(['orders'], 120, { metrics: { orders: { fall: true } } })
  const history = { orders: [{ n: 100_000, e: 98_000, phi: 1.5 }] }
  const half = repeat(120, { orders: { nc: 900, ec: 891, ns: 17_100, es: 16_758 } })

  it('aborts when half of the rare orders stay away', () => {
    expect(conclude(policy, half, history)).toMatchObject({
      verdict: 'abort',
      reason: 'canary-worse',
      block: 16,
    })
  })

  // One bet a block on an arm of 5 % wins at most 5 % of the capital: only the tempered process can agree in time.
  it('does not without a history that shows how orders scatter', () => {
    const unknown = { orders: [{ n: 100_000, e: 98_000 }] }
    expect(conclude(policy, half, unknown).alarm).toBeUndefined()
  })

  it('does not abort when there are more of them, or as many', () => {
    for (const ec of [882, 870]) {
      const orders = { nc: 900, ec, ns: 17_100, es: 16_758 }
      expect(conclude(policy, repeat(120, { orders }), history).alarm).toBeUndefined()
    }
  })
})

describe('a fixed limit', () => {
  const policy = judgePolicy(['errors', 'guard'], 120, {
    // So wide a margin that no bet can be won: only the limit is left.
    metrics: {
      errors: { ratio: 50, delta: 0.4 },
      guard: { weight: 0, limit: { share: 0.01, blocks: 20 } },
    },
  })
  const over = { nc: 900, ec: 18, ns: 17_100, es: 17 }

  it('aborts after its time without a break', () => {
    const verdict = conclude(policy, repeat(120, { errors: fine, guard: over }))
    expect(verdict).toMatchObject({ verdict: 'abort', reason: 'canary-over-limit', block: 20 })
  })

  it.each([
    [
      'it is interrupted',
      [...repeat(19, { errors: fine, guard: over }), ...repeat(1, { errors: fine, guard: fine })],
    ],
    ['the stable pods are over it as well', repeat(19, { errors: fine, guard: { ...over, es: 342 } })],
  ])('does not while %s', (_, blocks) => {
    expect(conclude(policy, [...blocks, ...blocks]).alarm).toBeUndefined()
  })

  it('of weight 0 neither holds nor asks for requests', () => {
    const guard = { nc: 0, ec: 0, ns: 0, es: 0 }
    expect(
      conclude(policy, repeat(30, { errors: fine, guard })).sufficiency.map(({ metric }) => metric),
    ).toEqual(['errors'])
  })
})
