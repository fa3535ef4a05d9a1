import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bench,
  deliveryDeployment,
  deliveryRollout,
  deliveryRouting,
  fastBench,
} from '../../../testkit/cluster/testing.ts'
import type { ScaledClock } from '../../../testkit/http/index.ts'
import {
  connectKube,
  type Kube,
  paths,
  promote,
  promoteFull,
  proveServed,
  readWorkloads,
  until,
} from '../../cluster/index.ts'
import type { Config, Environment } from '../../config/index.ts'
import { type GitOpsRepo, gitRepo, initialPins, readPins, writePins } from '../../gitops/index.ts'
import { appendEvents, type NewEvent, type Pins, readLedger } from '../../ledger/index.ts'
import { type Clock, type CommitSha, type Digest, type Logger, ok, unwrap } from '../../release/index.ts'
import { spawnExec } from '../../system/index.ts'
import { type TickContext, tick } from '../../train/index.ts'
import type { RollbackContext, RollbackRequest } from '../index.ts'

export const regions = ['us', 'eu']
export const digestOf = (n: number) => `sha256:${String(n).repeat(64)}` as Digest
export const [baseline, release] = [digestOf(1), digestOf(2)]
export const configSha = 'c'.repeat(40) as CommitSha
const image = (digest: Digest) => `registry.example.com/acme/shop@${digest}`

export const environmentOf = (name: string): Environment => ({
  name,
  production: true,
  jurisdiction: 'us',
  timezone: 'UTC',
  runner: ['ubuntu-latest'],
  cluster: { context: name },
  namespace: `shop-${name}`,
  argocd: { namespace: 'argocd', application: `shop-${name}`, context: name },
  gitops: { path: `environments/${name}`, values: 'values.yaml', pins: `environments/${name}/pins.yaml` },
  prometheus: { url: 'http://127.0.0.1:9' },
  dashboards: [],
})

export const config: Config = {
  version: 1,
  service: 'shop',
  image: { repository: 'registry.example.com/acme/shop' },
  workloads: [
    { name: 'api', kind: 'Rollout', container: 'api' },
    { name: 'relay', kind: 'Deployment', container: 'relay' },
  ],
  gitops: { repository: 'acme/shop-gitops', branch: 'main', chart: 'charts/shop' },
  environments: Object.fromEntries(regions.map((name) => [name, environmentOf(name)])),
  train: {
    timezone: 'UTC',
    start: 'Tue',
    order: regions as unknown as Config['train']['order'],
    regionsPerDay: 1,
    spacingMs: 0,
    bakeMs: 0,
    bakeRequests: 0,
    factAgeMs: 600_000,
  },
  approvals: { required: 1, expiresMs: 3_600_000 },
  slos: [],
  canary: {
    holdsMs: { 5: 1, 25: 1, 50: 1 },
    metrics: [],
    margin: { ratio: 1.5, difference: 0.001 },
    falseAborts: 0.01,
  },
  contracts: {},
}

const gitEnv = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
}
/** Of the sped-up clock: half a minute, for a machine that is busy. */
const patience = 1_800_000
function clockOf(sim: ScaledClock): Clock {
  return {
    now: () => sim.now(),
    sleep: (ms, stop) =>
      new Promise((resolve, reject) => {
        stop.throwIfAborted()
        const cancel = sim.after(ms, resolve)
        stop.addEventListener('abort', () => {
          cancel()
          reject(stop.reason)
        })
      }),
  }
}

/** What is shipped: unless a test says so, the first release over the baseline. */
export const first = { id: 'r1', digest: release, before: baseline }
export const second = { id: 'r2', digest: digestOf(3), before: release }

export const pinsOf = (digest: Digest, follower = digest): Pins => ({
  configSha,
  workloads: { api: digest, relay: follower },
})

