import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../src/config/index.ts'
import { gitRepo } from '../../src/gitops/index.ts'
import { type Digest, unwrap } from '../../src/release/index.ts'
import { boundedFetch, spawnExec, systemClock } from '../../src/system/index.ts'
import { tick } from '../../src/train/index.ts'
import { environmentFolder } from '../../testkit/cluster/environment-folder.ts'
import { type ClusterStandIn, startCluster } from '../../testkit/cluster/index.ts'
import { requireKind } from '../../testkit/cluster/kinds.ts'
import { renderDelivery } from '../../testkit/cluster/render-delivery.ts'
import { createLoad, type Load } from '../../testkit/load/index.ts'
import { type PrometheusStandIn, startPrometheus } from '../../testkit/prometheus/index.ts'
import { type Receivers, secrets, startReceivers } from '../../testkit/receivers/index.ts'
import { localConfig } from '../../testkit/site/local-config.ts'
import { type ServiceRepository, serviceRepository } from '../../testkit/site/service-repository.ts'
import { accessOf } from './access.ts'
import type { ActionOutcome } from './answer.ts'
import { checkRequest, type RolloutContext } from './request.ts'
import { runRegionRollout } from './rollout.ts'

/** For tests: the action on the stand-ins, with the example's own files. */

const example = join(import.meta.dirname, '../../examples/delivery-service')
const old = `sha256:${'a'.repeat(64)}`
export const fresh = `sha256:${'b'.repeat(64)}` as Digest
export const signal = new AbortController().signal
export const regions = ['prod-us', 'prod-eu', 'prod-me', 'prod-ap']
// A Tuesday in the window of prod-us.
const start = new Date('2026-11-17T15:00:00.000Z')

let dir: string
let service: ServiceRepository
let cluster: ClusterStandIn
let prometheus: PrometheusStandIn
let load: Load
export let config: Config
export let receivers: Receivers
export let configSha: string
/** What the log said of itself. */
export const warnings: string[] = []
let offset = 0
let pump: ReturnType<typeof setInterval>

const env = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  SLACK_TOKEN: secrets.slack,
}
const now = () => new Date(Date.now() + offset)

export function context(inputs: Record<string, unknown>): RolloutContext {
  const clock = systemClock()
  return {
    inputs: {
      config: 'tuesday.yaml',
      gitops: 'git',
      'gitops-url': `file://${join(dir, 'gitops.git')}`,
      source: '.',
      kubeconfig: join(dir, 'kubeconfig'),
      now: now().toISOString(),
      wait: 60_000,
      ...inputs,
    },
    runner: {
      workspace: service.dir,
      temp: dir,
      sha: configSha,
      actor: 'ada',
      triggeringActor: 'ada',
      job: 'train',
      runAttempt: '1',
      runUrl: 'https://ci.example.com/1',
      serverUrl: 'https://github.com',
      apiUrl: 'https://api.github.com',
      graphqlUrl: '',
    },
    env,
    clock,
    logger: {
      debug() {},
      info() {},
      notice() {},
      warn: (line: string) => warnings.push(line),
      group: (_title: string, body: () => Promise<unknown>) => body(),
    },
    signal,
    exec: spawnExec,
    fetch: boundedFetch({ clock }),
    mask() {},
    endState() {},
  } as unknown as RolloutContext
}

export async function attempt(mode: string, inputs: Record<string, unknown> = {}) {
  const one = context({ mode, ...inputs })
  return runRegionRollout(one, unwrap(checkRequest(one.inputs, one.runner)))
}

export const run = async (mode: string, inputs: Record<string, unknown> = {}) =>
  unwrap(await attempt(mode, inputs))

export async function look(): Promise<readonly unknown[]> {
  const outcomes = await Promise.all(regions.map((environment) => run('observe', { environment })))
  return outcomes.map((o) => o.outputs?.facts)
}

export async function nextUntil(accept: (outcome: ActionOutcome) => boolean): Promise<ActionOutcome> {
  let last: ActionOutcome | undefined
  for (let tries = 0; tries < 60; tries++) {
    last = await run('next', { facts: await look() })
    if (accept(last)) return last
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`last answer: ${JSON.stringify(last)}`)
}

export const step = (kind: string) => (outcome: ActionOutcome) => outcome.outputs?.step === kind

