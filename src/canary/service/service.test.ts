import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPrometheus } from '../../../testkit/prometheus/index.ts'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { prometheus } from '../samples/prometheus.ts'
import { burnRules, eventsOf } from './rules.ts'
import { readService, type ServiceSlo } from './service.ts'
import { serviceWatch } from './watch.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const clock = systemClock()
const signal = AbortSignal.timeout(60_000)

let server: Awaited<ReturnType<typeof startPrometheus>>
beforeAll(async () => {
  server = await startPrometheus()
})
afterAll(() => server.close())

const api = () => prometheus({ url: server.url, fetch: boundedFetch(), clock })

/** A service of 1,000 requests a minute for 31 days; `rate` is its share of bad ones so many minutes ago. */
function write(metric: string, rate: (minutesAgo: number) => number, until = 0): ServiceSlo {
  let [n, e] = [0, 0]
  let before = 31 * DAY
  // Close together lately, where short windows look; far apart before, where only sums count.
  const times = [
    ...Array.from({ length: 30 }, (_, at) => (31 - at) * DAY),
    ...Array.from({ length: 24 * 6 }, (_, at) => DAY - at * 10 * MINUTE),
    ...Array.from({ length: 10 }, (_, at) => (9 - at) * MINUTE),
  ]
  for (const ago of times) {
    const minutes = (before - ago) / MINUTE
    n += Math.round(1_000 * minutes)
    e += Math.round(1_000 * minutes * rate(ago / MINUTE))
    before = ago
    if (ago < until) continue
    const at = new Date(Date.now() - ago)
    server.append({ __name__: metric, pod: 'a', code: '200' }, n - e, at)
    server.append({ __name__: metric, pod: 'a', code: '500' }, e, at)
  }
  const bad = `${metric}{code="500"}`
  return { metric: 'errors', total: metric, bad, target: 0.999, periodMs: 30 * DAY }
}

describe('the service as a whole', () => {
  it('has the factors of the workbook at a period of 30 days, and smaller ones at 28', () => {
    expect(burnRules(30 * DAY).map(({ factor }) => Number(factor.toFixed(3)))).toEqual([14.4, 6, 3, 1])
    expect(burnRules(28 * DAY).map(({ factor }) => Number(factor.toFixed(3)))).toEqual([
      13.44, 5.6, 2.8, 0.933,
    ])
  })

  it.each<[string, (minutesAgo: number) => number, object, object]>([
    ['quiet', () => 0.0002, { state: 'quiet' }, { state: 'quiet' }],
    [
      'burning fast for an hour',
      (ago) => (ago < 60 ? 0.03 : 0.0002),
      { state: 'burning', reason: 'canary-service-burning', why: expect.stringMatching(/14\.4 times/) },
      { state: 'burning' },
    ],
    [
      'over a spike that has passed',
      (ago) => (ago > 20 && ago < 60 ? 0.03 : 0),
      { state: 'quiet' },
      { state: 'quiet' },
    ],
    [
      // Three times the budget for a day and more opens a ticket: no release starts, none under way is stopped.
      'burning slowly',
      (ago) => (ago < 1_440 ? 0.004 : 0.0002),
      { state: 'burning', why: expect.stringMatching(/3 times/) },
      { state: 'quiet' },
    ],
    [
      'out of budget',
      (ago) => (ago > 5_000 ? 0.002 : 0),
      { state: 'spent', reason: 'canary-budget-spent' },
      { state: 'spent' },
    ],
  ])('is %s', async (name, rate, before, during) => {
    const slo = write(`${name.replaceAll(/\W/g, '_')}_total`, rate)
    const start = await readService(api(), slo, true, signal)
    expect(start).toMatchObject(before)
    expect(await readService(api(), slo, false, signal)).toMatchObject(during)
    expect(start.periodEvents).toBeGreaterThan(40_000_000)
    expect(start.periodEvents).toBeLessThan(46_000_000)
  })

  it.each<[string, number, number]>([
    ['a month', 43_200, 43_200],
    ['fourteen days, of which the rest is not kept', 20_160, 20_160],
    ['three days', 4_320, 43_200],
    ['ten minutes', 10, 43_200],
  ])('takes a record of %s for what it is', (_name, minutes, promised) => {
    const n = (ms: number) => 1_000 * Math.min(ms / MINUTE, minutes)
    const spans = [30 * DAY, 6 * 60 * MINUTE, 60 * MINUTE, 30 * MINUTE, 5 * MINUTE]
    const windows = new Map(spans.map((ms) => [ms, { n: n(ms), e: 0 }]))
    const events = eventsOf(windows, 30 * DAY)
    // Never less than a third of what the traffic of now makes of the period, and never more.
    expect(events).toBeGreaterThanOrEqual((1_000 * promised) / 3)
    expect(events).toBeLessThanOrEqual(43_200_000)
  })

  it('is not known when its pods are not scraped any more, or nobody answers', async () => {
    const slo = write('stopped_total', () => 0, 6 * MINUTE)
    expect(await readService(api(), slo, true, signal)).toMatchObject({
      state: 'blind',
      reason: 'prometheus-no-series',
    })
    const away = prometheus({ url: 'http://127.0.0.1:9', fetch: boundedFetch(), clock })
    expect(await readService(away, slo, true, signal)).toMatchObject({
      state: 'blind',
      reason: 'prometheus-unreachable',
    })
  })

  it('is asked once a minute, and not at all without an SLO', async () => {
    const slo = write('watched_total', () => 0)
    let asked = 0
    const counted = {
      ...api(),
      increase: (...of: Parameters<ReturnType<typeof api>['increase']>) => {
        asked++
        return api().increase(...of)
      },
    }
    const watch = serviceWatch({ prometheus: counted, clock, signal }, slo)
    await watch.read(true)
    const first = asked
    await watch.read(true)
    expect([first > 0, asked]).toEqual([true, first])
    await watch.read(false)
    expect(asked).toBeGreaterThan(first)
    expect(await serviceWatch({ prometheus: counted, clock, signal }, undefined).read(true)).toBeUndefined()
  })
})
