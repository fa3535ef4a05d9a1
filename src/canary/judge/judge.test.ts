import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'
import { smallestDetectable } from './power.ts'
import type { Block, Counts, JudgePolicy } from './types.ts'
import { conclude } from './verdict.ts'

const policy: JudgePolicy = {
  alpha: 0.01,
  plannedBlocks: 120,
  metrics: { errors: { kind: 'errors', ratio: 1.5, delta: 0.001, weight: 1 } },
}

const block = (nc: number, ec: number, ns: number, es: number): Block => ({
  metrics: { errors: [{ nc, ec, ns, es } satisfies Counts] },
})

describe('the engines', () => {
  it('give the evidence of the published vectors to six digits', () => {
    const blocks = [
      block(900, 9, 17100, 17),
      block(880, 7, 17200, 15),
      block(910, 10, 17050, 20),
      block(905, 0, 17000, 0),
    ]
    const spare: JudgePolicy = { ...policy, alpha: 1e-12 }
    const looks = judge(spare, blocks)
    const count = looks.map((each) => each.metrics[0]?.lnE.count ?? Number.NaN)
    const share = looks.map((each) => each.metrics[0]?.lnE.share ?? Number.NaN)
    expect(count.map((each) => each.toFixed(6))).toEqual(['5.748112', '11.268374', '19.484853', '19.484853'])
    expect(share.map((each) => each.toFixed(6))).toEqual(['0.562209', '1.436893', '2.578116', '2.578116'])
  })
})

describe('power', () => {
  // Half an hour at 5 %: what rates of the canary can be shown at all (0.1 % stable errors, no margin).
  it.each([
    [1200, 0.0013],
    [100, 0.0022],
    [10, 0.006],
    [2, 0.0163],
  ])('at %d requests a second the smallest defect is %f', (rps, smallest) => {
    const nc = rps * 0.05 * 1800
    const ns = rps * 0.95 * 1800
    const found = smallestDetectable({ nc, ec: 0, ns, es: ns * 0.001 }, 0.01, { ratio: 1, delta: 0 }) ?? 1
    // ps is estimated with half an error added, which shows at two requests a second.
    expect(found / smallest).toBeGreaterThan(0.93)
    expect(found / smallest).toBeLessThan(1.12)
  })
})

