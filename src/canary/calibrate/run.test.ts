import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chance } from '../../../testkit/chance/index.ts'
import { startCluster } from '../../../testkit/cluster/index.ts'
import { requireKind } from '../../../testkit/cluster/kinds.ts'
import { deliveryRollout, deliveryRouting } from '../../../testkit/cluster/testing.ts'
import { startPrometheus } from '../../../testkit/prometheus/index.ts'
import { connectKube, type Kube, type Pod, paths } from '../../cluster/index.ts'
import { unwrap } from '../../release/index.ts'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { prometheus } from '../samples/prometheus.ts'
import { type CalibrateRun, calibrateFromHistory } from './run.ts'
import { readThresholds } from './thresholds.ts'

const [namespace, name] = ['shop', 'delivery-api']
const BLOCK_MS = 60_000
const clock = systemClock()
const signal = AbortSignal.timeout(60_000)

let cluster: Awaited<ReturnType<typeof startCluster>>
let server: Awaited<ReturnType<typeof startPrometheus>>
let kube: Kube
let pods: readonly string[] = []

beforeAll(async () => {
  cluster = await startCluster({
    namespaces: [namespace],
    pods: () => ({ readyAfterMs: 20 }),
    reactionMs: 10,
  })
  for (const each of deliveryRouting(namespace, name)) cluster.store.create(requireKind(each.kind), each)
  const image = `registry.example.com/x@sha256:${'a'.repeat(64)}`
  cluster.store.create(requireKind('Rollout'), deliveryRollout({ namespace, name, image, replicas: 4 }))
  kube = unwrap(
    await connectKube({
      kubeconfig: { text: cluster.kubeconfig({ x: { namespace } }) },
      context: 'x',
      clock,
    }),
  )
  const read = async () => {
    const list = unwrap(await kube.list<Pod>(paths.pods(namespace), {}, signal))
    pods = list.items.map((pod) => pod.metadata.name)
    return list.items.filter((pod) => pod.status?.phase === 'Running').length
  }
  while ((await read()) < 4) await clock.sleep(50, signal)
  server = await startPrometheus()
}, 40_000)
afterAll(async () => {
  await server.close()
  await cluster.close()
})

/** Four pods that fail one in a thousand for so long, and one of them a fifth for five minutes now and then. */
function write(metric: string, minutes: number, bursts: boolean): void {
  const draws = chance(5)
  const start = Date.now() - minutes * BLOCK_MS
  const sums = pods.map(() => ({ n: 0, e: 0, left: 0 }))
  for (let minute = 0; minute <= minutes; minute++) {
    for (const [at, pod] of pods.entries()) {
      const sum = sums[at] ?? { n: 0, e: 0, left: 0 }
      if (bursts && draws.next() < 1 / 90) sum.left = 5
      const n = minute === 0 ? 0 : 900
      const e = draws.binomial(n, sum.left > 0 ? 0.2 : 0.001)
      sum.left = Math.max(0, sum.left - 1)
      sum.n += n
      sum.e += e
      // Targets are scraped at different moments.
      const time = new Date(start + minute * BLOCK_MS - at * 2_000)
      server.append({ __name__: metric, pod, code: '200' }, sum.n - sum.e, time)
      server.append({ __name__: metric, pod, code: '500' }, sum.e, time)
    }
  }
}

const calibrated = (metric: string, more: Partial<CalibrateRun> = {}) =>
  calibrateFromHistory(
    { kube, prometheus: prometheus({ url: server.url, fetch: boundedFetch(), clock }), clock, signal },
    {
      target: { namespace, name, container: 'api' },
      metrics: [{ name: 'errors', total: metric, bad: `${metric}{code="500"}` }],
      judge: {},
      blockMs: BLOCK_MS,
      historyMs: 6 * 3_600_000,
      environment: 'prod-eu',
      ...more,
    },
  )

describe('calibrate on the history of Prometheus', () => {
  it('runs a placebo for every stable pod and window, and leaves quiet pods at the defaults', async () => {
    write('quiet_total', 360, false)
    const found = unwrap(await calibrated('quiet_total'))
    expect(found).toMatchObject({ workload: name, environment: 'prod-eu', blockSeconds: 60, pods: 4 })
    // Twelve half hours, the first of them being the past of the second; the last is not whole yet.
    expect(found.windows).toBeGreaterThanOrEqual(10)
    expect(found.runs).toBe(4 * found.windows)
    expect(found.calibration.errors?.share).toBeCloseTo(Math.log(10), 6)
    expect(found.falseAlarms).toMatchObject({ count: 0, share: 0 })
    expect(found.falseAlarms.upper).toBeLessThan(0.08)
  })

  it('raises the thresholds where pods burst alone, and the file of them is one that a run can use', async () => {
    write('bursty_total', 360, true)
    const found = unwrap(await calibrated('bursty_total'))
    expect(found.calibration.errors?.share).toBeGreaterThan(3)
    const text = JSON.stringify(found)
    const wanted = { workload: name, environment: 'prod-eu', blockMs: BLOCK_MS }
    expect(unwrap(readThresholds(text, 't.json', wanted))).toEqual(found.calibration)
    for (const other of [{ blockMs: 15_000 }, { environment: 'prod-us' }, { workload: 'worker' }]) {
      expect(readThresholds(text, 't.json', { ...wanted, ...other })).toMatchObject({
        ok: false,
        fault: { reason: 'canary-thresholds-invalid', next: expect.stringContaining('calibrate') },
      })
    }
    expect(readThresholds('{"version": 1}', 't.json', wanted).ok).toBe(false)
    expect(readThresholds('nothing', 't.json', wanted).ok).toBe(false)
  }, 20_000)

  it('asks for no more than two hours at once', () => {
    const seconds = server.requests.flatMap(({ url }) => /%5B(\d+)s%5D/.exec(url)?.[1] ?? [])
    expect(seconds.length).toBeGreaterThan(4)
    expect(Math.max(...seconds.map(Number))).toBeLessThanOrEqual(7_200)
  })

  it('says so when the pods are known for too short a time, or by no series', async () => {
    write('young_total', 60, false)
    expect(await calibrated('young_total')).toMatchObject({
      ok: false,
      fault: { reason: 'canary-history-short', cause: expect.stringContaining('90 are needed') },
    })
    expect(await calibrated('missing_total')).toMatchObject({
      ok: false,
      fault: { reason: 'prometheus-no-series' },
    })
  })
})
