import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Bench,
  deliveryDeployment,
  deliveryRollout,
  deliveryRouting,
  fastBench,
} from '../../testkit/cluster/testing.ts'
import type { ScaledClock } from '../../testkit/http/index.ts'
import {
  connectKube,
  type Kube,
  promote,
  promoteFull,
  proveServed,
  readWorkloads,
  until,
} from '../cluster/index.ts'
import type { Config, Environment } from '../config/index.ts'
import { type GitOpsRepo, gitRepo, initialPins, readPins, writePins } from '../gitops/index.ts'
import { appendEvents, type NewEvent, type Pins, readLedger, regionOf } from '../ledger/index.ts'
import { type Clock, type CommitSha, type Digest, type Logger, ok, unwrap } from '../release/index.ts'
import { spawnExec } from '../system/index.ts'
import { type TickContext, tick } from '../train/index.ts'
import { type RollbackContext, type RollbackRequest, rollBack } from './index.ts'

const regions = ['us', 'eu']
const digestOf = (n: number) => `sha256:${String(n).repeat(64)}` as Digest
const [baseline, release] = [digestOf(1), digestOf(2)]
const configSha = 'c'.repeat(40) as CommitSha
const image = (digest: Digest) => `registry.example.com/acme/shop@${digest}`

const environmentOf = (name: string): Environment => ({
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

const config: Config = {
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
const signal = AbortSignal.timeout(240_000)
/** Of the sped-up clock: half a minute, for a machine that is busy. */
const patience = 1_800_000
const lines: string[] = []
const say = (line: string) => void lines.push(line)
const logger: Logger = { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() }

let dir: string
let bare: string
let bench: Bench<ScaledClock>
let clock: Clock
let kube: Kube
let repo: GitOpsRepo

async function git(...args: string[]): Promise<string> {
  const answer = await spawnExec('git', args, { env: gitEnv, timeoutMs: 30_000, signal })
  if (answer.code !== 0) throw new Error(answer.stderr)
  return answer.stdout.trim()
}

beforeEach(async () => {
  lines.length = 0
  dir = await mkdtemp(join(tmpdir(), 'rollback-'))
  bare = join(dir, 'gitops.git')
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
  repo = gitRepo({
    exec: spawnExec,
    url: `file://${bare}`,
    branch: 'main',
    cacheDir: join(dir, 'cache'),
    author,
    env: gitEnv,
  })
  bench = await fastBench(60, {
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
  clock = clockOf(bench.clock)
  const text = bench.cluster.kubeconfig(Object.fromEntries(regions.map((name) => [name, {}])))
  kube = unwrap(await connectKube({ kubeconfig: { text }, context: 'us', clock }))
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
})
afterEach(async () => {
  await bench.close()
  await rm(dir, { recursive: true, force: true })
})

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

const pinsOf = (digest: Digest, follower = digest): Pins => ({
  configSha,
  workloads: { api: digest, relay: follower },
})
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
async function commit(events: readonly NewEvent[], pins: Readonly<Record<string, Pins>> = {}): Promise<void> {
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
  expect(outcome.kind).toBe('committed')
}

const head = async () => unwrap(await readLedger(repo, 'shop', [], signal)).snapshot.head
const state = async () => unwrap(await readLedger(repo, 'shop', [], signal)).state

async function stagedRelease(): Promise<void> {
  const base = await head()
  await commit([
    {
      type: 'staged',
      region: 'staging',
      release: 'r1',
      digest: release,
      configSha,
      sourceSha: configSha,
      kind: 'normal',
      author: 'bob',
      pins: pinsOf(release),
      base,
    },
    { type: 'proposed', release: 'r1', order: regions, planHash: 'a'.repeat(64), person: 'ada' },
  ])
}

/** The pin of the canaried workload, and the canary in its first pause. */
async function canaryIn(region: string): Promise<void> {
  const pins = pinsOf(release, baseline)
  const inRegion = { region, release: 'r1' } as const
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
    return api?.state === 'paused' && api.desired === release ? true : undefined
  })
  expect(paused).toBe(true)
}

const refresh = (region: string) =>
  kube.patch(
    `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop-${region}`,
    { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    { type: 'merge' },
    signal,
  )

async function verifiedIn(region: string): Promise<void> {
  await canaryIn(region)
  const target = { namespace: `shop-${region}`, name: 'api', container: 'api' }
  unwrap(
    await promote({ kube, clock, signal }, target, { digest: release, stepIndex: 1, withinMs: patience }),
  )
  unwrap(
    await promoteFull({ kube, clock, signal }, target, {
      digest: release,
      observedWithinMs: patience,
      servedWithinMs: patience,
    }),
  )
  const inRegion = { region, release: 'r1' } as const
  await commit([{ type: 'canary-passed', ...inRegion, why: 'good' }])
  await commit(
    [{ type: 'pinned', ...inRegion, group: 'followers', pins: pinsOf(release), base: await head() }],
    {
      [region]: pinsOf(release),
    },
  )
  await refresh(region)
  await proved(region, release)
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

describe('a rollback', () => {
  it.each([false, true])(
    'of a finished release brings every region back in reverse order (fast: %s)',
    async (fast) => {
      await stagedRelease()
      for (const region of regions) await verifiedIn(region)
      const outcome = unwrap(await rollBack(context(), request({ fast })))
      expect(outcome, lines.join('\n')).toMatchObject({ verdict: 'pass', reason: 'rolled-back' })
      expect(outcome.regions.map((each) => each.region)).toEqual(['eu', 'us'])
      for (const region of regions) await proved(region, baseline)
      const ledger = await state()
      expect(ledger.vetoed.map((each) => each.digest)).toEqual([release])
      for (const region of regions) {
        expect(regionOf(ledger, region)).toMatchObject({ phase: 'steady', pins: pinsOf(baseline) })
      }
      // Twice is once, with and without the digest.
      const before = await head()
      expect(unwrap(await rollBack(context(), request()))).toMatchObject({
        verdict: 'pass',
        reason: 'nothing-to-do',
      })
      expect(unwrap(await rollBack(context(), request({ digest: release })))).toMatchObject({
        reason: 'nothing-to-do',
      })
      expect(await head()).toBe(before)
    },
  )

  it('of a canary takes it out of traffic before anything is written, and the other workloads never ran it', async () => {
    await stagedRelease()
    await canaryIn('us')
    const outcome = unwrap(await rollBack(context(), request()))
    expect(outcome, lines.join('\n')).toMatchObject({
      verdict: 'pass',
      regions: [{ region: 'us', ok: true }],
    })
    expect(outcome.regions[0]?.abortSeconds).toBeGreaterThan(0)
    await proved('us', baseline)
    const [abortAt] = bench.cluster.requests.flatMap((each, index) =>
      each.method === 'PATCH' && each.url.endsWith('/rollouts/api/status') ? [index] : [],
    )
    const refreshes = bench.cluster.requests.flatMap((each, index) =>
      each.method === 'PATCH' && each.url.includes('/applications/') ? [index] : [],
    )
    expect(abortAt).toBeLessThan(refreshes.at(-1) ?? 0)
  })

  it('goes on after it died between any two of its steps', async () => {
    await stagedRelease()
    for (const region of regions) await verifiedIn(region)
    const died = new Error('killed')
    for (let allowed = 1; allowed < 8; allowed++) {
      let left = allowed
      const process = new AbortController()
      const dying: RollbackContext['journal'] = async (decide) => {
        if (left-- <= 0) throw died
        return context().journal(decide)
      }
      const run = rollBack(context({ journal: dying, signal: process.signal }), request())
      const ended = await run.catch((error: unknown) => error)
      process.abort(died)
      if (ended !== died) break
    }
    const outcome = unwrap(await rollBack(context(), request()))
    expect(outcome.verdict).toBe('pass')
    for (const region of regions) await proved(region, baseline)
    const ledger = unwrap(await readLedger(repo, 'shop', [], signal))
    for (const type of ['halted', 'vetoed'] as const) {
      expect(ledger.events.filter((each) => each.type === type)).toHaveLength(1)
    }
    expect(ledger.events.filter((each) => each.type === 'rolled-back').map((each) => each.region)).toEqual([
      'eu',
      'us',
    ])
  })

  it('leaves a region alone whose pins somebody else changed, and brings the others back', async () => {
    await stagedRelease()
    for (const region of regions) await verifiedIn(region)
    await commit([], { us: pinsOf(digestOf(3)) })
    const outcome = unwrap(await rollBack(context(), request()))
    expect(outcome).toMatchObject({ verdict: 'fail', reason: 'pin-drift' })
    expect(outcome.regions).toMatchObject([
      { region: 'eu', ok: true },
      { region: 'us', ok: false },
    ])
    await proved('eu', baseline)
    const path = environmentOf('us').gitops.pins
    expect(unwrap(await repo.read([path], signal)).files.get(path)).toContain(digestOf(3))
  })

  it('says which region is not proved, and a later run ends it', async () => {
    await stagedRelease()
    for (const region of regions) await verifiedIn(region)
    const fault = { blame: 'world', reason: 'cluster-unreachable', cause: 'no route', next: 'later' } as const
    const away: RollbackContext['kube'] = async (name) => (name === 'eu' ? { ok: false, fault } : ok(kube))
    const outcome = unwrap(await rollBack(context({ kube: away }), request()))
    expect(outcome).toMatchObject({ verdict: 'unknown', reason: 'rollback-not-proved' })
    expect(outcome.why).toContain('eu: no route')
    await proved('us', baseline)
    expect(unwrap(await rollBack(context(), request()))).toMatchObject({
      verdict: 'pass',
      regions: [{ region: 'eu' }],
    })
    await proved('eu', baseline)
  })

  it('refuses a digest that the ledger does not know', async () => {
    const answer = await rollBack(context(), request({ digest: digestOf(7) }))
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'nothing-to-roll-back' } })
  })
})