describe('the verdict', () => {
  const history = { errors: [{ n: 1_000_000, e: 1_000 }] }
  const repeat = (count: number, of: Block) => Array.from({ length: count }, () => of)

  it.each<[string, readonly Block[], string, string, number]>([
    ['1 % against 0.1 % at 1200 rps', repeat(120, block(900, 9, 17100, 17)), 'abort', 'canary-worse', 3],
    ['half of all requests failing', repeat(120, block(900, 450, 17100, 17)), 'abort', 'canary-failing', 2],
    ['an outage of both arms', repeat(120, block(900, 500, 17100, 9500)), 'promote', 'canary-good', 120],
    ['the same rate', repeat(120, block(900, 1, 17100, 17)), 'promote', 'canary-good', 120],
    ['a harmless difference', repeat(120, block(900, 50, 17100, 855)), 'promote', 'canary-good', 120],
    ['two stray errors, none on the stable side', [block(9000, 2, 171_000, 0)], 'promote', 'canary-good', 1],
    ['hardly any requests', repeat(10, block(1, 0, 20, 0)), 'inconclusive', 'canary-too-few-requests', 10],
    ['no sample at all', repeat(10, { metrics: {} }), 'hold', 'canary-blind', 10],
    [
      'nothing scraped lately',
      [...repeat(40, block(900, 1, 17100, 17)), ...repeat(3, { metrics: {} })],
      'hold',
      'canary-blind',
      43,
    ],
    ['no blocks', [], 'hold', 'canary-blind', 0],
  ])('%s', (_, blocks, verdict, reason, at) => {
    const judgement = conclude(policy, blocks, history)
    expect(judgement).toMatchObject({ verdict, reason, block: at })
  })

  it('needs more of the share engine without history to calibrate it', () => {
    const blocks = repeat(120, block(900, 9, 17100, 17))
    const strict = conclude({ ...policy, strict: true }, blocks)
    expect(strict.verdict).toBe('abort')
    expect(strict.block).toBeGreaterThan(3)
  })

  it('finds a defect that starts late without outweighing the good blocks before it', () => {
    const blocks = [...repeat(40, block(900, 1, 17100, 17)), ...repeat(80, block(900, 9, 17100, 17))]
    expect(conclude(policy, blocks, history).block).toBeLessThanOrEqual(46)
  })

  it('leaves out the block in which the weight changed, and does not count it as missing', () => {
    const blocks = repeat(120, block(900, 1, 17100, 17)).map((each, at) =>
      at % 2 === 0 ? { ...each, excluded: true } : each,
    )
    const judgement = conclude(policy, blocks, history)
    expect(judgement).toMatchObject({ verdict: 'promote' })
    expect(judgement.sufficiency[0]).toMatchObject({ requests: 60 * 900, present: 1 })
  })

  it('aborts when the budget share is spent, whatever the statistics say', () => {
    const spend = { metric: 'errors', target: 0.999, periodEvents: 1_000_000 }
    // 10 of 1000 budget events may go: 1.2 attributed a block, within any margin that statistics could use.
    const wide: JudgePolicy = {
      ...policy,
      metrics: { errors: { kind: 'errors', ratio: 10, delta: 0.1, weight: 1 } },
      spend,
    }
    expect(conclude(wide, repeat(120, block(900, 2, 17100, 17)), history)).toMatchObject({
      verdict: 'abort',
      reason: 'canary-budget',
      block: 10,
    })
  })
})

describe('one bad pod', () => {
  const history = { errors: [{ n: 1_000_000, e: 1_000 }] }
  const withPods = (bad: number, good: number): Block => ({
    ...block(600, bad + good, 17100, 17),
    pods: {
      a: { arm: 'canary', metrics: { errors: { n: 300, e: bad } } },
      b: { arm: 'canary', metrics: { errors: { n: 300, e: good } } },
    },
  })

  it('holds when one of two canary pods has all the errors', () => {
    const judgement = conclude(
      policy,
      Array.from({ length: 20 }, () => withPods(12, 0)),
      history,
    )
    expect(judgement).toMatchObject({ verdict: 'hold', reason: 'canary-one-pod' })
    expect(judgement.why).toContain('pod a')
  })

  it('aborts when both have them', () => {
    const judgement = conclude(
      policy,
      Array.from({ length: 20 }, () => withPods(7, 5)),
      history,
    )
    expect(judgement).toMatchObject({ verdict: 'abort', reason: 'canary-worse' })
  })

  it('aborts when the errors of one pod hide that the other is bad as well', () => {
    const judgement = conclude(
      policy,
      Array.from({ length: 20 }, () => withPods(150, 8)),
      history,
    )
    expect(judgement.verdict).toBe('abort')
  })
})

describe('evidence that nothing has co-signed yet', () => {
  const bad = block(1022, 53, 19165, 5)
  const clean = block(1000, 1, 19000, 19)

  it('is not promoted on, though one block alone is no alarm', () => {
    expect(conclude(policy, [bad])).toMatchObject({ verdict: 'hold', reason: 'canary-suspicious' })
  })

  it('becomes an alarm when the defect lasts', () => {
    expect(conclude(policy, [bad, bad, bad])).toMatchObject({ verdict: 'abort', reason: 'canary-worse' })
  })

  it('holds a clump up for twelve blocks and no longer', () => {
    const verdictAfter = (blocks: number) =>
      conclude(policy, [bad, ...Array<Block>(blocks).fill(clean)]).verdict
    expect([verdictAfter(3), verdictAfter(10), verdictAfter(11)]).toEqual(['hold', 'hold', 'promote'])
  })
})
