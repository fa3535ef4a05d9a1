/**
 * Memory of `watch` over as many blocks as half an hour has at 15 s (120), with 30 pods and six metrics, in a process of its
 * own against the stand-ins. The clock is compressed fifteen times: a block is a second, so looks and samples are as
 * many as in half an hour. One JSON line a figure; growth is heap after a collection, last third against first.
 */
import { fork } from 'node:child_process'
import { type GateOptions, prometheus, watchCanary } from '../src/canary/index.ts'
import { connectKube } from '../src/cluster/index.ts'
import { type Logger, unwrap } from '../src/release/index.ts'
import { boundedFetch, systemClock } from '../src/system/index.ts'
import { digestOf } from '../testkit/canary/index.ts'
import { startCluster } from '../testkit/cluster/index.ts'
import { requireKind } from '../testkit/cluster/kinds.ts'
import { deliveryRollout, deliveryRouting } from '../testkit/cluster/testing.ts'
import { startServer } from '../testkit/http/index.ts'
import { CONTENT_TYPE, createLoad } from '../testkit/load/index.ts'
import { startPrometheus } from '../testkit/prometheus/index.ts'

const BLOCKS = 120
const LIMIT_MIB = 120
const namespace = 'delivery'
const name = 'delivery-api'
const [good, next] = [digestOf('memory-good'), digestOf('memory-next')]

interface Places {
  readonly kubeconfig: string
  readonly prometheusUrl: string
}

const handed = process.env.BENCH_PLACES
if (handed === undefined) await parent()
else await child(JSON.parse(handed) as Places)

async function parent(): Promise<void> {
  const cluster = await startCluster({
    namespaces: [namespace],
    pods: () => ({ readyAfterMs: 50 }),
    reactionMs: 20,
  })
  const load = createLoad({
    cluster: cluster.reader,
    seed: 7,
    targets: [{ namespace, workload: name, requestsPerSecond: 1_000 }],
  })
  const metrics = await startServer({
    handle: () => ({ status: 200, headers: { 'content-type': CONTENT_TYPE }, body: load.exposition() }),
    onDefect: (error) => ({ status: 500, body: String(error) }),
  })
  const server = await startPrometheus({
    scrape: [{ url: `${metrics.url}/metrics`, intervalMs: 1_000, honorLabels: true }],
  })
  const ticking = setInterval(() => void load.tick(1).catch(() => undefined), 1_000)
  try {
    for (const each of deliveryRouting(namespace, name)) cluster.store.create(requireKind(each.kind), each)
    const deploy = (digest: string) =>
      deliveryRollout({ namespace, name, image: `registry.example.com/x@${digest}`, replicas: 28 })
    cluster.store.create(requireKind('Rollout'), deploy(good))
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    const live = cluster.store.get(requireKind('Rollout'), namespace, name)
    const wanted = deploy(next)
    cluster.store.replace(requireKind('Rollout'), {
      ...wanted,
      metadata: { ...live?.metadata, ...wanted.metadata },
    })
    const places: Places = { kubeconfig: cluster.kubeconfig({ x: { namespace } }), prometheusUrl: server.url }
    const gate = fork(import.meta.filename, {
      execArgv: ['--expose-gc'],
      env: { ...process.env, BENCH_PLACES: JSON.stringify(places) },
    })
    process.exitCode = await new Promise<number>((resolve) => gate.once('exit', (code) => resolve(code ?? 1)))
  } finally {
    clearInterval(ticking)
    await server.close()
    await metrics.close()
    await cluster.close()
  }
}

async function child(places: Places): Promise<void> {
  const clock = systemClock()
  const kube = unwrap(await connectKube({ kubeconfig: { text: places.kubeconfig }, context: 'x', clock }))
  const selector = `http_requests_total{namespace="${namespace}",workload="${name}"`
  const metric = (index: number) => ({
    name: index === 0 ? 'errors' : `ratio-${index}`,
    total: `${selector}}`,
    bad: `${selector},code=~"5.."}`,
  })
  const options: GateOptions = {
    target: { namespace, name, container: 'api' },
    digest: next,
    holdsMs: { 5: 600_000, 25: 600_000, 50: 600_000 },
    metrics: Array.from({ length: 6 }, (_, index) => metric(index)),
    judge: {},
    inconclusive: 'hold',
    blockMs: 1_000,
    timeoutMs: BLOCKS * 1_000,
    startWithinMs: 60_000,
    onCancel: 'leave',
  }
  const quiet = () => undefined
  const logger: Logger = { debug: quiet, info: quiet, notice: quiet, warn: quiet, group: (_, body) => body() }
  const heap: number[] = []
  let resident = 0
  const watchingMemory = setInterval(() => {
    resident = Math.max(resident, process.memoryUsage.rss())
    globalThis.gc?.()
    heap.push(process.memoryUsage().heapUsed)
  }, 2_000)
  const signal = AbortSignal.timeout(BLOCKS * 1_000 + 60_000)
  const context = {
    kube,
    prometheus: prometheus({ url: places.prometheusUrl, fetch: boundedFetch(), clock }),
    clock,
    logger,
    signal,
  }
  const outcome = unwrap(await watchCanary(context, options))
  clearInterval(watchingMemory)
  const third = Math.floor(heap.length / 3)
  const mean = (values: readonly number[]) =>
    values.reduce((sum, each) => sum + each, 0) / values.length / 2 ** 20
  const [first, last] = [mean(heap.slice(third, 2 * third)), mean(heap.slice(-third))]
  const blocks = outcome.record.timeline.at(-1)?.block ?? 0
  const value = Math.round(resident / 2 ** 20)
  const met = value <= LIMIT_MIB && blocks >= BLOCKS * 0.8
  const line = {
    bench: 'canary-memory',
    figure: 'resident at most',
    value,
    unit: 'MiB',
    goal: LIMIT_MIB,
    met,
    blocks,
    reason: outcome.reason,
  }
  console.log(
    JSON.stringify({ ...line, heapMiddleMiB: Number(first.toFixed(1)), heapEndMiB: Number(last.toFixed(1)) }),
  )
  process.exitCode = met ? 0 : 1
}
