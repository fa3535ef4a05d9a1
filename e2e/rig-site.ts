import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushBaseImage } from '../rig/base-image.ts'
import type { GitRemote, Rig } from '../rig/index.ts'
import { type Config, loadConfig } from '../src/config/index.ts'
import { type GitOpsRepo, gitRepo } from '../src/gitops/index.ts'
import { unwrap } from '../src/release/index.ts'
import { spawnExec } from '../src/system/index.ts'
import {
  adopted,
  localConfig,
  localValues,
  type ServiceRepository,
  seedGitOps,
  serviceRepository,
} from '../testkit/site/index.ts'
import { type Place, passed, step, trainTime } from '../testkit/workflows/index.ts'

/** The example service at home on the rig: built, pinned, synced and adopted in every environment. */
export interface RigSite extends Place {
  readonly service: ServiceRepository
  readonly config: Config
  readonly gitops: GitRemote
  readonly baseline: { readonly commit: string; readonly digest: string }
  /** Inputs of build-image beside the commit. */
  readonly build: Readonly<Record<string, string>>
  /** A reader of the GitOps branch with a clone of its own. */
  reader(): GitOpsRepo
  close(): void
}

const example = join(import.meta.dirname, '../examples/delivery-service')
const databaseEnv = (environment: string) => `DATABASE_URL_${environment.toUpperCase().replaceAll('-', '_')}`
/** A Tuesday, 10:00 in New York. */
const start = new Date('2026-11-17T15:00:00.000Z')

export async function rigSite(rig: Rig, say: (line: string) => void): Promise<RigSite> {
  const dir = mkdtempSync(join(tmpdir(), 'site-'))
  const service = serviceRepository(example, join(dir, 'service'), () => start)
  const gitops = await rig.gitRemote(`site-${Date.now()}/delivery-gitops`)
  const text = localConfig(readFileSync(join(example, 'tuesday.yaml'), 'utf8'), {
    registryHost: rig.registryHost,
    gitopsUrl: gitops.httpUrl,
    prometheusUrl: rig.prometheusUrl,
    databaseEnv,
    // Seconds for minutes: requests come fast enough here that the evidence is there by then.
    holds: { 5: '5s', 25: '3s', 50: '3s' },
    spacing: '16h',
    bake: '5s',
    bakeRequests: 1000,
  })
  const config = unwrap(loadConfig(text, 'tuesday.yaml'))
  const commit = service.commit('delivery-service as it runs today', {
    'tuesday.yaml': text,
    ...localValues(example, config),
  })
  const environments = Object.values(config.environments)
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    CONTAINERS_REGISTRIES_CONF: plainHttp(rig.registryHost, join(dir, 'registries.conf')),
  }
  for (const { name } of environments)
    env[databaseEnv(name)] = await rig.database(`site_${name.replaceAll('-', '_')}`)

  const place: Place = {
    workspace: service.dir,
    env,
    gitopsUrl: gitops.httpUrl,
    kubeconfig: await rig.kubeconfigFor('tuesday'),
    regions: config.train.order,
    staging: 'staging',
    scrapeInterval: '1s',
    time: trainTime(start),
    say,
  }
  const build = { builder: 'buildah', 'build-args': `NODE_IMAGE=${pushBaseImage(rig.registryHost)}` }
  const digest = passed('build', await step(place, 'build-image', { commit, ...build })).outputs.digest ?? ''
  let readers = 0
  const reader = () => openBranch(gitops, join(dir, `reader-${readers++}`))
  emptyBranch(gitops)
  await seedGitOps(reader(), config, { serviceDir: service.dir, commit, digest })
  for (const { name, namespace, argocd, gitops: at } of environments) {
    await cleared(rig, namespace, argocd.application)
    await rig.application({
      name: argocd.application,
      namespace,
      repoUrl: gitops.fileUrl,
      path: at.path,
      valueFiles: ['values.yaml', 'pins.yaml'],
    })
    await rig.load.setTarget({
      namespace,
      workload: 'delivery-api',
      requestsPerSecond: name === 'staging' ? 50 : 5000,
    })
  }
  say(`baseline ${digest} is on its way to ${environments.length} environments`)
  for (const region of place.regions) await adopted(place, region, { tries: 60, everyMs: 1000 })
  return {
    ...place,
    service,
    config,
    gitops,
    baseline: { commit, digest },
    build,
    reader,
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** What an earlier test of the same rig left: its Rollout would take the baseline for a canary. */
async function cleared(rig: Rig, namespace: string, application: string): Promise<void> {
  const argo = '/apis/argoproj.io/v1alpha1/namespaces'
  await rig.kube.delete(`${argo}/${rig.argocdNamespace}/applications/${application}`)
  const rollout = `${argo}/${namespace}/rollouts/delivery-api`
  await rig.kube.delete(rollout)
  await rig.waitFor(`${rollout} to be gone`, 30, async () =>
    (await rig.kube.get(rollout)) === undefined ? true : undefined,
  )
}

/** The base image is pulled by the builder itself, which takes a registry without TLS only from this file. */
function plainHttp(registry: string, file: string): string {
  writeFileSync(file, `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`)
  return file
}

/** The branch as a platform team makes it before anything else. */
function emptyBranch({ path }: GitRemote): void {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', ['-C', path, ...args], { input, encoding: 'utf8' }).trim()
  const identity = ['-c', 'user.name=platform', '-c', 'user.email=platform@example.com']
  git([
    'update-ref',
    'refs/heads/main',
    git([...identity, 'commit-tree', git(['mktree'], ''), '-m', 'empty']),
  ])
}

function openBranch({ httpUrl: url }: GitRemote, cacheDir: string): GitOpsRepo {
  const author = { name: 'platform', email: 'platform@example.com' }
  const env = { PATH: process.env.PATH ?? '', HOME: cacheDir }
  return gitRepo({ exec: spawnExec, url, branch: 'main', cacheDir, author, env })
}
