import { describe, expect, it } from 'vitest'
import type { Clock } from '../../release/index.ts'
import { toBlocks, toHistory } from './blocks.ts'
import { collector } from './collect.ts'
import { ambiguity, podCounters } from './counters.ts'
import { type Prometheus, prometheus, type Series } from './prometheus.ts'
import { selectPods } from './selector.ts'

const signal = new AbortController().signal
const start = 10_000_000
const second = 1_000

/** `[seconds, value]` from `start`. */
const series = (
  pod: string,
  values: readonly (readonly [number, number])[],
  labels: Record<string, string> = {},
): Series => ({
  labels: { __name__: 'http_requests_total', pod, ...labels },
  samples: values.map(([at, value]) => ({ at: start + at * second, value })),
})

describe('a selector', () => {
  it.each([
    ['http_requests_total', 'http_requests_total{pod=~"(api-1|api-2)-.*"}'],
    ['x{namespace="a"}', 'x{namespace="a",pod=~"(api-1|api-2)-.*"}'],
    ['x{ namespace="a", }', 'x{namespace="a",pod=~"(api-1|api-2)-.*"}'],
    ['x{}', 'x{pod=~"(api-1|api-2)-.*"}'],
    ['x{code=~"5{1}.."}', 'x{code=~"5{1}..",pod=~"(api-1|api-2)-.*"}'],
  ])('%s gets a matcher for the pods', (before, after) => {
    expect(selectPods(before, ['api-1', 'api-2'])).toBe(after)
  })
})

describe('counters', () => {
  const count = (total: readonly Series[], bad: readonly Series[] = [], created: [string, number][] = []) =>
    podCounters(total, bad, { rangeStart: start - 1_800_000, created: new Map(created) })
  const sums = (counters: ReturnType<typeof count>) =>
    counters.map(({ increments }) => [
      increments.reduce((sum, each) => sum + each.total, 0),
      increments.reduce((sum, each) => sum + each.bad, 0),
    ])

  it('take the first value of a pod that was there before as a base', () => {
    const old: [string, number][] = [['p', start - 9_000_000]]
    expect(
      sums(
        count(
          [
            series('p', [
              [0, 500],
              [1, 510],
              [2, 525],
            ]),
          ],
          [],
          old,
        ),
      ),
    ).toEqual([[25, 0]])
  })

  it('count the first value of a new pod in full', () => {
    const born: [string, number][] = [['p', start]]
    expect(
      sums(
        count(
          [
            series('p', [
              [1, 7],
              [2, 10],
            ]),
          ],
          [],
          born,
        ),
      ),
    ).toEqual([[10, 0]])
  })

  it('count what a counter says after a restart, and nothing negative', () => {
    const old: [string, number][] = [['p', start - 9_000_000]]
    expect(
      sums(
        count(
          [
            series('p', [
              [0, 500],
              [1, 510],
              [2, 4],
              [3, 9],
            ]),
          ],
          [],
          old,
        ),
      ),
    ).toEqual([[19, 0]])
  })

  it('count an error series that is born while the pod is scraped from its first value', () => {
    const old: [string, number][] = [['p', start - 9_000_000]]
    const total = [
      series(
        'p',
        [
          [0, 100],
          [1, 110],
          [2, 120],
        ],
        { code: '200' },
      ),
      series('p', [[2, 3]], { code: '500' }),
    ]
    expect(sums(count(total, [series('p', [[2, 3]], { code: '500' })], old))).toEqual([[23, 3]])
  })

  it('never have more bad requests than requests', () => {
    const old: [string, number][] = [['p', start - 9_000_000]]
    const counters = count(
      [
        series('p', [
          [0, 0],
          [1, 2],
        ]),
      ],
      [
        series('p', [
          [0, 0],
          [1, 5],
        ]),
      ],
      old,
    )
    expect(sums(counters)).toEqual([[2, 2]])
  })

  it.each<[string, Series[], boolean]>([
    [
      'two codes of one pod',
      [
        series(
          'p',
          [
            [0, 1],
            [9, 1],
          ],
          { code: '200' },
        ),
        series(
          'p',
          [
            [0, 1],
            [9, 1],
          ],
          { code: '500' },
        ),
      ],
      false,
    ],
    [
      'one target by two collectors',
      [
        series(
          'p',
          [
            [0, 1],
            [9, 1],
          ],
          { replica: 'a' },
        ),
        series(
          'p',
          [
            [0, 1],
            [9, 1],
          ],
          { replica: 'b' },
        ),
      ],
      true,
    ],
    [
      'a target that moved to another address',
      [
        series(
          'p',
          [
            [0, 1],
            [4, 1],
          ],
          { instance: 'a' },
        ),
        series(
          'p',
          [
            [5, 1],
            [9, 1],
          ],
          { instance: 'b' },
        ),
      ],
      false,
    ],
    ['a series without a pod', [series('', [[0, 1]])], true],
  ])('%s', (_, all, refused) => {
    expect(ambiguity(all) !== undefined).toBe(refused)
  })
})

