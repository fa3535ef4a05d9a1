import type { Region } from '../release/index.ts'

/**
 * tuesday.yaml as the domain reads it: names in camel case, durations in milliseconds, defaults filled in.
 * The file's own form, with its descriptions, is `schema.ts`.
 */
export interface Config {
  readonly version: 1
  readonly service: string
  readonly image: ImageConfig
  /** In the order they move; at most one Rollout, and it is the first. */
  readonly workloads: readonly WorkloadConfig[]
  readonly gitops: GitOpsConfig
  /** By name. Own keys only; use `environment()` to look one up by a name that a person typed. */
  readonly environments: Readonly<Record<string, Environment>>
  readonly train: TrainConfig
  /** Absent: nothing but the windows of the environments. */
  readonly calendar?: CalendarConfig
  readonly approvals: ApprovalsConfig
  /** The deployment checklist; what is absent is not asked for. */
  readonly gates?: GatesConfig
  readonly slos: readonly SloConfig[]
  /** Present exactly when one of the workloads is a Rollout. */
  readonly canary?: CanaryConfig
  /** Absent: the service has no schema of its own. */
  readonly migrations?: MigrationsConfig
  readonly contracts: ContractsConfig
  /** Who is told. Absent: nobody. */
  readonly notify?: readonly ReceiverConfig[]
}

export interface ImageConfig {
  readonly repository: string
  /** What an image has to prove before a pin. `off` was written by somebody; absent: nobody has decided. */
  readonly verify?: 'off' | VerifyConfig
}

export interface VerifyConfig {
  /** `https://github.com/acme/x/.github/workflows/build.yml@refs/heads/main` */
  readonly workflow: string
  /** `https://github.com/acme/x` */
  readonly source: string
  /** File in the repository of the service: a public key, or the trusted root of a Sigstore instance. */
  readonly trust: { readonly kind: 'key' | 'keyless'; readonly file: string }
  /** Counts for `keyless`. */
  readonly issuer: string
}

/** A receiver of messages. `…Env` are names of variables that hold the secret. */
export type ReceiverConfig = { readonly name: string } & (
  | { readonly kind: 'slack'; readonly channel: string; readonly tokenEnv: string; readonly api: string }
  | { readonly kind: 'teams'; readonly urlEnv: string }
  | { readonly kind: 'pagerduty'; readonly keyEnv: string; readonly api: string }
  | { readonly kind: 'grafana'; readonly url: string; readonly tokenEnv: string }
  | { readonly kind: 'cloudevents'; readonly url: string; readonly tokenEnv?: string }
)

export interface WorkloadConfig {
  readonly name: string
  readonly kind: 'Rollout' | 'Deployment'
  /** Name of the container that runs the image of the release. */
  readonly container: string
}

export interface GitOpsConfig {
  /** `owner/name` on GitHub, or a Git URL. */
  readonly repository: string
  readonly branch: string
  /** Folder of the chart in the service's repository. */
  readonly chart: string
}

export interface Environment {
  readonly name: string
  readonly production: boolean
  readonly jurisdiction: string
  readonly timezone: string
  /** Labels of the runner that reaches this environment. */
  readonly runner: readonly string[]
  readonly cluster: { readonly context: string }
  readonly namespace: string
  /** Repository that it pulls the image from; absent: `image.repository`. */
  readonly mirror?: string
  readonly argocd: {
    readonly namespace: string
    readonly application: string
    /** kubeconfig context of the cluster that Argo CD runs in; `cluster.context` unless the file says otherwise. */
    readonly context: string
  }
  /** `path` and `pins` stand in the GitOps repository, `values` in the service's own. */
  readonly gitops: { readonly path: string; readonly values: string; readonly pins: string }
  readonly prometheus: PrometheusConfig
  readonly database?: DatabaseConfig
  /** Absent: any time will do. Binds forward moves only. */
  readonly window?: WindowConfig
  /** Days of the week on which nothing moves forward here, whatever window or rule is open. */
  readonly noDeployDays?: readonly Weekday[]
  readonly dashboards: readonly string[]
  /** Regions whose traffic this one may serve; absent: those under the same jurisdiction. */
  readonly standsInFor?: readonly string[]
}

export interface DatabaseConfig {
  readonly urlEnv: string
  readonly login: 'url' | 'rds-iam' | 'cloud-sql-iam'
  /** Empty: the one database and schema. */
  readonly tenants: readonly { readonly name: string; readonly schema?: string; readonly urlEnv?: string }[]
  /** How many tenants are migrated at the same time. */
  readonly parallel: number
}

