import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../../testkit/canary/index.ts'
import { startCluster } from '../../../testkit/cluster/index.ts'
import { requireKind } from '../../../testkit/cluster/kinds.ts'
import { deliveryRollout, deliveryRouting } from '../../../testkit/cluster/testing.ts'
import { startPrometheus } from '../../../testkit/prometheus/index.ts'
import { connectKube, type Kube, type Pod, paths, type Rollout } from '../../cluster/index.ts'
import { type Fetch, type Logger, unwrap } from '../../release/index.ts'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { prometheus } from '../samples/prometheus.ts'
import type { MetricSource } from '../samples/source.ts'
import { evaluateCanary, watchCanary } from './gate.ts'
import type { GateContext, GateOptions } from './options.ts'

const namespace = 'shop'
const [good, next] = [digestOf('wrong-good'), digestOf('wrong-next')]
const clock = systemClock()
const signal = AbortSignal.timeout(120_000)
const quiet = () => undefined
const logger: Logger = { debug: quiet, info: quiet, notice: quiet, warn: quiet, group: (_, body) => body() }

let cluster: Awaited<ReturnType<typeof startCluster>>
let server: Awaited<ReturnType<typeof startPrometheus>>
let kube: Kube
let pods: readonly string[] = []

const get = (name: string) => cluster.store.get(requireKind('Rollout'), namespace, name) as unknown as Rollout
const connect = async (token?: string) =>
  unwrap(
    await connectKube({
      kubeconfig: {
        text: cluster.kubeconfig({ x: { namespace, ...(token === undefined ? {} : { token }) } }),
      },
      context: 'x',
      clock,
    }),
  )

/** `next` in flight on a Rollout of this name, waiting at its first pause. */
async function inFlight(name: string, canary?: Record<string, unknown>): Promise<void> {
  const shape = (digest: string) => ({
    namespace,
    name,
    image: `registry.example.com/x@${digest}`,
    ...(canary === undefined ? {} : { canary }),
  })
  for (const each of deliveryRouting(namespace, name)) cluster.store.create(requireKind(each.kind), each)
  cluster.store.create(requireKind('Rollout'), deliveryRollout(shape(good)))
  while (get(name).status?.phase !== 'Healthy') await clock.sleep(30, signal)
  const wanted = deliveryRollout(shape(next))
  const { metadata } = cluster.store.get(requireKind('Rollout'), namespace, name) ?? wanted
  cluster.store.replace(requireKind('Rollout'), { ...wanted, metadata: { ...metadata, ...wanted.metadata } })
  while (get(name).status?.phase !== 'Paused') await clock.sleep(30, signal)
}

beforeAll(async () => {
  cluster = await startCluster({
    namespaces: [namespace],
    pods: () => ({ readyAfterMs: 20 }),
    reactionMs: 10,
    tokens: {
      reader: {
        name: 'reader',
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
      },
    },
  })
  kube = await connect()
  server = await startPrometheus()
  await inFlight('api')
  await inFlight('timed', { steps: [{ setWeight: 5 }, { pause: { duration: '1h' } }, { setWeight: 50 }] })
  await inFlight('hasty', { steps: [{ setWeight: 5 }, { setWeight: 25 }, { pause: {} }] })
  const list = unwrap(await kube.list<Pod>(paths.pods(namespace), {}, signal))
  pods = list.items.map((pod) => pod.metadata.name).filter((pod) => pod.startsWith('api-'))
}, 60_000)
afterAll(async () => {
  await server.close()
  await cluster.close()
})

/** Samples of the last minute of every pod of `api`, one a second. */
function write(
  metric: string,
  labels: (pod: string) => Record<string, string>,
  value = (at: number) => at * 10,
) {
  for (let at = 0; at <= 60; at++) {
    const time = new Date(Date.now() - (60 - at) * 1_000)
    for (const pod of pods) server.append({ __name__: metric, ...labels(pod) }, value(at), time)
  }
}

const ratio = (metric: string): MetricSource => ({
  name: 'errors',
  total: metric,
  bad: `${metric}{code="500"}`,
})
const base = (name: string, metrics: readonly MetricSource[]): GateOptions => ({
  target: { namespace, name, container: 'api' },
  digest: next,
  metrics,
  judge: {},
  inconclusive: 'abort',
  blockMs: 1_000,
  timeoutMs: 0,
  startWithinMs: 60_000,
  onCancel: 'leave',
})
const contextOf = (change: Partial<GateContext> = {}): GateContext => ({
  kube,
  prometheus: prometheus({ url: server.url, fetch: boundedFetch(), clock }),
  clock,
  logger,
  signal,
  ...change,
})
const answering = (change: (text: string) => string, headers: Record<string, string> = {}): Fetch => {
  const ask = boundedFetch()
  return async (...of) => {
    const answer = await ask(...of)
    return new Response(change(await answer.text()), { status: answer.status, headers })
  }
}