describe('blocks', () => {
  const plan = { start, lengthMs: second, arms: { canary: 'api-new', stable: 'api-old' }, weightChanges: [] }
  const pods = (to: number) => [
    {
      pod: 'api-old-1',
      increments: Array.from({ length: to + 5 }, (_, i) => ({
        at: start + (i - 4) * second - 300,
        total: 10,
        bad: 1,
      })),
    },
    {
      pod: 'api-new-1',
      increments: Array.from({ length: to - 2 }, (_, i) => ({
        at: start + (i + 3) * second - 100,
        total: 2,
        bad: 1,
      })),
    },
  ]

  it('put increments of both arms into the block they end in, and leave out what is before the first canary scrape', () => {
    const blocks = toBlocks({ errors: pods(6) }, plan)
    expect(blocks.map((each) => each.excluded === true)).toEqual([true, true, false, false, false])
    expect(blocks[2]?.metrics.errors).toEqual([{ nc: 2, ec: 1, ns: 10, es: 1 }])
    expect(blocks[2]?.pods?.['api-new-1']).toEqual({ arm: 'canary', metrics: { errors: { n: 2, e: 1 } } })
  })

  it('do not return a block before every target has reached its end, or is late by two', () => {
    const [stable, canary] = pods(6)
    if (stable === undefined || canary === undefined) throw new Error('no pods')
    const late = { ...canary, increments: canary.increments.slice(0, -1) }
    expect(toBlocks({ errors: [stable, late] }, plan)).toHaveLength(4)
    const gone = { ...canary, increments: canary.increments.slice(0, 1) }
    const blocks = toBlocks({ errors: [stable, gone] }, plan)
    expect(blocks.at(-1)?.metrics.errors).toBeUndefined()
  })

  it('leave out the block in which the weight changed', () => {
    const blocks = toBlocks({ errors: pods(6) }, { ...plan, weightChanges: [start + 3_500] })
    expect(blocks.map((each) => each.excluded === true)).toEqual([true, true, false, true, false])
  })

  it('take the stable counts from before the start as history', () => {
    expect(toHistory({ errors: pods(6) }, plan)).toEqual({ errors: [{ n: 50, e: 5 }] })
  })
})

describe('an answer of Prometheus', () => {
  const clock: Clock = { now: () => new Date(start), sleep: async () => {} }
  const answering = (body: unknown, status = 200, headers: Record<string, string> = {}): Prometheus =>
    prometheus({
      url: 'http://prometheus.example.com/',
      clock,
      fetch: async () =>
        new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }),
    })
  const matrix = (value: unknown) => ({
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: { pod: 'p' }, values: [[start / 1000, value]] }] },
  })

  it.each<[string, unknown, number, string]>([
    ['text instead of JSON', '<html>', 200, 'prometheus-answer-unreadable'],
    [
      'a vector',
      { status: 'success', data: { resultType: 'vector', result: [] } },
      200,
      'prometheus-answer-unreadable',
    ],
    ['NaN', matrix('NaN'), 200, 'prometheus-answer-unreadable'],
    ['text as a value', matrix('many'), 200, 'prometheus-answer-unreadable'],
    [
      'a part of the data',
      { ...matrix('1'), warnings: ['a store is away'] },
      200,
      'prometheus-answer-unreadable',
    ],
    ['a bad query', { status: 'error', error: 'parse error' }, 400, 'prometheus-refused'],
    ['a refused token', 'no', 401, 'prometheus-refused'],
    ['a server that is starting', 'Service Unavailable', 503, 'prometheus-unreachable'],
  ])('that is %s is a fault', async (_, body, status, reason) => {
    expect(await answering(body, status).raw('x', 60, signal)).toMatchObject({ ok: false, fault: { reason } })
  })

  it('that does not come is a fault, after a bounded number of tries', async () => {
    let tries = 0
    const server = prometheus({
      url: 'http://prometheus.example.com',
      clock,
      fetch: async () => {
        tries++
        throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
      },
    })
    expect(await server.raw('x', 60, signal)).toMatchObject({
      ok: false,
      fault: { reason: 'prometheus-unreachable' },
    })
    expect(tries).toBe(3)
  })

  const options = {
    metrics: [{ name: 'errors', total: 'x', bad: 'x{code="500"}' }],
    arms: { canary: 'api-new', stable: 'api-old' },
    start: new Date(start - 60_000),
    blockMs: second,
    now: new Date(start),
    created: new Map(),
    weightChanges: [],
  }

  it('without any series, with old samples, or with another clock is a fault and not a zero', async () => {
    const empty = { status: 'success', data: { resultType: 'matrix', result: [] } }
    expect(await collector(answering(empty)).collect(options, signal)).toMatchObject({
      ok: false,
      fault: { reason: 'prometheus-no-series' },
    })
    const later = { ...options, now: new Date(start + 60_000) }
    expect(await collector(answering(matrix('1'))).collect(later, signal)).toMatchObject({
      ok: false,
      fault: { reason: 'prometheus-stale' },
    })
    const date = { date: new Date(start + 300_000).toUTCString() }
    expect(await collector(answering(matrix('1'), 200, date)).collect(options, signal)).toMatchObject({
      ok: false,
      fault: { reason: 'prometheus-clock', cause: expect.stringContaining('clock') },
    })
  })
})
