import { beforeAll, describe, expect, it } from 'vitest'
import { deliveryDeployment, deliveryRollout, deliveryRouting, imageOf } from '../cluster/testing.ts'
import { openGitDir, type TreeEntry, writeTree } from '../github/index.ts'
import { type KubeAnswer, type KubeClient, mergeType, until } from './kube-client.ts'

export interface ApplicationTarget {
  readonly client: KubeClient
  /** Exists, and is this contract's alone. */
  readonly namespace: string
  readonly argocdNamespace: string
  /** A bare repository with a branch `main`, and how the controller reads it. */
  readonly gitDir: string
  readonly repoUrl: string
}

type Body = KubeAnswer['body']

/** How an Application carries a commit to the cluster, seen from its status and from what is there. */
export function describeApplicationContract(name: string, target: () => ApplicationTarget): void {
  const app = 'contract-delivery'
  const folder = 'environments/contract'
  const applications = () => `/apis/argoproj.io/v1alpha1/namespaces/${target().argocdNamespace}/applications`
  const call = (...request: Parameters<KubeClient['request']>) => target().client.request(...request)
  const read = async (): Promise<Body> => (await call('GET', `${applications()}/${app}`)).body
  const status = async (): Promise<Body> => (await read()).status ?? {}
  const inNamespace = (path: string) => path.replace('{ns}', `namespaces/${target().namespace}`)
  const object = async (path: string): Promise<KubeAnswer> => call('GET', inNamespace(path))
  const relay = '/apis/apps/v1/{ns}/deployments/delivery-outbox-relay'
  const rollout = '/apis/argoproj.io/v1alpha1/{ns}/rollouts/delivery-api'
  const router = '/apis/networking.istio.io/v1beta1/{ns}/virtualservices/delivery-api'

  /** One commit on main; undefined removes a file. */
  async function commit(files: Readonly<Record<string, string | undefined>>): Promise<string> {
    const git = openGitDir(target().gitDir)
    const head = await git.maybe(['rev-parse', '-q', '--verify', 'refs/heads/main'])
    const entries: TreeEntry[] = []
    for (const [path, text] of Object.entries(files)) {
      entries.push({
        path,
        sha: text === undefined ? null : await git.text(['hash-object', '-w', '--stdin'], { input: text }),
      })
    }
    const tree = await writeTree(git, head, entries)
    const sha = await git.text(['commit-tree', tree, ...(head === undefined ? [] : ['-p', head])], {
      input: 'Pin\n',
    })
    await git.text(['update-ref', 'refs/heads/main', sha])
    return sha
  }

  /** JSON is YAML: plain manifests in a folder. */
  const pin = (letter: string, withRelay = true) => {
    const { namespace } = target()
    const image = imageOf(letter)
    const objects = [
      ...deliveryRouting(namespace),
      deliveryRollout({ namespace, image, spec: { rollbackWindow: { revisions: 2 } } }),
    ]
    return commit({
      [`${folder}/api.yaml`]: objects.map((item) => `---\n${JSON.stringify(item)}\n`).join(''),
      [`${folder}/relay.yaml`]: withRelay
        ? JSON.stringify(deliveryDeployment({ namespace, image }))
        : undefined,
    })
  }
  const refresh = () =>
    call(
      'PATCH',
      `${applications()}/${app}`,
      { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
      mergeType,
    )

  const reaches = (what: string, condition: (status: Body) => boolean): Promise<Body> => {
    let seen: Body
    return until(
      `${app}: ${what}`,
      async () => {
        seen = await status()
        return condition(seen) ? seen : undefined
      },
      90,
      () => ({
        sync: seen?.sync?.status,
        revision: seen?.sync?.revision,
        health: seen?.health,
        operation: seen?.operationState,
        conditions: seen?.conditions,
      }),
    )
  }
  const syncedTo = (sha: string) => (now: Body) =>
    now.operationState?.phase === 'Succeeded' &&
    now.operationState.syncResult?.revision === sha &&
    now.sync?.revision === sha &&
    now.sync.status === 'Synced'
  const fresh = (now: Body) => now.reconciledAt >= (now.operationState?.finishedAt ?? '')

  describe(`an Application: ${name}`, () => {
    let first = ''
    beforeAll(async () => {
      first = await pin('a')
      const created = await call('POST', applications(), {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: app, annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' } },
        spec: {
          project: 'default',
          source: { repoURL: target().repoUrl, path: folder, targetRevision: 'main' },
          destination: { server: 'https://kubernetes.default.svc', namespace: target().namespace },
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
      expect(created.status).toBe(201)
    })

    it('carries the first commit to the cluster and says which', async () => {
      const now = await reaches(
        'synced and healthy',
        (seen) => syncedTo(first)(seen) && seen.health?.status === 'Healthy' && fresh(seen),
      )
      expect(now).toMatchObject({
        sourceType: 'Directory',
        operationState: { operation: { initiatedBy: { automated: true }, sync: { revision: first } } },
        history: [{ id: 0, revision: first }],
        summary: { images: [imageOf('a')] },
      })
      expect(now.resources.map((resource: Body) => `${resource.kind}/${resource.name}`).sort()).toEqual([
        'Deployment/delivery-outbox-relay',
        'Rollout/delivery-api',
        'Service/delivery-api-canary',
        'Service/delivery-api-stable',
        'VirtualService/delivery-api',
      ])
      expect((await read()).operation).toBeUndefined()
      const { metadata } = (await object(relay)).body
      expect(metadata.annotations['argocd.argoproj.io/tracking-id']).toBe(
        `${app}:apps/Deployment:${target().namespace}/delivery-outbox-relay`,
      )
    }, 600_000)

    it('follows a refresh to the next commit, is Suspended in the canary, and leaves the weights to the router', async () => {
      const second = await pin('b')
      await refresh()
      const now = await reaches(
        'suspended at the second',
        (seen) => syncedTo(second)(seen) && seen.health?.status === 'Suspended' && fresh(seen),
      )
      expect(now.history.map((entry: Body) => [entry.id, entry.revision])).toEqual([
        [0, first],
        [1, second],
      ])
      expect((await read()).metadata.annotations['argocd.argoproj.io/refresh']).toBeUndefined()
      await until('images of both', async () =>
        (await status()).summary.images.length === 2 ? true : undefined,
      )
      expect((await status()).summary.images).toEqual([imageOf('a'), imageOf('b')])
      const { spec } = (await object(router)).body
      expect(spec.http[0].route.map((route: Body) => route.weight)).toEqual([95, 5])
      expect((await status()).sync.status).toBe('Synced')
    }, 600_000)

    it('is Degraded after an abort, which is no drift, and Healthy when Git goes back', async () => {
      const path = inNamespace(`${rollout}/status`)
      await new Promise((resolve) => setTimeout(resolve, 400))
      await call('PATCH', path, { status: { abort: true } }, mergeType)
      const aborted = await reaches('degraded', (seen) => seen.health?.status === 'Degraded')
      expect(aborted.sync.status).toBe('Synced')
      const third = await pin('a')
      await refresh()
      await reaches('healthy again', (seen) => syncedTo(third)(seen) && seen.health?.status === 'Healthy')
    }, 600_000)

    it('moves its revision without a sync when a commit changes nothing of its own', async () => {
      const before = await status()
      const other = await commit({ 'elsewhere/file': String(Date.now()) })
      await refresh()
      const now = await reaches('the other commit', (seen) => seen.sync?.revision === other)
      expect(now.sync.status).toBe('Synced')
      expect(now.operationState.syncResult.revision).toBe(before.operationState.syncResult.revision)
      expect(now.history).toHaveLength(before.history.length)
    }, 600_000)

    it('undoes a change of the spec within seconds, and writes no history for it', async () => {
      const { history } = await status()
      await call('PATCH', inNamespace(relay), { spec: { replicas: 1 } }, mergeType)
      await until(
        'the drift to be undone',
        async () => ((await object(relay)).body.spec.replicas === 2 ? true : undefined),
        30,
      )
      const healed = await reaches(
        'a finished heal',
        (seen) =>
          seen.operationState?.phase === 'Succeeded' &&
          seen.operationState.operation.sync.resources !== undefined,
      )
      expect(healed.operationState.operation.sync.resources).toEqual([
        { group: 'apps', kind: 'Deployment', name: 'delivery-outbox-relay' },
      ])
      expect(healed.operationState.operation.initiatedBy).toEqual({ automated: true })
      expect((await status()).history).toHaveLength(history.length)
    }, 600_000)

    it('removes what Git no longer names', async () => {
      const fourth = await pin('a', false)
      await refresh()
      await reaches('pruned', syncedTo(fourth))
      expect((await object(relay)).status).toBe(404)
      expect((await object(rollout)).status).toBe(200)
    }, 600_000)

    it('says that it cannot compare when the folder is gone, and recovers', async () => {
      await commit({ [`${folder}/api.yaml`]: undefined })
      await refresh()
      const broken = await reaches(
        'a comparison error',
        (seen) => seen.conditions?.some((condition: Body) => condition.type === 'ComparisonError') === true,
      )
      expect(broken.sync.status).toBe('Unknown')
      const last = await pin('a')
      await refresh()
      const now = await reaches(
        'recovered',
        (seen) => syncedTo(last)(seen) && seen.health?.status === 'Healthy',
      )
      expect(now.conditions ?? []).toEqual([])
    }, 600_000)
  })
}