/** Two regions on the stand-ins with a train, GitOps repository and Argo CD that heals, in sped-up time. */
export async function openSite() {
  const signal = AbortSignal.timeout(240_000)
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const logger: Logger = { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() }
  async function git(...args: string[]): Promise<string> {
    const answer = await spawnExec('git', args, { env: gitEnv, timeoutMs: 30_000, signal })
    if (answer.code !== 0) throw new Error(answer.stderr)
    return answer.stdout.trim()
  }

  const dir = await mkdtemp(join(tmpdir(), 'rollback-'))
  const bare = join(dir, 'gitops.git')
  await git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  const tree = await git('-C', bare, 'hash-object', '-t', 'tree', '-w', '--stdin')
  await git(
    '-C',
    bare,
    'update-ref',
    'refs/heads/main',
    await git('-C', bare, 'commit-tree', tree, '-m', 'start'),
  )
  const author = { name: 'tuesday', email: 'tuesday@example.com' }
  const repo: GitOpsRepo = gitRepo({
    exec: spawnExec,
    url: `file://${bare}`,
    branch: 'main',
    cacheDir: join(dir, 'cache'),
    author,
    env: gitEnv,
  })
  const bench: Bench<ScaledClock> = await fastBench(60, {
    namespaces: regions.map((name) => `shop-${name}`),
    pollMs: 3_600_000,
    render: (files, { namespace }) => {
      const { digests } = unwrap(readPins(files.get('pins.yaml') ?? ''))
      const of = (name: string) => image(digests.get(name) ?? baseline)
      return [
        ...deliveryRouting(namespace, 'api'),
        deliveryRollout({ namespace, name: 'api', image: of('api') }),
        deliveryDeployment({ namespace, name: 'relay', image: of('relay') }),
      ]
    },
  })
  const clock: Clock = clockOf(bench.clock)
  const text = bench.cluster.kubeconfig(Object.fromEntries(regions.map((name) => [name, {}])))
  const kube: Kube = unwrap(await connectKube({ kubeconfig: { text }, context: 'us', clock }))
  const application = (region: string) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `shop-${region}`, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: `file://${bare}`, path: `environments/${region}`, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: `shop-${region}` },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['RespectIgnoreDifferences=true'],
      },
      ignoreDifferences: [
        {
          group: 'networking.istio.io',
          kind: 'VirtualService',
          jqPathExpressions: ['.spec.http[].route[].weight'],
        },
      ],
    },
  })

  const workloadsAt = (region: string) => ({ namespace: `shop-${region}`, workloads: config.workloads })
  const proved = async (region: string, digest: Digest) =>
    unwrap(await proveServed({ kube, clock, signal }, workloadsAt(region), digest, patience))

  /** Writes events as the train would have, with the pins that belong to them. */
  async function commit(
    events: readonly NewEvent[],
    pins: Readonly<Record<string, Pins>> = {},
  ): Promise<void> {
    const files = Object.keys(pins).map((region) => environmentOf(region).gitops.pins)
    const ledger = unwrap(await readLedger(repo, 'shop', files, signal))
    const changes = Object.entries(pins).map(([region, { configSha: sha, workloads }]) => {
      const path = environmentOf(region).gitops.pins
      const wanted = { configSha: sha, digests: new Map(Object.entries(workloads)) }
      const before = ledger.snapshot.files.get(path)
      return { path, text: before === undefined ? initialPins(wanted) : unwrap(writePins(before, wanted)) }
    })
    const author = { at: clock.now(), actor: 'ada', run: 'https://ci/1', clock: 'machine' } as const
    const outcome = unwrap(await appendEvents(repo, ledger, { events, author, files: changes }, signal))
    if (outcome.kind !== 'committed') throw new Error(outcome.kind)
  }

  const head = async () => unwrap(await readLedger(repo, 'shop', [], signal)).snapshot.head
  const state = async () => unwrap(await readLedger(repo, 'shop', [], signal)).state

  async function stagedRelease({ id, digest } = first): Promise<void> {
    const base = await head()
    await commit([
      {
        type: 'staged',
        region: 'staging',
        release: id,
        digest,
        configSha,
        sourceSha: configSha,
        kind: 'normal',
        author: 'bob',
        pins: pinsOf(digest),
        base,
      },
      { type: 'proposed', release: id, order: regions, planHash: 'a'.repeat(64), person: 'ada' },
    ])
  }

  /** The pin of the canaried workload, and the canary in its first pause. */
  async function canaryIn(region: string, { id, digest, before } = first): Promise<void> {
    const pins = pinsOf(digest, before)
    const inRegion = { region, release: id } as const
    await commit(
      [
        { type: 'started', ...inRegion, day: '2026-01-06' },
        { type: 'pinned', ...inRegion, group: 'lead', pins, base: await head() },
      ],
      { [region]: pins },
    )
    await refresh(region)
    const paused = await until({ clock, signal, withinMs: patience }, async () => {
      const [api] = unwrap(await readWorkloads(kube, workloadsAt(region), signal))
      return api?.state === 'paused' && api.desired === digest ? true : undefined
    })
    if (paused !== true) throw new Error(`${region} never paused`)
  }

  const refresh = (region: string) =>
    kube.patch(
      `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop-${region}`,
      { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
      { type: 'merge' },
      signal,
    )

  /** As the train writes it, without the clusters. */
  async function writtenAsVerified(region: string, id: string, digest: Digest): Promise<void> {
    const at = { region, release: id }
    const base = await head()
    const pins = pinsOf(digest)
    await commit(
      [
        { type: 'started', ...at, day: '2026-01-06' },
        { type: 'pinned', ...at, group: 'followers', pins, base },
        { type: 'live', ...at },
        { type: 'verified', ...at, requests: 1 },
      ],
      { [region]: pins },
    )
  }

  async function withoutSelfHeal(region: string): Promise<void> {
    const spec = { syncPolicy: { automated: { selfHeal: false } } }
    const path = paths.application('argocd', `shop-${region}`)
    unwrap(await kube.patch(path, { spec }, { type: 'merge' }, signal))
  }

  /** What a chart needs for a way back that is fast. */
  async function mend(region: string): Promise<void> {
    const spec = { rollbackWindow: { revisions: 3 }, strategy: { canary: { scaleDownDelaySeconds: 3600 } } }
    await withoutSelfHeal(region)
    const path = paths.rollout(`shop-${region}`, 'api')
    unwrap(await kube.patch(path, { spec }, { type: 'merge' }, signal))
  }

  async function shareOf(region: string, digest: Digest): Promise<number> {
    const [api] = unwrap(await readWorkloads(kube, workloadsAt(region), signal))
    return api?.served.find((each) => each.digest === digest)?.share ?? 0
  }

  async function verifiedIn(region: string, what = first): Promise<void> {
    const { id, digest } = what
    await canaryIn(region, what)
    const target = { namespace: `shop-${region}`, name: 'api', container: 'api' }
    unwrap(await promote({ kube, clock, signal }, target, { digest, stepIndex: 1, withinMs: patience }))
    unwrap(
      await promoteFull({ kube, clock, signal }, target, {
        digest,
        observedWithinMs: patience,
        servedWithinMs: patience,
      }),
    )
    const inRegion = { region, release: id } as const
    await commit([{ type: 'canary-passed', ...inRegion, why: 'good' }])
    await commit(
      [{ type: 'pinned', ...inRegion, group: 'followers', pins: pinsOf(digest), base: await head() }],
      {
        [region]: pinsOf(digest),
      },
    )
    await refresh(region)
    await proved(region, digest)
    await commit([
      { type: 'live', ...inRegion },
      { type: 'verified', ...inRegion, requests: 1000 },
    ])
  }

  function context(over: Partial<RollbackContext> = {}): RollbackContext {
    const ticking: TickContext = {
      config,
      repo,
      clock,
      author: { actor: 'ada', run: 'https://ci/2', clock: 'machine' },
      configFiles: async () => ok([]),
      signal,
    }
    return {
      config,
      journal: (decide) => tick.commitDecision(ticking, decide),
      kube: async () => ok(kube),
      isAncestor: (a, b, stop) => repo.isAncestor(a, b, stop),
      clock,
      logger,
      signal,
      bounds: { observedMs: patience, servedMs: patience },
      ...over,
    }
  }

  const request = (over: Partial<RollbackRequest> = {}): RollbackRequest => ({
    regions: 'all',
    person: 'ada',
    reason: 'rollback-requested',
    why: 'checkout fails',
    fast: false,
    ...over,
  })
  await commit(
    regions.map((region) => ({
      type: 'adopted',
      region,
      pins: pinsOf(baseline),
      digest: baseline,
      configSha,
      person: 'ada',
    })),
    Object.fromEntries(regions.map((region) => [region, pinsOf(baseline)])),
  )
  for (const region of regions) bench.apply(application(region))
  for (const region of regions) await proved(region, baseline)

  const close = async () => {
    await bench.close()
    await rm(dir, { recursive: true, force: true })
  }
  return {
    signal,
    lines,
    logger,
    bare,
    bench,
    clock,
    kube,
    repo,
    proved,
    commit,
    head,
    state,
    stagedRelease,
    canaryIn,
    verifiedIn,
    context,
    request,
    close,
    application,
    writtenAsVerified,
    shareOf,
    withoutSelfHeal,
    mend,
    refresh,
  }
}

export type TestSite = Awaited<ReturnType<typeof openSite>>
