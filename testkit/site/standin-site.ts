import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Config, loadConfig } from '../../src/config/index.ts'
import { type GitOpsRepo, gitRepo, tokenEnv } from '../../src/gitops/index.ts'
import { unwrap } from '../../src/release/index.ts'
import { spawnExec } from '../../src/system/index.ts'
import type { KubeObject } from '../cluster/index.ts'
import { type Place, passed, step, trainTime } from '../workflows/index.ts'
import { adopted } from './adoption.ts'
import { seedGitOps } from './gitops-repository.ts'
import { imageLayout } from './image-layout.ts'
import { localConfig } from './local-config.ts'
import { localValues } from './local-values.ts'
import { type ServiceRepository, serviceRepository } from './service-repository.ts'
import { type StandInParts, standInParts } from './standin-parts.ts'

/** The example service at home on the stand-ins: built, pinned, synced and adopted in every environment. */
export interface StandInSite extends Place {
  readonly service: ServiceRepository
  readonly config: Config
  readonly parts: StandInParts
  /** The GitOps repository on disk, and a reader of it. */
  readonly gitDir: string
  readonly repo: GitOpsRepo
  readonly baseline: { readonly commit: string; readonly digest: string }
  /** Folder with the image of a commit, which stands in for a builder, and its digest. */
  layoutOf(commit: string): Promise<{ readonly layout: string; readonly digest: string }>
  close(): Promise<void>
}

export interface StandInSiteOptions {
  /** A folder of its own; the caller removes it. */
  readonly dir: string
  readonly say: (line: string) => void
  readonly onLine: NonNullable<Place['onLine']>
  readonly signal: AbortSignal
}

const example = join(import.meta.dirname, '../../examples/delivery-service')
const databaseEnv = (environment: string) => `DATABASE_URL_${environment.toUpperCase().replaceAll('-', '_')}`
/** A Tuesday, 9:00 in New York. */
const start = new Date('2026-11-17T14:00:00.000Z')
const token = 'token-of-the-job'
const gitops = { owner: 'acme', name: 'delivery-gitops' }
/** Twice in a block, so that a late scrape leaves no block without a sample. */
const scrapeMs = 500
const requestsPerSecond = (environment: string) => (environment === 'staging' ? 50 : 20_000)

export async function standInSite(options: StandInSiteOptions): Promise<StandInSite> {
  const namespaces = Object.values(exampleConfig().environments).map(({ namespace }) => namespace)
  const parts = await standInParts({ gitops, token, namespaces, scrapeMs, seed: 1 })
  try {
    return await furnish(parts, options)
  } catch (error) {
    await parts.close()
    throw error
  }
}

