import type { Behaviour, LoadTarget } from '../testkit/load/index.ts'

/** Where one environment of the rig stands: a namespace of the plane, a kubeconfig context, a database. */
export interface RigEnvironment {
  /** `staging`, `prod-us`, …: also the name of the kubeconfig context. */
  readonly name: string
  readonly namespace: string
  readonly databaseUrl: string
}

/** Everything needed to talk to a running rig; plain JSON, so that it crosses process borders. */
export interface RigConnections {
  readonly stateDir: string
  /** Folder with the binaries (kubectl, kubectl-argo-rollouts, helm, …). */
  readonly binDir: string
  /** Cluster admin. Tests set the stage with it; actions under test get `kubeconfigFor()`. */
  readonly kubeconfig: string
  readonly apiServer: string
  readonly adminToken: string
  /** PEM of the authority that signed the API server's certificate. */
  readonly ca: string
  readonly argocdNamespace: string
  readonly prometheusUrl: string
  /** The maintenance database; each environment has its own (`RigEnvironment.databaseUrl`). */
  readonly postgresUrl: string
  /** `127.0.0.1:port`, plain HTTP. */
  readonly registryHost: string
  /** Parent of all bare repositories, and the URL that serves them. */
  readonly gitRoot: string
  readonly gitUrl: string
  readonly loadUrl: string
  readonly environments: readonly RigEnvironment[]
}

export interface GitRemote {
  /** The bare repository on disk. */
  readonly path: string
  /** For Argo CD on this machine. */
  readonly fileUrl: string
  /** Smart HTTP, accepts pushes without credentials (loopback only). */
  readonly httpUrl: string
}

/** Untyped Kubernetes object: what the API server speaks. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

/** Plain Kubernetes REST as cluster admin. Paths begin with `/api` or `/apis`. */
export interface Kube {
  /** Undefined when the object does not exist. */
  get(path: string): Promise<KubeObject | undefined>
  list(path: string): Promise<readonly KubeObject[]>
  /** Server-side apply, conflicts forced; retried while a CRD is not served yet. */
  apply(...objects: readonly KubeObject[]): Promise<void>
  patch(path: string, patch: unknown, type?: 'merge' | 'json'): Promise<KubeObject>
  delete(path: string): Promise<void>
  /** Any other call; the body of the answer, parsed. Rejects with `KubeError` above 299. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>
}

export interface ApplicationSpec {
  readonly name: string
  /** Namespace that the objects go to. */
  readonly namespace: string
  readonly repoUrl: string
  /** Folder in the repository. */
  readonly path: string
  readonly revision?: string
  /** Helm value files relative to `path`; none = plain manifests. */
  readonly valueFiles?: readonly string[]
  /** Automated sync with self-heal and prune (default true). */
  readonly automated?: boolean
  /** VirtualServices of the namespace whose weights belong to the Rollouts controller (default true). */
  readonly ignoreRouterWeights?: boolean
}

/** What the load generator does; changes take effect at its next tick (1 s). */
export interface LoadControl {
  /** Replaces the target with the same namespace and workload. */
  setTarget(target: LoadTarget): Promise<void>
  removeTarget(namespace: string, workload: string): Promise<void>
  /** How pods that run this digest answer, or one pod by its name; `'*'` is for all others. */
  setBehaviour(digestOrPod: string, behaviour: Behaviour): Promise<void>
  /** No targets, default behaviour, counters of gone pods forgotten. */
  reset(): Promise<void>
}

export type RestartablePart = 'prometheus' | 'kube-apiserver'

export interface Rig extends RigConnections {
  readonly kube: Kube
  readonly load: LoadControl
  environment(name: string): RigEnvironment
  /**
   * Kubeconfig with all contexts as a service account that holds the published Role (docs/kubernetes-rbac.yaml)
   * in every environment and in the Argo CD namespace, and nothing else.
   */
  kubeconfigFor(serviceAccount: string): Promise<string>
  /** Creates the bare repository `name` (`acme/delivery-gitops`) on first call; branch `main`. */
  gitRemote(name: string): Promise<GitRemote>
  /** Applies an Application of project `default`. */
  application(spec: ApplicationSpec): Promise<void>
  /** Asks Argo CD to look at Git now instead of at its next poll. */
  refresh(application: string): Promise<void>
  /** Creates an empty database and answers its URL. An existing one is dropped first. */
  database(name: string): Promise<string>
  /** Polls until `probe` answers something else than undefined; rejects after `seconds` with `what`. */
  waitFor<T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T>
  /** Ends a part, leaves it away for a while, starts it again as it was, and answers when it serves. */
  restart(part: RestartablePart, downMs?: number): Promise<void>
  /** Ends what this rig started, by recorded pid, and removes its state. On an attached rig too. */
  stop(): Promise<void>
}

export interface RigOptions {
  /** Kubeconfig context -> namespace. Default: those of the example (`staging`, `prod-us`, …). */
  readonly environments?: Readonly<Record<string, string>>
  readonly nodes?: number
  /** False leaves Argo CD (and Redis) out: 0.3 GB and 5 s less. */
  readonly argocd?: boolean
  /** One line per part that is ready. */
  readonly say?: (line: string) => void
}
