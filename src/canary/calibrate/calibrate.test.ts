import { describe, expect, it } from 'vitest'
import { chance } from '../../../testkit/chance/index.ts'
import { judgePolicy } from '../policy.ts'
import { calibrate } from './calibrate.ts'
import { dispersion } from './dispersion.ts'
import type { PodBlock } from './types.ts'

/** Pods that fail one in a thousand; where they burst, one of them fails a fifth for two minutes now and then. */
function day(bursts: boolean, blocks: number): PodBlock[] {
  const draws = chance(4)
  const left = new Map<string, number>()
  return Array.from({ length: blocks }, () =>
    Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => {
        const pod = `p${at}`
        if (bursts && draws.next() < 1 / 120) left.set(pod, 8)
        const burning = left.get(pod) ?? 0
        left.set(pod, Math.max(0, burning - 1))
        const n = 900
        return [pod, { errors: [{ n, e: draws.binomial(n, burning > 0 ? 0.2 : 0.001) }] }]
      }),
    ),
  )
}

const policy = judgePolicy(['errors'], 30)

describe('placebo runs', () => {
  it('leave the thresholds alone where pods are independent', () => {
    const found = calibrate(policy, day(false, 300), { blockMs: 15_000 })
    expect(found.runs).toBe(54)
    expect(found.calibration.errors?.share).toBeCloseTo(Math.log(10), 6)
    expect(found.calibration.errors?.tempered?.phi).toBeLessThan(1.3)
    expect(found.falseAlarms.count).toBe(0)
    expect(found.falseAlarms.upper).toBeGreaterThan(0)
  })

  it('raise them where pods burst alone, until that is no alarm', () => {
    const found = calibrate(policy, day(true, 300), { blockMs: 15_000 })
    expect(found.calibration.errors?.share).toBeGreaterThan(5)
    expect(found.calibration.errors?.tempered?.phi).toBeGreaterThan(5)
    expect(found.falseAlarms.share).toBeLessThan(0.2)
  })
})

describe('dispersion', () => {
  it('is unknown from less than half an hour', () => {
    expect(dispersion([{ a: { n: 10, e: 1 }, b: { n: 10, e: 1 } }], 15_000)).toBeUndefined()
  })

  it('is 1 where all pods suffer together', () => {
    const blocks = Array.from({ length: 120 }, (_, at) => {
      const e = at % 10 === 0 ? 90 : 1
      return { a: { n: 900, e }, b: { n: 900, e }, c: { n: 900, e } }
    })
    expect(dispersion(blocks, 15_000)).toBe(1)
  })
})
