/** What a look at a service's repository has found, before anything is concluded from it. Paths are from its root. */
export interface Sight {
  readonly charts: readonly ChartSight[]
  readonly applications: readonly ApplicationSight[]
  /** Folders with numbered .sql files, the fullest first. */
  readonly migrations: readonly string[]
  readonly openapi: readonly string[]
  readonly catalogues: readonly string[]
  /** Names of counters of requests that the code registers. */
  readonly counters: readonly string[]
  /** `owner/name` of the remote, when it is on GitHub. */
  readonly github?: string
}

export interface ChartSight {
  readonly folder: string
  /** Of Chart.yaml. */
  readonly name?: string
  readonly workloads: readonly WorkloadSight[]
  /** Values files by the environment that their name ends with. */
  readonly values: ReadonlyMap<string, string>
  /** `image.repository` of a values file. */
  readonly image?: string
  /** Keys under `workloads` of the values: workloads whose templates do not say their names. */
  readonly named: readonly string[]
}

export interface WorkloadSight {
  readonly kind: 'Rollout' | 'Deployment'
  /** Absent: the template makes it up. */
  readonly name?: string
  readonly container?: string
  /** Weights of the steps of a Rollout, in order. */
  readonly weights: readonly number[]
}

/** An Application of Argo CD. */
export interface ApplicationSight {
  readonly name: string
  readonly namespace: string
  readonly repository: string
  readonly branch: string
  readonly path: string
  readonly valueFiles: readonly string[]
  readonly destination: { readonly name?: string; readonly namespace: string }
}
