import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitRemote, Rig } from '../rig/index.ts'
import { type Config, loadConfig } from '../src/config/index.ts'
import { type GitOpsRepo, gitRepo } from '../src/gitops/index.ts'
import { type Ledger, readLedger } from '../src/ledger/index.ts'
import { type Digest, unwrap } from '../src/release/index.ts'
import { spawnExec } from '../src/system/index.ts'
import {
  adopted,
  localConfig,
  localValues,
  type ServiceRepository,
  seedGitOps,
  serviceRepository,
} from '../testkit/site/index.ts'
import { type Place, trainTime } from '../testkit/workflows/index.ts'

/**
 * The example at home on the rig in seconds, for tests whose subject begins when a release is on its way already:
 * no builder and no databases. Digests are made up, since pods of the rig pull nothing.
 */
export interface BareSite extends Place {
  readonly rig: Rig
  readonly service: ServiceRepository
  readonly config: Config
  readonly gitops: GitRemote
  readonly baseline: { readonly commit: string; readonly digest: Digest }
  /** A reader with a clone of its own. */
  reader(): GitOpsRepo
  /** Read into a new clone, and verified. */
  ledger(): Promise<Ledger>
  close(): void
}

const example = join(import.meta.dirname, '../examples/delivery-service')
/** A Tuesday, 10:00 in New York. */
const start = new Date('2026-11-17T15:00:00.000Z')

/** A train starts on this day, and an approval does not last until the next. */
export function nextTuesday(now: Date): Date {
  const weekMs = 7 * 86_400_000
  const weeks = Math.ceil((now.getTime() - start.getTime()) / weekMs)
  return new Date(start.getTime() + weeks * weekMs)
}

export const madeUp = (name: string): Digest =>
  `sha256:${createHash('sha256').update(name).digest('hex')}` as Digest

export async function bareSite(rig: Rig, say: (line: string) => void): Promise<BareSite> {
  const dir = mkdtempSync(join(tmpdir(), 'bare-site-'))
  const service = serviceRepository(example, join(dir, 'service'), () => start)
  const gitops = await rig.gitRemote(`bare-${Date.now()}/delivery-gitops`)
  const text = localConfig(readFileSync(join(example, 'tuesday.yaml'), 'utf8'), {
    registryHost: rig.registryHost,
    gitopsUrl: gitops.httpUrl,
    prometheusUrl: rig.prometheusUrl,
    databaseEnv: undefined,
    holds: { 5: '1s', 25: '1s', 50: '1s' },
    spacing: '16h',
    bake: '1s',
    bakeRequests: 1,
  })
  const config = unwrap(loadConfig(text, 'tuesday.yaml'))
  const commit = service.commit('delivery-service as it runs today', {
    'tuesday.yaml': text,
    ...localValues(example, config),
  })
  const digest = madeUp('baseline')
  const env = { PATH: process.env.PATH ?? '', HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null' }
  let readers = 0
  const reader = (): GitOpsRepo => {
    const cacheDir = join(dir, `reader-${readers++}`)
    const author = { name: 'platform', email: 'platform@example.com' }
    return gitRepo({ exec: spawnExec, url: gitops.httpUrl, branch: 'main', cacheDir, author, env })
  }
  rootCommit(gitops.path)
  await seedGitOps(reader(), config, { serviceDir: service.dir, commit, digest })
  for (const { namespace, argocd, gitops: at } of Object.values(config.environments)) {
    await cleared(rig, namespace, argocd.application)
    await rig.application({
      name: argocd.application,
      namespace,
      repoUrl: gitops.fileUrl,
      path: at.path,
      valueFiles: ['values.yaml', 'pins.yaml'],
    })
    await rig.load.setTarget({ namespace, workload: 'delivery-api', requestsPerSecond: 200 })
  }
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
  await Promise.all(place.regions.map((region) => adopted(place, region, { tries: 60, everyMs: 1000 })))
  const close = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  const ledger = async () =>
    unwrap(await readLedger(reader(), config.service, [], AbortSignal.timeout(30_000)))
  return { ...place, rig, service, config, gitops, baseline: { commit, digest }, reader, ledger, close }
}

/** The branch that a platform team has made before anything else. */
function rootCommit(path: string): void {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', ['-C', path, ...args], { input, encoding: 'utf8' }).trim()
  const identity = ['-c', 'user.name=platform', '-c', 'user.email=platform@example.com']
  const root = git([...identity, 'commit-tree', git(['mktree'], ''), '-m', 'empty'])
  git(['update-ref', 'refs/heads/main', root])
}

/** What an earlier file of the same run has left: its Rollout would take the baseline for a canary. */
async function cleared(rig: Rig, namespace: string, application: string): Promise<void> {
  const argo = '/apis/argoproj.io/v1alpha1/namespaces'
  await rig.kube.delete(`${argo}/${rig.argocdNamespace}/applications/${application}`)
  const rollout = `${argo}/${namespace}/rollouts/delivery-api`
  await rig.kube.delete(rollout)
  await rig.waitFor(`${rollout} to be gone`, 30, async () =>
    (await rig.kube.get(rollout)) === undefined ? true : undefined,
  )
}