interface Case {
  readonly reason: string
  readonly next: RegExp
  readonly rollout?: string
  readonly metrics?: readonly MetricSource[]
  readonly fetch?: Fetch
  readonly token?: string
  readonly holdsMs?: GateOptions['holdsMs']
}

const cases: readonly (readonly [string, Case])[] = [
  [
    'a query that returns no series',
    { metrics: [ratio('nothing_total')], reason: 'prometheus-no-series', next: /without its pod matcher/ },
  ],
  [
    'a pod under another label',
    { metrics: [ratio('label_total')], reason: 'prometheus-no-series', next: /correct tuesday\.yaml/ },
  ],
  [
    'text instead of a number',
    {
      metrics: [ratio('good_total')],
      fetch: answering((text) => text.replaceAll(/"\d+"\]/g, '"many"]')),
      reason: 'prometheus-answer-unreadable',
      next: /Prometheus page/,
    },
  ],
  [
    'a page that is no Prometheus',
    {
      metrics: [ratio('good_total')],
      fetch: answering(() => '<html>Sign in</html>'),
      reason: 'prometheus-answer-unreadable',
      next: /Prometheus page/,
    },
  ],
  [
    'a histogram without +Inf',
    {
      metrics: [{ name: 'latency', histogram: 'slow_seconds' }],
      reason: 'prometheus-histogram-incomplete',
      next: /all buckets/,
    },
  ],
  [
    'two series for one pod',
    { metrics: [ratio('twice_total')], reason: 'prometheus-series-ambiguous', next: /Name the collector/ },
  ],
  [
    'a clock of Prometheus that is off by minutes',
    {
      metrics: [ratio('good_total')],
      fetch: answering((text) => text, { date: new Date(Date.now() - 5 * 60_000).toUTCString() }),
      reason: 'prometheus-clock',
      next: /Correct the clock/,
    },
  ],
  [
    'samples that ended minutes ago',
    { metrics: [ratio('old_total')], reason: 'prometheus-stale', next: /targets page/ },
  ],
  [
    'a step that goes on by itself',
    { rollout: 'timed', metrics: [], reason: 'canary-steps-outrun', next: /pause: \{\}/ },
  ],
  [
    'a weight without a pause',
    { rollout: 'hasty', metrics: [], reason: 'canary-steps-outrun', next: /pause: \{\}/ },
  ],
  [
    'a weight without a minimum time',
    { metrics: [], holdsMs: { 5: 1_000 }, reason: 'canary-hold-missing', next: /canary\.holds/ },
  ],
  ['a missing right', { metrics: [], token: 'reader', reason: 'permission-denied', next: /\w/ }],
]

describe('wrong input', () => {
  beforeAll(() => {
    const prefix = (pod: string) => ({ pod, code: '200' })
    write('good_total', prefix)
    write('label_total', (pod) => ({ pod_name: pod, code: '200' }))
    write('slow_seconds_bucket', (pod) => ({ pod, le: '0.5' }))
    write('twice_total', (pod) => ({ ...prefix(pod), prometheus_replica: 'a' }))
    write('twice_total', (pod) => ({ ...prefix(pod), prometheus_replica: 'b' }))
    for (const pod of pods) {
      server.append({ __name__: 'old_total', ...prefix(pod) }, 10, new Date(Date.now() - 5 * 60_000))
    }
  })

  it.each(cases)('%s has a reason and a next step, and changes nothing', async (_, wrong) => {
    const { rollout = 'api', metrics = [], reason, next: step, holdsMs } = wrong
    const before = get(rollout).metadata.resourceVersion
    const context = contextOf({
      ...(wrong.token === undefined ? {} : { kube: await connect(wrong.token) }),
      ...(wrong.fetch === undefined
        ? {}
        : { prometheus: prometheus({ url: server.url, fetch: wrong.fetch, clock }) }),
    })
    const options = { ...base(rollout, metrics), ...(holdsMs === undefined ? {} : { holdsMs }) }
    for (const look of [evaluateCanary, watchCanary]) {
      const answer = await look(context, options)
      const told = answer.ok ? { ...answer.value, cause: answer.value.why } : answer.fault
      expect(told).toMatchObject({ reason, next: expect.stringMatching(step) })
      if (answer.ok) expect(answer.value.verdict).toBe('unknown')
      expect(told.cause.length).toBeGreaterThan(20)
    }
    expect(get(rollout).metadata.resourceVersion).toBe(before)
  })
})
