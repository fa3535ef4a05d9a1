import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chance } from '../../../testkit/chance/index.ts'
import { judge } from './judge.ts'
import { binomialTail, klBernoulli, logAdd, logMean } from './numbers.ts'
import type { Block, JudgePolicy } from './types.ts'
import { conclude } from './verdict.ts'

const policy: JudgePolicy = {
  alpha: 0.01,
  plannedBlocks: 60,
  metrics: { errors: { kind: 'errors', ratio: 1.5, delta: 0.001, weight: 1 } },
}

const WORLDS = 1_000

/** 99.9 % lower bound of the true share: the claim is refuted only when even that is above it. */
function atMost(alarms: number, worlds: number, claimed: number): boolean {
  return binomialTail(alarms, worlds, claimed) > 0.001
}

describe('the bound of false alarms', () => {
  it('holds at the edge of the margin for independent requests, any split and any base rate', () => {
    const seed = 20_261_117
    const draws = chance(seed)
    const { next } = draws
    let alarms = 0
    for (let world = 0; world < WORLDS; world++) {
      const rate = 10 ** (-4 + 3 * next())
      // On the edge of both margins the null is just true: the canary may be as bad as this.
      const edge = Math.max(1.5 * rate, rate + 0.001)
      const nc = 20 + Math.floor(400 * next())
      const ns = 200 + Math.floor(8_000 * next())
      const blocks: Block[] = Array.from({ length: 60 }, () => ({
        metrics: { errors: [{ nc, ec: draws.binomial(nc, edge), ns, es: draws.binomial(ns, rate) }] },
      }))
      if (judge(policy, blocks, { errors: [{ n: 10_000, e: Math.round(10_000 * rate) }] }).at(-1)?.alarm)
        alarms++
    }
    expect(atMost(alarms, WORLDS, policy.alpha), `${alarms} of ${WORLDS} worlds alarmed, seed ${seed}`).toBe(
      true,
    )
  })

  it.each([
    ['by default exp(-tau)', undefined, 0.1],
    ['in strict mode alpha', true, 0.01],
  ])('holds for errors that come in clumps inside a block: %s', (_, strict, claimed) => {
    const seed = 11
    const draws = chance(seed)
    const { next } = draws
    let alarms = 0
    for (let world = 0; world < WORLDS; world++) {
      const [nc, ns] = [500, 9_500]
      const size = 5 + Math.floor(60 * next())
      const blocks: Block[] = Array.from({ length: 60 }, () => {
        // One client retries against one pod: all of a clump's errors are on one side.
        const clump = next() < 0.2 ? size : 0
        const onCanary = next() < nc / (nc + ns)
        return {
          metrics: {
            errors: [
              { nc, ec: onCanary ? clump : 0, ns, es: (onCanary ? 0 : clump) + draws.binomial(ns, 0.0005) },
            ],
          },
        }
      })
      const given: JudgePolicy = strict === undefined ? policy : { ...policy, strict }
      if (judge(given, blocks, { errors: [{ n: 100_000, e: 100 }] }).at(-1)?.alarm) alarms++
    }
    expect(atMost(alarms, WORLDS, claimed), `${alarms} of ${WORLDS} worlds alarmed, seed ${seed}`).toBe(true)
  })
})

describe('judging', () => {
  const counts = fc
    .tuple(
      fc.nat(2_000),
      fc.nat(40_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([nc, ns, a, b]) => ({ nc, ec: Math.floor(nc * a), ns, es: Math.floor(ns * b) }))
  const anyBlock: fc.Arbitrary<Block> = fc.oneof(
    counts.map((each): Block => ({ metrics: { errors: [each] } })),
    counts.map((each): Block => ({ metrics: { errors: [each] }, excluded: true })),
    fc.constant<Block>({ metrics: {} }),
  )

  it('never gives a number that is none, whatever is counted', () => {
    fc.assert(
      fc.property(fc.array(anyBlock, { maxLength: 30 }), (blocks) => {
        for (const look of judge(policy, blocks)) {
          expect(Number.isNaN(look.ln)).toBe(false)
          for (const metric of look.metrics)
            for (const value of Object.values(metric.lnE)) expect(Number.isNaN(value)).toBe(false)
        }
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  it('never promotes when nothing was asked of the canary', () => {
    const idle = fc.nat(40_000).map((ns): Block => ({ metrics: { errors: [{ nc: 0, ec: 0, ns, es: 0 }] } }))
    fc.assert(
      fc.property(fc.array(idle, { maxLength: 30 }), (blocks) => {
        expect(['hold', 'inconclusive']).toContain(conclude(policy, blocks).verdict)
      }),
      { seed: 7, numRuns: 50 },
    )
  })

  it('is the same when it is asked after every block or once at the end', () => {
    fc.assert(
      fc.property(fc.array(anyBlock, { minLength: 1, maxLength: 20 }), (blocks) => {
        const whole = judge(policy, blocks)
        const last = judge(policy, blocks.slice(0, whole.length)).at(-1)
        expect(last).toEqual(whole.at(-1))
      }),
      { seed: 7, numRuns: 100 },
    )
  })
})

describe('numbers', () => {
  it('add logarithms without overflow', () => {
    expect(logAdd(1000, 1000)).toBeCloseTo(1000 + Math.LN2, 9)
    expect(logAdd(Number.NEGATIVE_INFINITY, 3)).toBe(3)
    expect(logMean([0, 0, 0])).toBeCloseTo(0, 12)
  })

  it('know the tail of a binomial', () => {
    expect(binomialTail(0, 10, 0.3)).toBe(1)
    expect(binomialTail(10, 10, 0.5)).toBeCloseTo(2 ** -10, 12)
    expect(binomialTail(1, 10, 0.1)).toBeCloseTo(1 - 0.9 ** 10, 12)
    expect(binomialTail(5, 4, 0.5)).toBeCloseTo(0, 12)
  })

  it('measure a divergence of zero between equals only', () => {
    expect(klBernoulli(0.2, 0.2)).toBe(0)
    expect(klBernoulli(0, 0.5)).toBeCloseTo(Math.LN2, 12)
  })
})

describe('the cost', () => {
  it('of 120 blocks, 6 metrics and 30 pods stays under 50 ms', () => {
    const names = ['errors', 'latency', 'a', 'b', 'c', 'd']
    const wide: JudgePolicy = {
      ...policy,
      plannedBlocks: 120,
      metrics: Object.fromEntries(
        names.map((name) => [name, { kind: 'errors', ratio: 1.5, delta: 0.001, weight: 1 }]),
      ),
    }
    const one = { nc: 900, ec: 1, ns: 17_100, es: 17 }
    const tally = Object.fromEntries(names.map((name) => [name, { n: 600, e: 1 }]))
    const block: Block = {
      metrics: Object.fromEntries(names.map((name) => [name, [one]])),
      pods: Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [
          `p${i}`,
          { arm: i < 2 ? 'canary' : 'stable', metrics: tally } as const,
        ]),
      ),
    }
    const blocks = Array.from({ length: 120 }, () => block)
    conclude(wide, blocks)
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now()
      conclude(wide, blocks)
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(1_000)
  })
})
