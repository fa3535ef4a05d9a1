import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GitOpsRepo, gitRepo, initialPins } from '../../gitops/index.ts'
import { readLedger } from '../../ledger/index.ts'
import { type CommitSha, type Digest, ok, type RegionFacts, type Result } from '../../release/index.ts'
import { spawnExec } from '../../system/index.ts'
import type { ClusterPort, TickContext } from '../tick.ts'
import * as tick from '../tick.ts'
import { adoptedWorld, configOf, digestOf, factsOf, shaOf } from './world.ts'

/** For tests: two regions and staging whose clusters are played, over a real Git repository. */

export const signal = new AbortController().signal
const gitEnv = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
}
export const config = configOf(['us', 'eu'], { train: { ...configOf(['us', 'eu']).train, bakeMs: 0 } })
const [workloadOne] = config.workloads.map((w) => w.name)

let dir: string
let bare: string
/** What a test turns. */
export const site = {
  now: new Date(0),
  /** False: a Rollout of staging waits at its first pause, as the chart says. */
  stagingPromotes: true,
  /** Environments that were promoted past their pauses. */
  promotions: [] as string[],
}
let folders = 0
/** One clone for calls that come one after the other; calls at the same moment get clones of their own. */
let shared: GitOpsRepo
/** What the clusters do: by region, the pins they have carried and whether the canary has been promoted. */
let clusters: Record<
  string,
  { revision: CommitSha; desired: Record<string, Digest>; served: Record<string, Digest> }
>

async function git(...args: string[]): Promise<string> {
  const answer = await spawnExec('git', ['-C', dir, ...args], { env: gitEnv, timeoutMs: 30_000, signal })
  if (answer.code !== 0) throw new Error(answer.stderr)
  return answer.stdout.trim()
}

/** Git in the repository of the server, past the code under test. */
export const inBare = (...args: string[]) => git('-C', bare, ...args)

export function repo(): GitOpsRepo {
  const cacheDir = join(dir, `cache-${folders++}`)
  const author = { name: 'tuesday', email: 'tuesday@example.com' }
  return gitRepo({ exec: spawnExec, url: `file://${bare}`, branch: 'main', cacheDir, author, env: gitEnv })
}

/** Chart and values of a commit, as the copy from a service repository would give them. */
const configFiles: TickContext['configFiles'] = async (environment, commit) =>
  ok([{ path: `${environment.gitops.path}/values.yaml`, text: `from: ${commit}\n` }])

export function context(over: Partial<TickContext> = {}): TickContext {
  return {
    config,
    repo: shared,
    clock: { now: () => site.now, sleep: async () => {} },
    author: { actor: 'ada', run: 'https://ci/1', clock: 'machine' },
    configFiles,
    signal,
    ...over,
  }
}

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.reason}: ${result.fault.cause}`)
  return result.value
}

export const ledger = async () => value(await readLedger(shared, config.service, [], signal))
export const commits = async () => Number(await inBare('rev-list', '--count', 'main'))
export const file = (path: string) => inBare('show', `main:${path}`)

/** Argo CD carries the head: a Rollout that is pinned to something new keeps serving the old until promoted. */
export async function sync(region: string, promoted = true): Promise<void> {
  const revision = (await inBare('rev-parse', 'main')) as CommitSha
  const pins = (await file(`environments/${region}/pins.yaml`)).matchAll(
    /(\w+):\n\s+image:\s*\n?\s*\{?\s*digest: "?(sha256:\w+)/g,
  )
  const desired = Object.fromEntries([...pins].map(([, name = '', digest = '']) => [name, digest as Digest]))
  const served = { ...desired }
  const before = clusters[region]?.served[workloadOne ?? '']
  if (!promoted && before !== undefined && workloadOne !== undefined) served[workloadOne] = before
  clusters[region] = { revision, desired, served }
}

function observe(name: string): RegionFacts {
  const cluster = clusters[name]
  const base = factsOf(adoptedWorld(configOf([name]), site.now), configOf([name])).regions.get(name)?.facts
  if (base === undefined || cluster === undefined) throw new Error(`no ${name}`)
  const workloads = (base.workloads ?? []).map((w) => {
    const digest = cluster.served[w.name] ?? digestOf(0)
    const desired = cluster.desired[w.name] ?? digestOf(0)
    const state = digest === desired ? ('healthy' as const) : ('paused' as const)
    return { ...w, desired, served: [{ digest, share: 1 }], state, why: state }
  })
  const application = {
    ...base.application,
    revision: cluster.revision,
    synced: true,
    operation: 'succeeded' as const,
  }
  const traffic = {
    digest: cluster.served[workloadOne ?? ''] ?? digestOf(0),
    since: site.now.toISOString(),
    requests: 9_999,
  }
  return { ...base, workloads, application: { ...application, fresh: true, why: 'Synced' }, traffic }
}

export const port: ClusterPort = {
  observe: async (environment) => observe(environment.name),
  refresh: async (environment) => {
    await sync(environment.name, site.stagingPromotes)
    return ok(undefined)
  },
  promote: async (environment) => {
    site.promotions.push(environment.name)
    await sync(environment.name)
    return ok(undefined)
  },
}

export const facts = () => new Map(['us', 'eu'].map((r) => [r, observe(r)]))
export const nextStep = async () => value(await tick.next(context(), { regions: facts() }))

export async function setUp(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'tuesday-tick-'))
  bare = join(dir, 'gitops.git')
  site.now = new Date('2026-11-17T10:00:00.000Z')
  site.stagingPromotes = true
  site.promotions = []
  clusters = { staging: { revision: shaOf(0), desired: {}, served: { [workloadOne ?? '']: digestOf(8) } } }
  await git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  await git('init', '--quiet', '--initial-branch=main', 'work')
  await git('-C', 'work', 'commit', '--quiet', '--allow-empty', '-m', 'Start')
  await git('-C', 'work', 'push', '--quiet', bare, 'main')
  const files = ['us', 'eu'].map((region) => ({
    path: `environments/${region}/pins.yaml`,
    text: initialPins({
      configSha: shaOf(9),
      digests: new Map(config.workloads.map((w) => [w.name, digestOf(9)])),
    }),
  }))
  shared = repo()
  const start = value(await shared.read([], signal))
  value(await shared.commit({ parent: start.head, message: 'Pins of today\n', files }, signal))
  for (const region of ['us', 'eu']) await sync(region)
}

export const tearDown = () => rm(dir, { recursive: true, force: true, maxRetries: 3 })

export const release = {
  digest: digestOf(1),
  configSha: shaOf(1),
  sourceSha: shaOf(1),
  author: 'ada',
  waitMs: 0,
}

export async function approved(): Promise<void> {
  for (const region of ['us', 'eu']) value(await tick.adopt(context(), port, { region, person: 'ada' }))
  value(await tick.stage(context(), port, { ...release, environment: 'staging' }))
  value(await tick.propose(context(), { person: 'ada' }))
  value(await tick.approve(context(), { person: 'grace' }))
}

export const push = async (path: string, change: (text: string) => string) => {
  const read = value(await shared.read([path], signal))
  const files = [{ path, text: change(read.files.get(path) ?? '') }]
  value(await shared.commit({ parent: read.head, message: 'By hand\n', files }, signal))
}
