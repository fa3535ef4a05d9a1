import { type CommonOptions, type LoggedRequest, realClock, startServer } from '../http/index.ts'
import type { Account } from './access.ts'
import { type ApiContext, handleApi, parsePath } from './api.ts'
import { applicationController, type Render } from './engines/argocd.ts'
import { admitApplication } from './engines/argocd-types.ts'
import { autoscalerController } from './engines/autoscalers.ts'
import { admitDeployment, deploymentController } from './engines/deployments.ts'
import { gitSource } from './engines/git-source.ts'
import { runController } from './engines/loop.ts'
import {
  fateByAnnotations,
  type PodFate,
  podController,
  replicaSetController,
} from './engines/replicasets.ts'
import { admitRollout } from './engines/rollout-types.ts'
import { rolloutController } from './engines/rollouts.ts'
import { statusBody, unsupported } from './faults.ts'
import { requireKind } from './kinds.ts'
import type { KubeObject } from './objects.ts'
import { matcherOf } from './selectors.ts'
import { createStore, type Store } from './store.ts'

export type { Account, Rule } from './access.ts'
export type { Render } from './engines/argocd.ts'
export type { PodFate } from './engines/replicasets.ts'
export { environmentFolder } from './environment-folder.ts'
export type { KubeObject } from './objects.ts'
export { renderDelivery } from './render-delivery.ts'
export type { Store, StoreEvent } from './store.ts'

export interface ClusterOptions extends CommonOptions {
  /** Further accounts by token; the admin's own token is made up and stands in `token`. */
  readonly tokens?: Readonly<Record<string, Account>>
  /** What becomes of a new pod. Default: by the annotations `rig/ready-after` and `rig/behaviour`, ready after 2 s. */
  readonly pods?: (pod: KubeObject) => PodFate
  /** Turns an environment's folder into objects. Without it Applications are refused (501). */
  readonly render?: Render
  /** Where to read a repository that an Application names by another URL. */
  readonly repoUrl?: (url: string) => string
  /** How long an object waits before a controller looks at it. */
  readonly reactionMs?: number
  readonly pollMs?: number
  readonly namespaces?: readonly string[]
}

export interface ClusterStandIn {
  readonly url: string
  readonly token: string
  readonly store: Store
  readonly requests: readonly LoggedRequest[]
  /** Errors of the stand-in itself: a test that finds one has found a bug of the stand-in. */
  readonly defects: readonly unknown[]
  /** The same reads without HTTP, for what lives in the same process (the load generator). */
  readonly reader: {
    get(path: string): Promise<unknown>
    list(path: string): Promise<readonly unknown[]>
  }
  /** One server under several names; a context's namespace is its own when one is given. */
  kubeconfig(
    contexts: Readonly<Record<string, { readonly namespace?: string; readonly token?: string }>>,
  ): string
  /** Ends open watches, as a restarted API server does. */
  dropWatches(): void
  close(): Promise<void>
}

/** The Kubernetes API with the behaviour of Argo Rollouts, Deployments and Argo CD that a release needs. */
export async function startCluster(options: ClusterOptions = {}): Promise<ClusterStandIn> {
  const clock = options.clock ?? realClock
  const token = 'testkit-admin'
  const { render } = options
  const store = createStore(clock, (kind, object) => {
    if (kind.kind === 'Rollout') admitRollout(object)
    if (kind.kind === 'Deployment') admitDeployment(object)
    if (kind.kind === 'Application') {
      if (render === undefined) throw unsupported('Applications without a renderer')
      admitApplication(object)
    }
  })
  const namespace = requireKind('Namespace')
  for (const name of [
    'default',
    ...(render === undefined ? [] : ['argocd']),
    ...(options.namespaces ?? []),
  ]) {
    store.create(namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  const git = gitSource()
  const defects: unknown[] = []
  const controllers = [
    podController(clock, store, options.pods ?? fateByAnnotations),
    replicaSetController(clock, store),
    deploymentController(clock, store),
    rolloutController(clock, store),
    autoscalerController(store),
    ...(render === undefined
      ? []
      : [
          applicationController(clock, store, {
            git,
            render,
            repoUrl: options.repoUrl ?? ((url) => url),
            pollMs: options.pollMs ?? 120_000,
          }),
        ]),
  ]
  const loops = controllers.map((controller) =>
    runController(clock, store, controller, options.reactionMs ?? 50, (error) => defects.push(error)),
  )
  const openWatches = new Set<() => void>()
  const context: ApiContext = {
    store,
    accounts: { ...options.tokens, [token]: { name: 'admin', rules: 'admin' } },
    openWatches,
  }
  const server = await startServer({
    ...options,
    clock,
    handle: (request) => handleApi(context, request),
    onDefect: (error) => {
      defects.push(error)
      return {
        status: 500,
        body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: String(error), code: 500 },
      }
    },
    tooLarge: () => ({ status: 413, body: statusBody(unsupported('a body of this size')) }),
  })
  return {
    url: server.url,
    token,
    store,
    requests: server.requests,
    defects,
    reader: {
      async get(path) {
        const target = parsePath(path)
        return target?.name === undefined ? undefined : store.get(target.kind, target.namespace, target.name)
      },
      async list(path) {
        const [route = '', query] = path.split('?')
        const target = parsePath(route)
        if (target === undefined) return []
        return store.list(target.kind, target.namespace).filter(matcherOf(new URLSearchParams(query)))
      },
    },
    kubeconfig: (contexts) => kubeconfig(server.url, token, contexts),
    dropWatches: () => {
      for (const finish of [...openWatches]) finish()
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.stop()))
      for (const finish of [...openWatches]) finish()
      await server.close()
      await git.close()
    },
  }
}

/** JSON is YAML: no library is needed to write it. */
function kubeconfig(
  url: string,
  admin: string,
  contexts: Readonly<Record<string, { readonly namespace?: string; readonly token?: string }>>,
): string {
  const entries = Object.entries(contexts)
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      // client-node asks for this on servers without TLS.
      clusters: [{ name: 'testkit', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: entries.map(([name, { token }]) => ({ name, user: { token: token ?? admin } })),
      contexts: entries.map(([name, { namespace }]) => ({
        name,
        context: { cluster: 'testkit', user: name, ...(namespace === undefined ? {} : { namespace }) },
      })),
      'current-context': entries[0]?.[0] ?? '',
    },
    null,
    2,
  )
}