async function furnish(parts: StandInParts, options: StandInSiteOptions): Promise<StandInSite> {
  const { dir, say, onLine, signal } = options
  const gitopsUrl = parts.github.cloneUrl(gitops.owner, gitops.name)
  const service = serviceRepository(example, join(dir, 'service'), () => start)
  const text = localConfig(readFileSync(join(example, 'tuesday.yaml'), 'utf8'), {
    registryHost: parts.registry.host,
    gitopsUrl,
    prometheusUrl: parts.prometheus.url,
    databaseEnv: parts.postgres === undefined ? undefined : databaseEnv,
    // Seconds for minutes: requests come fast enough here. But evidence is counted in whole blocks, of which the gate
    // needs two to call a canary bad.
    holds: { 5: '2s', 25: '500ms', 50: '500ms' },
    spacing: '12h',
    bake: '5m',
    bakeRequests: 1000,
  })
  const config = unwrap(loadConfig(text, 'tuesday.yaml'))
  const files = { 'tuesday.yaml': text, ...localValues(example, config) }
  const commit = service.commit('delivery-service as it runs today', files)
  const environments = Object.values(config.environments)
  const kubeconfig = join(dir, 'kubeconfig')
  const contexts = environments.map(({ cluster, namespace }) => [cluster.context, { namespace }] as const)
  writeFileSync(kubeconfig, parts.cluster.kubeconfig(Object.fromEntries(contexts)), { mode: 0o600 })

  const place: Place = {
    workspace: service.dir,
    env: await environment(parts, config, dir),
    gitopsUrl,
    kubeconfig,
    regions: config.train.order,
    staging: 'staging',
    scrapeInterval: '1s',
    time: trainTime(start),
    migrates: config.migrations !== undefined,
    settled: () => parts.hook.settled(signal),
    ...{ say, onLine, signal },
  }
  const layoutOf = (of: string) => imageLayout(service, of, dir, start)
  const { layout } = await layoutOf(commit)
  const built = passed('build', await step(place, 'build-image', { commit, layout }))
  const digest = built.outputs.digest ?? ''
  const repo = reader(gitopsUrl, parts, join(dir, 'gitops'))
  await seedGitOps(repo, config, { serviceDir: service.dir, commit, digest })
  parts.load.setBehaviour('*', { errorRate: 0.0002, latencySeconds: 0.02 })
  for (const { name, namespace } of environments) {
    const [workload] = config.workloads
    if (workload === undefined) throw new Error('the example has no workload')
    parts.load.setTarget({ namespace, workload: workload.name, requestsPerSecond: requestsPerSecond(name) })
  }
  await applyApplications(parts)
  say(`${digest.slice(0, 19)} runs in ${environments.length} environments, as it does before Tuesday comes`)
  await parts.hook.settled(signal)
  await parts.prometheus.scrapeNow()
  // Each with its own commit: whom another one was faster than decides anew.
  await Promise.all(place.regions.map((region) => adopted(place, region, { tries: 40, everyMs: 250 })))
  say(`${place.regions.join(', ')} adopted: what they run is what a rollback would go back to`)
  return {
    ...place,
    ...{ service, config, parts, repo, layoutOf },
    gitDir: parts.github.gitDir(gitops.owner, gitops.name),
    baseline: { commit, digest },
    close: () => parts.close(),
  }
}

function exampleConfig(): Config {
  return unwrap(loadConfig(readFileSync(join(example, 'tuesday.yaml'), 'utf8'), 'tuesday.yaml'))
}

/** What the job of a runner has in its environment, and nothing of the machine's own. */
async function environment(
  parts: StandInParts,
  config: Config,
  dir: string,
): Promise<Readonly<Record<string, string>>> {
  const home = join(dir, 'home')
  mkdirSync(home)
  const urls: Record<string, string> = {}
  for (const name of Object.keys(config.environments)) {
    const url = await parts.postgres?.database(`delivery_${name.replaceAll('-', '_')}`)
    if (url !== undefined) urls[databaseEnv(name)] = url
  }
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TMPDIR: dir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GITHUB_SERVER_URL: parts.github.url,
    GITHUB_API_URL: parts.github.url,
    GITHUB_GRAPHQL_URL: parts.github.graphqlUrl,
    // A demo starts the same bundles some two hundred times.
    NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
    ...urls,
  }
}

function reader(url: string, parts: StandInParts, cacheDir: string): GitOpsRepo {
  const env = { PATH: process.env.PATH ?? '', HOME: cacheDir, ...tokenEnv(url, parts.github.token) }
  const author = { name: 'platform', email: 'platform@example.com' }
  return gitRepo({ exec: spawnExec, url, branch: 'main', cacheDir, author, env })
}

/** The Applications that the example itself brings along. */
async function applyApplications({ cluster }: StandInParts): Promise<void> {
  const folder = join(example, 'argocd')
  const objects = readdirSync(folder).map(
    (file) => parse(readFileSync(join(folder, file), 'utf8')) as KubeObject,
  )
  for (const object of objects.filter(({ kind }) => kind === 'Application')) {
    const path = `${cluster.url}/apis/argoproj.io/v1alpha1/namespaces/argocd/applications`
    const response = await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(object),
    })
    if (!response.ok) throw new Error(`Application ${object.metadata.name}: ${await response.text()}`)
  }
}
