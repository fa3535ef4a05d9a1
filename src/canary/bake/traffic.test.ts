import { describe, expect, it } from 'vitest'
import { type Digest, ok, type Result, unwrap } from '../../release/index.ts'
import type { Prometheus, RawAnswer, Series } from '../samples/prometheus.ts'
import { type LiveOptions, type LivePod, readLive } from './traffic.ts'

const now = 1_800_000_000_000
const signal = new AbortController().signal
const digestOf = (n: number) => `sha256:${String(n).repeat(64)}` as Digest
const [old, fresh] = [digestOf(1), digestOf(2)]

const pod = (name: string, digest: Digest, secondsAgo: number): LivePod => ({
  name,
  digest,
  createdAt: new Date(now - secondsAgo * 1000),
})
/** One sample a second, growing by `rate`, up to `until` seconds ago. */
const series = (name: string, from: number, rate: number, until = 0): Series => ({
  labels: { pod: name },
  samples: Array.from({ length: from - until + 1 }, (_, i) => ({
    at: now - (from - i) * 1000,
    value: i * rate,
  })),
})

function server(total: readonly Series[], bad: readonly Series[] = []): Prometheus & { asked: string[] } {
  const asked: string[] = []
  return {
    host: 'prometheus.example.com',
    asked,
    async raw(selector): Promise<Result<RawAnswer>> {
      asked.push(selector)
      return ok({ series: selector.includes('5..') ? bad : total })
    },
    async increase() {
      return ok(undefined)
    },
  }
}

const slo = {
  name: 'availability',
  total: 'http_requests_total{namespace="shop"}',
  bad: 'http_requests_total{namespace="shop",code=~"5.."}',
  target: 0.999,
}
const options = (pods: readonly LivePod[], over: Partial<LiveOptions> = {}): LiveOptions => ({
  slo,
  pods,
  live: fresh,
  now: new Date(now),
  ...over,
})

describe('what serves now', () => {
  it('is counted for the live digest alone, since its oldest pod', async () => {
    const prometheus = server([
      series('api-2-a', 60, 10),
      series('api-2-b', 30, 10),
      series('api-1-a', 600, 50),
    ])
    const pods = [pod('api-2-a', fresh, 61), pod('api-2-b', fresh, 31), pod('api-1-a', old, 9_000)]
    const { traffic } = unwrap(await readLive(prometheus, options(pods), signal))
    expect(traffic).toEqual({
      digest: fresh,
      since: new Date(now - 61_000).toISOString(),
      requests: 900,
    })
    expect(prometheus.asked[0]).toContain('pod=~"(api-2|api-1)-.*"')
  })

  it('is counted from the time that was asked for', async () => {
    const since = new Date(now - 10_000)
    const pods = [pod('api-2-a', fresh, 61)]
    const live = unwrap(await readLive(server([series('api-2-a', 60, 10)]), options(pods, { since }), signal))
    expect(live.traffic).toMatchObject({ since: since.toISOString(), requests: 100 })
  })

  it('alarms on the digest whose pods answer badly, and on no other', async () => {
    const total = [series('api-2-a', 300, 10), series('api-1-a', 300, 10)]
    const pods = [pod('api-2-a', fresh, 301), pod('api-1-a', old, 9_000)]
    const { alarms } = unwrap(
      await readLive(server(total, [series('api-2-a', 300, 1)]), options(pods), signal),
    )
    expect(alarms.map(({ digest, name }) => [digest, name])).toEqual([
      [fresh, 'availability burn 14.4x'],
      [fresh, 'availability burn 6x'],
    ])
  })

  const one = [pod('api-2-a', fresh, 61)]
  it.each<[string, Prometheus, LiveOptions, string]>([
    ['no digest serves', server([]), options(one, { live: undefined }), 'canary-blind'],
    ['no pod of the live digest is ready', server([]), options([pod('a-1-b', old, 9)]), 'canary-blind'],
    ['its pods are not scraped', server([]), options(one), 'prometheus-no-series'],
    ['its samples are old', server([series('api-2-a', 600, 1, 121)]), options(one), 'prometheus-stale'],
    [
      'two collectors count the same pods',
      server([
        { ...series('api-2-a', 60, 1), labels: { pod: 'api-2-a', job: 'one' } },
        { ...series('api-2-a', 60, 1), labels: { pod: 'api-2-a', job: 'two' } },
      ]),
      options(one),
      'prometheus-series-ambiguous',
    ],
  ])('is not known when %s', async (_name, prometheus, asked, reason) => {
    expect(await readLive(prometheus, asked, signal)).toMatchObject({ ok: false, fault: { reason } })
  })
})
