import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialTail } from '../judge/numbers.ts'
import type { Block } from '../judge/types.ts'
import { judgePolicy } from '../policy.ts'
import { judgeAfter } from './after.ts'
import { rateExceeds } from './exact.ts'
import { httpProbes, judgeProbes } from './probes.ts'

describe('the tail of a binomial', () => {
  it.each([
    [1, 10, 0.5, 1 - 0.5 ** 10],
    [10, 10, 0.5, 0.5 ** 10],
    [2, 3, 0.1, 3 * 0.01 * 0.9 + 0.001],
    [0, 5, 0.2, 1],
    [6, 5, 0.2, 0],
  ])('P(X >= %i) of %i at %d', (k, n, p, expected) => {
    expect(binomialTail(k, n, p)).toBeCloseTo(expected, 12)
  })

  it('is that of the terms, added up, at any size', () => {
    const direct = (k: number, n: number, p: number) => {
      let term = (1 - p) ** n
      let below = 0
      for (let at = 0; at < k; at++) {
        below += term
        term *= ((n - at) / (at + 1)) * (p / (1 - p))
      }
      return 1 - below
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (k, n, p) => {
          expect(binomialTail(k, n, p)).toBeCloseTo(k > n ? 0 : direct(k, n, p), 8)
        },
      ),
    )
  })

  it('falls when the rate before was higher', () => {
    const now = { n: 1000, e: 20 }
    expect(rateExceeds(now, { n: 10_000, e: 10 }, 1.5)).toBeLessThan(1e-6)
    expect(rateExceeds(now, { n: 10_000, e: 200 }, 1.5)).toBeGreaterThan(0.5)
  })
})

describe('after a cut-over', () => {
  const policy = judgePolicy(['errors'], 100)
  const block = (arm: 'canary' | 'stable', n: number, e: number): Block => ({
    metrics: {},
    pods: { pod: { arm, metrics: { errors: { n, e } } } },
  })
  const judged = (blocks: readonly Block[], first = 0) =>
    judgeAfter({
      blocks,
      history: { errors: [{ n: 100_000, e: 100 }] },
      policy,
      start: 0,
      blockMs: 15_000,
      from: new Date(first * 15_000),
      slo: 0.999,
    })

  it.each<[string, readonly Block[], object]>([
    [
      'the same rate is good, and it is said what it is compared with',
      Array(20).fill(block('canary', 1000, 1)),
      { verdict: 'good' },
    ],
    [
      'ten times the rate is bad',
      Array(20).fill(block('canary', 1000, 10)),
      { verdict: 'bad', reason: 'canary-worse' },
    ],
    [
      'half of all requests failing is bad',
      [block('canary', 100, 50)],
      { verdict: 'bad', reason: 'canary-failing' },
    ],
    ['three bad requests are no alarm', [block('canary', 10, 3)], { verdict: 'good' }],
    ['no request of the new pods is blind', [block('stable', 1000, 1)], { verdict: 'blind' }],
    ['no whole block is too few', [], { verdict: 'few' }],
  ])('%s', (_, blocks, expected) => {
    const answer = judged(blocks)
    expect(answer).toMatchObject(expected)
    if (answer.verdict === 'good' || answer.verdict === 'bad')
      expect(answer.why).toContain('no concurrent baseline')
  })

  it('only what came after it counts', () => {
    expect(judged([block('canary', 1000, 900), block('canary', 1000, 1)], 1).verdict).toBe('good')
  })

  it('a page rule of the burn rate counts also without anything before', () => {
    const answer = judgeAfter({
      blocks: Array(20).fill(block('canary', 1000, 30)),
      history: {},
      policy,
      start: 0,
      blockMs: 15_000,
      from: new Date(0),
      slo: 0.999,
    })
    expect(answer).toMatchObject({ verdict: 'bad', reason: 'canary-service-burning' })
  })
})

describe('probes of a preview Service', () => {
  it.each([
    ['all good', { n: 200, e: 0 }, undefined, 'good'],
    ['too few', { n: 40, e: 0 }, undefined, 'few'],
    ['half failing', { n: 20, e: 10 }, undefined, 'bad'],
    ['a few failing without a baseline', { n: 200, e: 6 }, undefined, 'bad'],
    ['as many failing as of the active one', { n: 200, e: 6 }, { n: 200, e: 6 }, 'good'],
    ['far more failing than of the active one', { n: 200, e: 30 }, { n: 200, e: 1 }, 'bad'],
    ['both failing', { n: 200, e: 200 }, { n: 200, e: 200 }, 'few'],
  ])('%s', (_, preview, active, verdict) => {
    expect(judgeProbes(preview, active, 200).verdict).toBe(verdict)
  })

  it('are sent to both addresses, and a refused connection is a failure', async () => {
    const asked: string[] = []
    const fetch = async (url: string | URL | Request) => {
      asked.push(String(url))
      if (String(url).includes('preview')) throw new TypeError('fetch failed')
      return new Response('ok')
    }
    const prober = httpProbes(fetch, {
      previewUrl: 'http://preview/',
      activeUrl: 'http://active/',
      minimum: 20,
    })
    expect(await prober.probe(AbortSignal.timeout(5_000))).toMatchObject({
      verdict: 'bad',
      reason: 'canary-failing',
    })
    expect(asked.filter((url) => url.includes('preview'))).toHaveLength(20)
    expect(asked.filter((url) => url.includes('active'))).toHaveLength(20)
  })

  it('are sent until there are enough where nobody looks again, and no longer than they are few', async () => {
    let asked = 0
    const fetch = async () => {
      asked++
      return new Response('ok')
    }
    const prober = httpProbes(fetch, { previewUrl: 'http://preview/', minimum: 90 })
    expect(await prober.probe(AbortSignal.timeout(5_000))).toMatchObject({ verdict: 'few' })
    expect(await prober.probe(AbortSignal.timeout(5_000), true)).toMatchObject({ verdict: 'good' })
    expect(asked).toBe(100)
  })
})
