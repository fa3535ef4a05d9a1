import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GitHubStandIn, startGitHub } from '../../github/index.ts'
import type { ScaledClock } from '../../http/index.ts'
import { requireKind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import {
  type Bench,
  deliveryDeployment,
  deliveryRollout,
  deliveryRouting,
  fastBench,
  imageOf,
} from '../testing.ts'
import type { Render } from './argocd.ts'
import type { Application, IgnoreRule } from './argocd-types.ts'
import type { Deployment } from './types.ts'

const application = requireKind('Application')
const path = 'environments/prod-us'
let github: GitHubStandIn
let bench: Bench<ScaledClock>
let head = ''

/** The folder says it in one file: which image, how many replicas, whether there is a relay. */
const render: Render = (files, { namespace }) => {
  const text = files.get('release.json')
  if (text === undefined) throw new Error('release.json is missing')
  const { image, relay = true } = JSON.parse(text) as { image: string; relay?: boolean }
  const shape = { namespace, image: imageOf(image) }
  return [
    ...deliveryRouting(namespace),
    deliveryRollout(shape),
    ...(relay ? [deliveryDeployment(shape)] : []),
  ]
}

async function commit(files: Record<string, string>): Promise<string> {
  const additions = Object.entries(files).map(([name, text]) => ({
    path: name,
    contents: Buffer.from(text).toString('base64'),
  }))
  const input = {
    branch: { repositoryNameWithOwner: 'acme/gitops', branchName: 'main' },
    expectedHeadOid: head,
    message: { headline: 'Pin' },
    fileChanges: { additions },
  }
  const query =
    'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }'
  const response = await fetch(github.graphqlUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${github.token}` },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { data } = (await response.json()) as { data: { createCommitOnBranch: { commit: { oid: string } } } }
  head = data.createCommitOnBranch.commit.oid
  return head
}

const pin = (release: object) => commit({ [`${path}/release.json`]: JSON.stringify(release) })

const weights: IgnoreRule = {
  group: 'networking.istio.io',
  kind: 'VirtualService',
  jqPathExpressions: ['.spec.http[].route[].weight'],
}

const create = (spec: Partial<Application['spec']> = {}) =>
  bench.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'delivery-prod-us', namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: github.cloneUrl('acme', 'gitops'), path, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'delivery' },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['RespectIgnoreDifferences=true'],
      },
      ignoreDifferences: [weights],
      ...spec,
    },
  })

const app = () => bench.get<Application>('Application', 'delivery-prod-us', 'argocd')
const status = () => app().status ?? {}

function refresh(): void {
  bench.cluster.store.change(application, 'argocd', 'delivery-prod-us', (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, 'argocd.argoproj.io/refresh': 'normal' }
  })
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`not within 10 s: ${what}; ${JSON.stringify(status(), null, 1).slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const synced = (commitId: string) => () =>
  status().operationState?.phase === 'Succeeded' && status().operationState?.syncResult?.revision === commitId
const healthy = () => status().health?.status === 'Healthy' && status().sync?.status === 'Synced'

beforeEach(async () => {
  github = await startGitHub({ repositories: [{ owner: 'acme', name: 'gitops' }] })
  const response = await fetch(`${github.url}/repos/acme/gitops/git/ref/heads/main`, {
    headers: { authorization: `Bearer ${github.token}` },
  })
  head = ((await response.json()) as { object: { sha: string } }).object.sha
  // Read in place: the controller needs no clone of a repository on this machine.
  bench = await fastBench(200, { render, repoUrl: () => github.gitDir('acme', 'gitops'), pollMs: 3_600_000 })
})
afterEach(async () => {
  await bench.close()
  bench.clock.close()
  await github.close()
})

describe('an Application', () => {
  it('carries a commit to the cluster and says which', async () => {
    const first = await pin({ image: 'a' })
    create()
    await until('healthy', healthy)
    expect(status()).toMatchObject({
      sync: { status: 'Synced', revision: first },
      operationState: {
        phase: 'Succeeded',
        operation: { initiatedBy: { automated: true } },
        syncResult: { revision: first },
      },
      history: [{ id: 0, revision: first }],
      summary: { images: [imageOf('a')] },
      sourceType: 'Directory',
    })
    expect(Date.parse(status().reconciledAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(status().operationState?.finishedAt ?? ''),
    )
    expect(app().operation).toBeUndefined()
  })

  it('follows a new commit when it is asked to refresh, and takes the annotation away', async () => {
    await pin({ image: 'a' })
    create()
    await until('healthy', healthy)
    const second = await pin({ image: 'b' })
    expect(status().sync?.revision).not.toBe(second)
    refresh()
    await until('synced', synced(second))
    await until('suspended', () => status().health?.status === 'Suspended')
    expect(app().metadata.annotations?.['argocd.argoproj.io/refresh']).toBeUndefined()
    expect(status().history?.map((entry) => entry.id)).toEqual([0, 1])
    expect(status().summary?.images).toEqual([imageOf('a'), imageOf('b')]) // both run during the canary
    expect(status().sync?.status).toBe('Synced') // the weights that the controller wrote are no drift
  })

  it('moves its revision without a sync when a commit changes nothing of its own', async () => {
    const first = await pin({ image: 'a' })
    create()
    await until('healthy', healthy)
    const other = await commit({ 'elsewhere/file': 'x' })
    refresh()
    await until('seen', () => status().sync?.revision === other)
    expect(status().sync?.status).toBe('Synced')
    expect(status().operationState?.syncResult?.revision).toBe(first)
    expect(status().history).toHaveLength(1)
  })

  it('heals drift of the spec, leaves the weights of the router alone, and prunes', async () => {
    await pin({ image: 'a' })
    create()
    await until('healthy', healthy)
    bench.apply(deliveryDeployment({ namespace: 'delivery', image: imageOf('f') }))
    await until('healed', () => {
      const { spec } = bench.get<Deployment>('Deployment', 'delivery-outbox-relay')
      return spec.template.spec?.containers?.[0]?.image === imageOf('a')
    })
    await until('healthy again', healthy)
    const router = requireKind('VirtualService')
    const version = () =>
      bench.cluster.store.get(router, 'delivery', 'delivery-api')?.metadata.resourceVersion
    bench.cluster.store.change(router, 'delivery', 'delivery-api', (object) => {
      const spec = object.spec as { http: { route: { weight: number }[] }[] }
      for (const [at, destination] of (spec.http[0]?.route ?? []).entries())
        destination.weight = at === 0 ? 70 : 30
    })
    // The Rollout is fully promoted and takes its own weights back; Argo CD has no part in it.
    await until('weights', () =>
      JSON.stringify(bench.get<KubeObject>('VirtualService', 'delivery-api').spec).includes('"weight":100'),
    )
    const settled = version()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(version()).toBe(settled)
    const third = await pin({ image: 'a', relay: false })
    refresh()
    await until('pruned', synced(third))
    expect(
      bench.cluster.store.get(requireKind('Deployment'), 'delivery', 'delivery-outbox-relay'),
    ).toBeUndefined()
  })

  it('says what it cannot compare, and recovers with the next commit', async () => {
    await commit({ [`${path}/other`]: '' })
    create()
    await until('error', () => status().conditions?.[0]?.type === 'ComparisonError')
    expect(status()).toMatchObject({
      sync: { status: 'Unknown' },
      health: { status: 'Unknown' },
      conditions: [{ message: 'release.json is missing' }],
    })
    await pin({ image: 'a' })
    refresh()
    await until('healthy', healthy)
    expect(status().conditions).toBeUndefined()
  })

  it('tries a failed sync again after a while, and says when', async () => {
    const first = await pin({ image: 'a' })
    create({ destination: { server: 'x', namespace: 'later' } })
    await until('a retry', () => (status().operationState?.retryCount ?? 0) >= 1)
    expect(status().operationState).toMatchObject({ phase: 'Running' })
    expect(status().operationState?.message).toMatch(
      /^one or more objects failed to apply, reason: namespaces "later" not found\. Retrying attempt #\d at \d+:\d\d[AP]M\.$/,
    )
    bench.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } })
    await until('synced', synced(first))
    expect(status().operationState?.retryCount).toBeGreaterThanOrEqual(1)
  })

  it('keeps a failed sync as failed when its retries are used up, and leaves it at that', async () => {
    await pin({ image: 'a' })
    create({
      destination: { server: 'x', namespace: 'nowhere' },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        retry: { limit: 1, backoff: { duration: '1s' } },
      },
    })
    await until('failed', () => status().operationState?.phase === 'Failed')
    expect(status().operationState?.message).toMatch(/\(retried 1 times\)\.$/)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(status().sync?.status).toBe('OutOfSync')
    expect(app().operation).toBeUndefined()
  })

  it('reads a repository over HTTP too', async () => {
    const first = await pin({ image: 'a' })
    await bench.close()
    const url = github.cloneUrl('acme', 'gitops').replace('http://', `http://x:${github.token}@`)
    bench = await fastBench(200, { render, repoUrl: () => url })
    create()
    await until('synced', synced(first))
  })
})