export async function setUp(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'tuesday-rollout-'))
  offset = start.getTime() - Date.now()
  service = serviceRepository(example, join(dir, 'service'), now)
  configSha = service.commit('A release')
  const bare = join(dir, 'gitops.git')
  const git = (...args: string[]) =>
    spawnExec('git', args, {
      env: {
        ...env,
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
      timeoutMs: 30_000,
      signal,
    })
  await git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  const tree = (await git('-C', bare, 'mktree')).stdout.trim()
  const first = (await git('-C', bare, 'commit-tree', tree, '-m', 'Start')).stdout.trim()
  await git('-C', bare, 'update-ref', 'refs/heads/main', first)

  prometheus = await startPrometheus()
  cluster = await startCluster({
    render: renderDelivery,
    pods: () => ({ readyAfterMs: 100 }),
    pollMs: 300,
    namespaces: ['staging', ...regions].map((name) => `delivery-${name}`),
  })
  await writeFile(
    join(dir, 'kubeconfig'),
    cluster.kubeconfig(Object.fromEntries(['staging', ...regions].map((r) => [r, {}]))),
  )
  receivers = await startReceivers()
  const local = localConfig(await readFile(join(example, 'tuesday.yaml'), 'utf8'), {
    registryHost: '127.0.0.1:5000',
    gitopsUrl: `file://${bare}`,
    prometheusUrl: prometheus.url,
    databaseEnv: () => 'DATABASE_URL',
    holds: { 5: '1s', 25: '1s', 50: '1s' },
    spacing: '20h',
    bake: '30m',
    bakeRequests: 100,
  })
  const api = `${receivers.url}/slack`
  const text = `${local}\nnotify:\n  - name: team\n    slack: { channel: C0DELIVERY, token-env: SLACK_TOKEN, api: ${api} }\n`
  await writeFile(join(service.dir, 'tuesday.yaml'), text)
  config = unwrap(loadConfig(text, 'tuesday.yaml'))
  await seed(bare)

  load = createLoad({
    cluster: cluster.reader,
    seed: 1,
    targets: regions.map((r) => ({
      namespace: `delivery-${r}`,
      workload: 'delivery-api',
      requestsPerSecond: 200,
    })),
  })
  pump = setInterval(async () => {
    await load.tick(1)
    for (const { name, labels, value } of load.samples())
      prometheus.append({ __name__: name, ...labels }, value)
  }, 300)
}

/** What runs today: the chart of the same commit with the old digest, and an Application a region. */
async function seed(bare: string): Promise<void> {
  const repo = gitRepo({
    exec: spawnExec,
    url: `file://${bare}`,
    branch: 'main',
    cacheDir: join(dir, 'seed'),
    author: { name: 'A', email: 'a@example.com' },
    env,
  })
  const digests = Object.fromEntries(config.workloads.map((w) => [w.name, old]))
  const files = regions.flatMap((region) =>
    [...environmentFolder(join(service.dir, config.gitops.chart), region, digests, configSha)].map(
      ([path, content]) => ({ path: `environments/${region}/${path}`, text: content }),
    ),
  )
  const snapshot = unwrap(await repo.read([], signal))
  unwrap(await repo.commit({ parent: snapshot.head, message: 'What runs today\n', files }, signal))
  for (const environment of ['staging', ...regions]) {
    cluster.store.create(requireKind('Application'), application(environment, bare))
  }
}

function application(name: string, bare: string) {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `delivery-${name}`, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: {
        repoURL: `file://${bare}`,
        targetRevision: 'main',
        path: `environments/${name}`,
        helm: { valueFiles: ['values.yaml', 'pins.yaml'] },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: `delivery-${name}` },
      ignoreDifferences: [
        {
          group: 'networking.istio.io',
          kind: 'VirtualService',
          jqPathExpressions: ['.spec.http[].route[].weight'],
        },
      ],
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['RespectIgnoreDifferences=true'],
      },
    },
  }
}

export async function tearDown(): Promise<void> {
  clearInterval(pump)
  await receivers?.close()
  await cluster?.close()
  await prometheus?.close()
  await rm(dir, { recursive: true, force: true, maxRetries: 3 })
}

/** Lets the train's clock jump; the world's goes on as it does. */
export function wait(ms: number): void {
  offset += ms
}

/** The first sync takes a moment; adopting before it is refused, and that is right. */
export async function adoptWhenReady(environment: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const result = await attempt('adopt', { environment, person: 'ada' })
    if (result.ok) return
    if (!['not-served', 'facts-missing'].includes(result.fault.reason)) unwrap(result)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`${environment} was never ready to be adopted`)
}

/** In place of the canary gate, which has tests of its own. */
export async function promoteFully(name: string): Promise<void> {
  const one = context({ mode: 'observe', environment: name })
  const observer = tick.observer(config, accessOf(one, true), systemClock())
  const [region, workload] = [config.environments[name], config.workloads[0]]
  if (region === undefined || workload === undefined) throw new Error(`no ${name}`)
  unwrap(await observer.promote(region, workload, fresh, signal))
}
