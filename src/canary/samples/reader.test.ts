import { describe, expect, it } from 'vitest'
import { podCounters, scrapeEvents } from './counters.ts'
import { chooseCuts, classic, native, suffixed } from './histogram.ts'
import type { Series } from './prometheus.ts'
import { reader } from './reader.ts'

const start = 10_000_000
const arms = { canary: 'api-2', stable: 'api-1' }

/** `[seconds, value]` from `start`. */
const series = (
  pod: string,
  values: readonly (readonly [number, number])[],
  labels: Record<string, string> = {},
): Series => ({
  labels: { __name__: 'm', pod, ...labels },
  samples: values.map(([at, value]) => ({ at: start + at * 1000, value })),
})

const counters = { rangeStart: start - 1_800_000, created: new Map([['api-2-a', start]]) }
const options = { host: 'prometheus', arms, start, counters }
const sum = (counted: ReturnType<typeof podCounters> | undefined) =>
  counted?.map(({ increments }) => [
    increments.reduce((n, each) => n + each.total, 0),
    increments.reduce((n, each) => n + each.bad, 0),
  ])

describe('counters of good events', () => {
  const good = { ...counters, part: 'good' } as const

  it('count what is missing of all', () => {
    const total = [
      series('api-2-a', [
        [1, 10],
        [2, 30],
      ]),
    ]
    const part = [
      series('api-2-a', [
        [1, 9],
        [2, 24],
      ]),
    ]
    expect(sum(podCounters(total, part, good))).toEqual([[30, 6]])
  })

  it('do not call a request bad whose good one has not been read yet', () => {
    const total = [
      series('api-2-a', [
        [1, 10],
        [2, 30],
      ]),
    ]
    const part = [series('api-2-a', [[1, 10]])]
    expect(sum(podCounters(total, part, good))).toEqual([[10, 0]])
  })
})

describe('the warm-up', () => {
  it('leaves out what a new pod answers before it is over, and nothing of an old one', () => {
    const values = [
      [10, 100],
      [40, 200],
      [70, 350],
      [100, 500],
    ] as const
    const all = [series('api-2-a', values), series('api-1-a', values)]
    const created = new Map([
      ['api-2-a', start],
      ['api-1-a', start - 9_000_000],
    ])
    const ready = new Map([['api-2-a', start + 5_000]])
    expect(sum(podCounters(all, [], { ...counters, created, ready, warmupMs: 60_000 }))).toEqual([
      [300, 0],
      [400, 0],
    ])
  })
})

describe('scrapes as events', () => {
  it('are bad in which a counter of restarts grew', () => {
    const events = scrapeEvents(
      [
        series('p', [
          [1, 3],
          [2, 3],
          [3, 4],
          [4, 4],
        ]),
      ],
      (value, before) => before !== undefined && value > before,
    )
    expect(sum(events)).toEqual([[4, 1]])
  })
})

