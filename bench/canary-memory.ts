/**
 * Memory of `watch` as users run it: the shipped bundle, followed by its resident size in /proc, over as many blocks as half
 * an hour has at 15 s (120), with 30 pods and six metrics, against the stand-ins. The clock is compressed fifteen times: a
 * block is a second, so looks and samples are as many as in half an hour. Growth is the last third against the middle one.
 * `npm run -s bench:canary-memory [-- --source]`: one JSON line; `--source` runs main.ts instead of the bundle.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { digestOf } from '../testkit/canary/index.ts'
import { startCluster } from '../testkit/cluster/index.ts'
import { requireKind } from '../testkit/cluster/kinds.ts'
import { deliveryRollout, deliveryRouting } from '../testkit/cluster/testing.ts'
import { startServer } from '../testkit/http/index.ts'
import { CONTENT_TYPE, createLoad } from '../testkit/load/index.ts'
import { startPrometheus } from '../testkit/prometheus/index.ts'
import { startBundle } from '../testkit/runner/index.ts'

const BLOCKS = 120
const LIMIT_MIB = 120
const GROWTH = 1.1
const namespace = 'delivery'
const name = 'delivery-api'
const [good, next] = [digestOf('memory-good'), digestOf('memory-next')]
const { values } = parseArgs({ options: { source: { type: 'boolean', default: false } } })

await parent()

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
    await measure(cluster.kubeconfig({ x: { namespace } }), server.url)
  } finally {
    clearInterval(ticking)
    await server.close()
    await metrics.close()
    await cluster.close()
  }
}

/** One SLO and five ratios of the same counters, as a service of six metrics has them. */
function tuesdayYaml(prometheusUrl: string): string {
  const selector = `http_requests_total{namespace="${namespace}",workload="${name}"`
  const counters = `total: '${selector}}', bad: '${selector},code=~"5.."}'`
  const metrics = Array.from({ length: 5 }, (_, at) => `    - { name: ratio-${at}, ${counters} }`)
  const place = (environment: string) => `  ${environment}:
    production: ${environment === 'prod'}
    jurisdiction: eu
    timezone: UTC
    cluster: { context: x }
    namespace: ${environment === 'prod' ? namespace : 'staging'}
    argocd: { application: delivery-${environment} }
    gitops: { path: env/${environment}, values: charts/delivery/values.yaml, pins: env/${environment}/pins.yaml }
    prometheus: { url: "${prometheusUrl}" }
`
  return `version: 1
service: delivery
image: { repository: registry.example.com/x }
workloads: [{ name: ${name}, kind: Rollout, container: api }]
gitops: { repository: acme/gitops, chart: charts/delivery }
environments:
${place('staging')}${place('prod')}train: { timezone: UTC, order: [prod] }
slos: [{ name: availability, target: 99.9, ${counters} }]
canary:
  holds: { 5: 10m, 25: 10m, 50: 10m }
  scrape-interval: 1s
  metrics:
    - { name: errors, slo: availability }
${metrics.join('\n')}
`
}

async function measure(kubeconfig: string, prometheusUrl: string): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'memory-'))
  writeFileSync(join(workspace, 'tuesday.yaml'), tuesdayYaml(prometheusUrl))
  writeFileSync(join(workspace, 'kubeconfig'), kubeconfig)
  const run = startBundle({
    action: 'canary-gate',
    source: values.source,
    workspace,
    timeoutMs: (BLOCKS + 90) * 1000,
    inputs: {
      environment: 'prod',
      digest: next,
      timeout: `${BLOCKS + 5}s`,
      kubeconfig: join(workspace, 'kubeconfig'),
    },
  })
  const resident: number[] = []
  const sampling = setInterval(() => {
    const kib = residentKib(run.pid)
    if (kib !== undefined) resident.push(kib / 1024)
  }, 500)
  const ended = await run.done.finally(() => clearInterval(sampling))
  rmSync(workspace, { recursive: true })
  const { data } = ended.result as {
    readonly data?: { readonly timeline?: readonly { readonly block: number }[] }
  }
  process.stderr.write(`${ended.lines.slice(-12).join('\n')}\n`)
  const blocks = data?.timeline?.at(-1)?.block ?? 0
  const third = Math.floor(resident.length / 3)
  const mean = (of: readonly number[]) => of.reduce((sum, each) => sum + each, 0) / of.length
  const [middle, end] = [mean(resident.slice(third, 2 * third)), mean(resident.slice(-third))]
  const most = Math.max(...resident)
  const met = most <= LIMIT_MIB && end / middle <= GROWTH && blocks >= BLOCKS * 0.8
  const mib = (value: number) => Number(value.toFixed(1))
  console.log(
    JSON.stringify({
      bench: 'canary-memory',
      figure: `resident at most, ${values.source ? 'sources' : 'bundle'}`,
      value: mib(most),
      unit: 'MiB',
      goal: LIMIT_MIB,
      met,
      middle: mib(middle),
      end: mib(end),
      blocks,
      reason: ended.outputs['reason-code'],
    }),
  )
  process.exitCode = met ? 0 : 1
}

/** Undefined once the process has ended. */
function residentKib(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? undefined : Number(found[1])
  } catch {
    return undefined
  }
}
