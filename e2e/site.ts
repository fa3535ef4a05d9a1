import { execFileSync } from 'node:child_process'
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
import { cleared } from './cleared.ts'

/** The example service at home on the rig: pinned, synced and adopted in every environment. */
export interface Site extends Place {
  readonly rig: Rig
  readonly service: ServiceRepository
  readonly config: Config
  readonly gitops: GitRemote
  readonly baseline: { readonly commit: string; readonly digest: Digest }
  /** A reader of the GitOps branch with a clone of its own. */
  reader(): GitOpsRepo
  /** Read into a new clone, and verified. */
  ledger(): Promise<Ledger>
  close(): void
}

export interface Making {
  readonly name: string
  readonly pace: Pick<Parameters<typeof localConfig>[1], 'holds' | 'bake' | 'bakeRequests'>
  /** The variable with the database of an environment; none, and the service has no database. */
  readonly databaseEnv: ((environment: string) => string) | undefined
  requestsPerSecond(environment: string): number
  /** Beside what every step gets; `dir` ends with the site. */
  env(config: Config, dir: string): Promise<Readonly<Record<string, string>>>
  /** What serves before the first release. */
  digest(place: Place, commit: string): Promise<Digest>
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

export async function makeSite(rig: Rig, making: Making, say: (line: string) => void): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), `${making.name}-`))
  const service = serviceRepository(example, join(dir, 'service'), () => start)
  const gitops = await rig.gitRemote(`${making.name}-${Date.now()}/delivery-gitops`)
  const text = localConfig(readFileSync(join(example, 'tuesday.yaml'), 'utf8'), {
    registryHost: rig.registryHost,
    gitopsUrl: gitops.httpUrl,
    prometheusUrl: rig.prometheusUrl,
    databaseEnv: making.databaseEnv,
    spacing: '16h',
    ...making.pace,
  })
  const config = unwrap(loadConfig(text, 'tuesday.yaml'))
  const commit = service.commit('delivery-service as it runs today', {
    'tuesday.yaml': text,
    ...localValues(example, config),
  })
  const git = { PATH: process.env.PATH ?? '', HOME: dir, GIT_CONFIG_GLOBAL: '/dev/null' }
  let readers = 0
  const reader = (): GitOpsRepo => {
    const cacheDir = join(dir, `reader-${readers++}`)
    const author = { name: 'platform', email: 'platform@example.com' }
    return gitRepo({ exec: spawnExec, url: gitops.httpUrl, branch: 'main', cacheDir, author, env: git })
  }
  const place: Place = {
    workspace: service.dir,
    env: { ...git, ...(await making.env(config, dir)) },
    gitopsUrl: gitops.httpUrl,
    kubeconfig: await rig.kubeconfigFor('tuesday'),
    regions: config.train.order,
    staging: 'staging',
    scrapeInterval: '1s',
    time: trainTime(start),
    say,
  }
  const digest = await making.digest(place, commit)
  rootCommit(gitops)
  await seedGitOps(reader(), config, { serviceDir: service.dir, commit, digest })
  const environments = Object.values(config.environments)
  await cleared(
    rig,
    environments.map(({ namespace, argocd }) => ({ namespace, application: argocd.application })),
  )
  for (const { name, namespace, argocd, gitops: at } of environments) {
    await rig.application({
      name: argocd.application,
      namespace,
      repoUrl: gitops.fileUrl,
      path: at.path,
      valueFiles: ['values.yaml', 'pins.yaml'],
    })
    const requestsPerSecond = making.requestsPerSecond(name)
    await rig.load.setTarget({ namespace, workload: 'delivery-api', requestsPerSecond })
  }
  say(`baseline ${digest} is on its way to ${environments.length} environments`)
  await Promise.all(place.regions.map((region) => adopted(place, region, { tries: 180, everyMs: 1000 })))
  const close = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  const ledger = async () =>
    unwrap(await readLedger(reader(), config.service, [], AbortSignal.timeout(120_000)))
  return { ...place, rig, service, config, gitops, baseline: { commit, digest }, reader, ledger, close }
}

/** The branch as a platform team makes it before anything else. */
function rootCommit({ path }: GitRemote): void {
  const git = (args: readonly string[], input?: string) =>
    execFileSync('git', ['-C', path, ...args], { input, encoding: 'utf8' }).trim()
  const identity = ['-c', 'user.name=platform', '-c', 'user.email=platform@example.com']
  const root = git([...identity, 'commit-tree', git(['mktree'], ''), '-m', 'empty'])
  git(['update-ref', 'refs/heads/main', root])
}