describe('a classic histogram', () => {
  const bucket = (le: string, value: number, pod = 'api-1-a') =>
    series(
      pod,
      [
        [-20, 0],
        [-10, value],
      ],
      { le },
    )

  it('is read by the number of its bounds, however they are written', () => {
    const read = classic([
      bucket('1.0', 5),
      bucket('1', 6, 'api-1-b'),
      bucket('+Inf', 9),
      bucket('+Inf', 9, 'api-1-b'),
    ])
    expect(read).toMatchObject({ ok: true })
    expect(read.ok && [...read.value.upTo.keys()]).toEqual([1])
    expect(read.ok && read.value.upTo.get(1)?.length).toBe(2)
  })

  it.each<[string, Series[], string]>([
    ['one pod has no +Inf', [bucket('1', 5), bucket('+Inf', 9), bucket('1', 5, 'api-1-b')], 'api-1-b'],
    ['a bound is no number', [bucket('fast', 5)], 'bound'],
    ['there is no bound', [series('api-1-a', [[1, 2]])], 'bound'],
  ])('is refused where %s', (_, buckets, problem) => {
    expect(classic(buckets)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
  })

  it('is asked for by the name that tuesday.yaml gives', () => {
    expect(suffixed('x_seconds{a="b"}', '_bucket')).toBe('x_seconds_bucket{a="b"}')
    expect(suffixed('x_seconds', '_bucket')).toBe('x_seconds_bucket')
  })
})

describe('a native histogram', () => {
  it('gives the counts up to each power of two, the zero bucket among the fastest', () => {
    const read = native([
      {
        labels: { pod: 'p' },
        samples: [],
        histograms: [
          {
            at: start,
            count: 11,
            buckets: [
              { from: -0.001, to: 0.001, count: 1 },
              { from: 0.25, to: 0.5, count: 4 },
              { from: 0.5, to: Math.SQRT1_2, count: 3 },
              { from: Math.SQRT1_2, to: 1, count: 3 },
            ],
          },
        ],
      },
    ])
    const upTo = (bound: number) => read.upTo.get(bound)?.[0]?.samples[0]?.value
    expect([upTo(0.25), upTo(0.5), upTo(1)]).toEqual([1, 5, 11])
    expect(read.count[0]?.samples[0]?.value).toBe(11)
  })
})

describe('the cuts of a histogram', () => {
  it('are those that some and not most of the stable requests were slower than', () => {
    const tails = new Map([
      [0.01, { n: 1000, e: 900 }],
      [0.1, { n: 1000, e: 200 }],
      [0.5, { n: 1000, e: 2 }],
      [5, { n: 1000, e: 0 }],
    ])
    expect(chooseCuts(tails)).toEqual([0.1, 0.5])
  })

  it('are what people notice where nothing is known', () => {
    const tails = new Map([0.01, 0.25, 1, 5].map((bound) => [bound, { n: 0, e: 0 }] as const))
    expect(chooseCuts(tails)).toEqual([0.25, 1])
  })
})

describe('wrong input', () => {
  const histogram = { name: 'latency', histogram: 'x_seconds' }
  const whole = [
    series(
      'api-1-a',
      [
        [-20, 0],
        [-10, 50],
      ],
      { le: '0.5' },
    ),
    series(
      'api-1-a',
      [
        [-20, 0],
        [-10, 60],
      ],
      { le: '+Inf' },
    ),
  ]
  it.each<[string, Parameters<typeof reader>[0], Record<string, Series[]>, string]>([
    ['no series at all', { name: 'errors', total: 't', bad: 'b' }, {}, 'prometheus-no-series'],
    [
      'no good event anywhere',
      { name: 'orders', total: 't', good: 'g' },
      { 't{pod=~"(api-2|api-1)-.*"}': [series('api-1-a', [[1, 1]])] },
      'prometheus-no-series',
    ],
    ['a histogram nobody has', histogram, {}, 'prometheus-no-series'],
    [
      'a histogram without +Inf',
      histogram,
      { 'x_seconds_bucket{pod=~"(api-2|api-1)-.*"}': whole.slice(0, 1) },
      'prometheus-histogram-incomplete',
    ],
    [
      'a limit between two buckets',
      { ...histogram, cutSeconds: 0.3 },
      { 'x_seconds_bucket{pod=~"(api-2|api-1)-.*"}': whole },
      'prometheus-histogram-incomplete',
    ],
    ['a gauge nobody has', { name: 'lag', gauge: 'lag', above: 3 }, {}, 'prometheus-no-series'],
  ])('%s has a reason and a next step', (_, source, answers, reason) => {
    const counted = reader(source, arms).count((query) => answers[query] ?? [], options)
    expect(counted).toMatchObject({ ok: false, fault: { reason, next: expect.stringMatching(/\w/) } })
  })

  it('and the same histogram with all its buckets is counted', () => {
    const counted = reader({ ...histogram, cutSeconds: 0.5 }, arms).count(
      (query) => (query.includes('_bucket') ? whole : []),
      { ...options, counters: { ...counters, created: new Map([['api-1-a', start - 9_000_000]]) } },
    )
    expect(counted.ok && sum(counted.value[0])).toEqual([[60, 10]])
  })
})