export interface PrometheusConfig {
  readonly url: string
  /** Name of the variable that holds a bearer token. */
  readonly tokenEnv?: string
  /** Names of the variables that hold user and password for basic authentication. */
  readonly basicEnv?: { readonly user: string; readonly password: string }
  /** Header to the name of the variable that holds its value. */
  readonly headerEnvs?: Readonly<Record<string, string>>
  /** Names of the variables that hold PEM texts. */
  readonly tlsEnvs?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

export type Weekday = 'Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun'

/** Local wall time of the environment's zone, minutes since midnight; `from` is inside, `to` is outside. */
export interface WindowConfig {
  readonly days: readonly Weekday[]
  readonly fromMinute: number
  readonly toMinute: number
}

/** When releases may move forward, besides the windows of the environments. What is denied wins. */
export interface CalendarConfig {
  readonly allow: readonly RuleConfig[]
  readonly deny: readonly RuleConfig[]
  readonly freezes: readonly FreezeConfig[]
  readonly holidays: readonly HolidaysConfig[]
  /** Least time that has to be left of an opening when a region starts. */
  readonly endMarginMs: number
}

/** Whom a rule binds, and by whose clock. */
interface Scope {
  /** Absent: every production environment. */
  readonly regions?: readonly string[]
  /** Absent: the zone of each environment. */
  readonly timezone?: string
}

export interface RuleConfig extends Scope {
  readonly name: string
  readonly times: RuleTimes
  /** First and last local date on which the rule counts, both inside. */
  readonly valid?: { readonly from?: string; readonly until?: string }
}

export type RuleTimes =
  | ({ readonly kind: 'weekly' } & WindowConfig)
  | { readonly kind: 'cron'; readonly cron: string; readonly forMs: number }
  /** `start` is a local time, `2026-01-13T09:00`. */
  | { readonly kind: 'rrule'; readonly rrule: string; readonly start: string; readonly forMs: number }
  | {
      readonly kind: 'dates'
      readonly dates: readonly string[]
      readonly fromMinute: number
      readonly toMinute: number
    }

/** How bad what a hotfix mends is. */
export type Severity = 'P1' | 'P2'

export interface FreezeConfig extends Scope {
  readonly name: string
  /** Local times, `2026-12-18T18:00`; `from` is inside, `until` is outside. */
  readonly from: string
  readonly until: string
  /** Hotfixes of these severities pass. */
  readonly passes: readonly Severity[]
  readonly reason: string
  readonly owner?: string
}

export interface HolidaysConfig extends Scope {
  /** An .ics file beside tuesday.yaml, in the same commit. */
  readonly file: string
  /** Last local date that the file speaks for. Absent: that of its last event that does not recur for ever. */
  readonly until?: string
  /** What the file holds. Absent: it was not read yet, and nothing may be decided. */
  readonly text?: string
}

export interface TrainConfig {
  /** The zone whose calendar days count. */
  readonly timezone: string
  readonly start: Weekday
  readonly order: readonly Region[]
  readonly regionsPerDay: number
  readonly spacingMs: number
  readonly bakeMs: number
  readonly bakeRequests: number
  readonly factAgeMs: number
  /** How long after its train an alarm still takes the release back without asking. */
  readonly watchMs?: number
  /** A pin that is not served for longer goes back. */
  readonly progressMs?: number
  /** Services of the same GitOps branch that this one does not move beside. */
  readonly notBeside?: readonly string[]
}

export interface ApprovalsConfig {
  readonly required: number
  readonly expiresMs: number
  /** Who may approve, as the platform names them; absent: everybody but the author. */
  readonly from?: readonly string[]
}

export interface GatesConfig {
  /** `least`: the part of the error budget that has to be left. */
  readonly budget?: { readonly least: number }
  /** `headroom`: what ready replicas carry above the peak, as a part of the peak. */
  readonly capacity?: { readonly headroom: number }
  readonly schema?: Readonly<Record<string, never>>
  readonly residency?: { readonly jurisdictions: readonly string[] }
  readonly provenance?: Readonly<Record<string, never>>
  readonly incident?: Readonly<Record<string, never>>
  readonly telemetry?: { readonly maxAgeMs: number }
  readonly drill?: { readonly withinMs: number }
  readonly told?: Readonly<Record<string, never>>
  readonly reviewed?: Readonly<Record<string, never>>
  readonly tested?: Readonly<Record<string, never>>
}

/** Series selectors as written, with `$namespace` and the like still in them: see `fillSelector`. */
export interface RatioSelectors {
  readonly total: string
  readonly bad: string
}

export interface SloConfig extends RatioSelectors {
  readonly name: string
  /** Percent of requests that have to be good. */
  readonly target: number
  readonly windowMs: number
}

/** One source of counts: two counters, a histogram, a gauge with its bound, or restarts. */
export type MetricCounts =
  | { readonly total: string; readonly bad?: string; readonly good?: string }
  | { readonly histogram: string }
  | { readonly gauge: string; readonly above: number }
  | { readonly restarts: string }

export type CanaryMetric = MetricCounts & {
  readonly name: string
  /** Set when the selectors were taken over from this SLO. */
  readonly slo?: string
  /** Where it differs from the margin of the canary. */
  readonly margin?: { readonly ratio?: number; readonly difference?: number }
  readonly weight?: number
  readonly warmupMs?: number
  readonly limit?: { readonly share: number; readonly slowerThanMs?: number; readonly forMs: number }
}

export interface CanaryConfig {
  /**
   * Minimum time at each weight of the Rollout's own steps. Own keys, whole percent. Absent: 30 min at the first
   * weight, 10 min later.
   */
  readonly holdsMs?: Readonly<Record<number, number>>
  readonly scrapeIntervalMs?: number
  readonly metrics: readonly CanaryMetric[]
  /** The canary is worse only when it exceeds the stable pods by both. */
  readonly margin: {
    /** Canary error rate over stable error rate. */
    readonly ratio: number
    /** Canary error rate minus stable error rate, as a part of one (0.001 = 0.1 percentage points). */
    readonly difference: number
  }
  /** Bound on the probability of aborting a good canary, over the whole rollout, as a part of one. */
  readonly falseAborts: number
}

export interface MigrationsConfig {
  /** Folder of the .sql files in the service's repository. */
  readonly folder: string
  readonly schema: string
  readonly lockTimeoutMs: number
  readonly budgetMs: number
  /** Longest that others wait behind a statement before it is taken back. */
  readonly stallMs: number
  /** What others may wait behind all attempts of one statement together. */
  readonly stallBudgetMs: number
}

export interface ContractsConfig {
  readonly openapi?: string
  readonly events?: string
}
