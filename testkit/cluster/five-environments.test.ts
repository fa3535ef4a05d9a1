import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBare, openGitDir, type TreeEntry, writeTree } from '../github/index.ts'
import type { ScaledClock } from '../http/index.ts'
import type { Application } from './engines/argocd-types.ts'
import type { Rollout } from './engines/rollout-types.ts'
import type { Deployment } from './engines/types.ts'
import { environmentFolder, renderDelivery } from './index.ts'
import { requireKind } from './kinds.ts'
import { type Bench, fastBench } from './testing.ts'

const chart = join(import.meta.dirname, '../../examples/delivery-service/charts/delivery-service')
const environments = ['staging', 'prod-us', 'prod-eu', 'prod-me', 'prod-ap']
const workloads = ['delivery-api', 'delivery-outbox-relay', 'delivery-event-projector']
const digest = (letter: string) => `sha256:${letter.repeat(64)}`

let bench: Bench<ScaledClock>
let gitops: string

beforeAll(async () => {
  gitops = await mkdtemp(join(tmpdir(), 'testkit-five-'))
  await createBare(gitops)
  bench = await fastBench(600, {
    render: renderDelivery,
    pollMs: 86_400_000,
    namespaces: environments.map((environment) => `delivery-${environment}`),
  })
})
afterAll(async () => {
  await bench.close()
  bench.clock.close()
  await rm(gitops, { recursive: true, force: true })
})

async function pin(environment: string, letter: string): Promise<void> {
  const git = openGitDir(gitops)
  const head = await git.text(['rev-parse', 'refs/heads/main'])
  const entries: TreeEntry[] = []
  const digests = Object.fromEntries(workloads.map((name) => [name, digest(letter)]))
  for (const [path, input] of environmentFolder(chart, environment, digests)) {
    const sha = await git.text(['hash-object', '-w', '--stdin'], { input })
    entries.push({ path: `environments/${environment}/${path}`, sha })
  }
  const commit = await git.text(['commit-tree', await writeTree(git, head, entries), '-p', head], {
    input: 'Pin',
  })
  await git.text(['update-ref', 'refs/heads/main', commit])
}

const application = (environment: string): Application => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: {
    name: `delivery-${environment}`,
    namespace: 'argocd',
    annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' },
  },
  spec: {
    project: 'default',
    source: {
      repoURL: gitops,
      path: `environments/${environment}`,
      targetRevision: 'main',
      helm: { valueFiles: ['values.yaml', 'pins.yaml'] },
    },
    destination: { server: 'https://kubernetes.default.svc', namespace: `delivery-${environment}` },
    ignoreDifferences: [
      {
        group: 'networking.istio.io',
        kind: 'VirtualService',
        jqPathExpressions: ['.spec.http[].route[].weight'],
      },
    ],
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['RespectIgnoreDifferences=true', 'ApplyOutOfSyncOnly=true'],
    },
  },
})

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 15_000; !condition(); ) {
    if (performance.now() > end) throw new Error(`not within 15 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const rollout = (environment: string) =>
  bench.get<Rollout>('Rollout', 'delivery-api', `delivery-${environment}`)
const serves = (environment: string, letter: string) => () => {
  const found = bench.cluster.store.get(requireKind('Rollout'), `delivery-${environment}`, 'delivery-api') as
    | Rollout
    | undefined
  const image = found?.spec.template.spec?.containers?.[0]?.image
  return (
    found?.status?.phase === 'Healthy' &&
    found.status.availableReplicas !== 0 &&
    image?.endsWith(digest(letter)) === true &&
    found.status.stableRS === found.status.currentPodHash
  )
}

async function release(environment: string, letter: string): Promise<void> {
  await pin(environment, letter)
  bench.cluster.store.change(requireKind('Application'), 'argocd', `delivery-${environment}`, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, 'argocd.argoproj.io/refresh': 'normal' }
  })
  for (const index of [1, 3, 5]) {
    await until(`${environment}: pause at ${index}`, () => {
      const { status } = rollout(environment)
      return status?.phase === 'Paused' && status.currentStepIndex === index
    })
    const live = rollout(environment)
    const { pauseConditions: _promoted, ...status } = live.status ?? {}
    bench.cluster.store.replace(requireKind('Rollout'), { ...live, status }, 'status')
  }
  await until(`${environment}: ${letter} serves`, serves(environment, letter))
}

it('carries a release over five environments within seconds, each workload on its digest', async () => {
  for (const environment of environments) {
    await pin(environment, 'a')
    bench.apply(application(environment))
  }
  for (const environment of environments) await until(`${environment} is installed`, serves(environment, 'a'))
  for (const environment of environments) await release(environment, 'b')
  for (const environment of environments) {
    const namespace = `delivery-${environment}`
    for (const name of workloads.slice(1)) {
      const deployment = bench.get<Deployment>('Deployment', name, namespace)
      expect(deployment.spec.template.spec?.containers?.[0]?.image).toMatch(new RegExp(`${digest('b')}$`))
    }
    await until(`${namespace} is healthy`, () => {
      const { status } = bench.get<Application>('Application', namespace, 'argocd')
      return status?.health?.status === 'Healthy' && status.sync?.status === 'Synced'
    })
  }
})
