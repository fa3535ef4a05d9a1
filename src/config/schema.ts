// The namespace, not `{ z }`: a bundler can then leave out what is not used, which is more than half of zod.
import * as z from 'zod'
import * as field from './fields.ts'
import { calendar } from './schema-calendar.ts'
import { environment } from './schema-environment.ts'
import { image } from './schema-image.ts'
import { notify } from './schema-notify.ts'

/**
 * tuesday.yaml in its own form: the only source of what the file may say. `schema/tuesday.schema.json` is
 * generated from it, so the descriptions are what a person reads in the editor.
 */
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const workload = z
  .strictObject({
    name: field
      .label()
      .describe('Name of the object in the cluster, and value of its label app.kubernetes.io/name.'),
    kind: z
      .enum(['Rollout', 'Deployment'])
      .describe('A Rollout (argoproj.io) is canaried; a Deployment follows once it serves.'),
    container: field
      .label()
      .describe('The container that runs the image of the release; sidecars keep theirs.'),
  })
  .describe('One object that runs the image of the release.')

const gitops = z
  .strictObject({
    repository: field
      .gitRepository()
      .describe('The repository that Argo CD reads: owner/name on GitHub, or a Git URL.'),
    branch: field
      .branch()
      .default('main')
      .describe('Its branch. No workflow of the service may build from it.'),
    chart: field
      .path()
      .describe(
        'Folder of the Helm chart in this repository. Each pin copies it whole, so that no merge reaches a region except through its pin.',
      ),
  })
  .describe('Where the state of every environment stands, and what is copied there.')

const train = z
  .strictObject({
    timezone: field
      .timezone()
      .describe('The zone whose calendar days count for `start` and `regions-per-day`.'),
    start: field
      .weekday()
      .default('Tue')
      .describe('The day on which a train starts; later regions go on any day their window is open.'),
    order: z
      .array(field.label())
      .min(1, { error: 'names no region' })
      .describe(
        'Every production environment, in the order in which a release reaches them. Rollback goes the other way.',
      ),
    'regions-per-day': z
      .int()
      .min(1)
      .max(20)
      .default(1)
      .describe('At most this many regions start on one calendar day.'),
    spacing: field
      .duration(0, 14 * day)
      .default('20h')
      .describe('At least this long between the starts of two regions.'),
    bake: field
      .duration(0, 14 * day)
      .default('30m')
      .describe('How long a region serves the digest at 100 % before it counts as verified.'),
    'bake-requests': z
      .int()
      .min(0)
      .max(1e12)
      .default(1000)
      .describe('And at least this many requests, so that a quiet hour proves nothing.'),
    'fact-age': field.duration(minute, day).default('10m').describe('A fact older than this passes no gate.'),
    watch: field
      .duration(0, 14 * day)
      .default('24h')
      .describe('How long after its train an alarm still takes the release back without asking.'),
    progress: field
      .duration(minute, 7 * day)
      .default('2h')
      .describe('A pin that its region is seen not to serve for longer goes back.'),
    'not-beside': z
      .array(field.label())
      .default([])
      .describe('Services of the same GitOps branch: no region starts while one of them is on its way.'),
  })
  .describe('How a release travels from region to region.')

const approvals = z
  .strictObject({
    required: z
      .int()
      .min(0)
      .max(10)
      .default(1)
      .describe('People who approve a plan before its first production region; never its author.'),
    expires: field
      .duration(minute, 30 * day)
      .default('72h')
      .describe('An approval older than this is asked for again.'),
    from: z
      .array(z.string().min(1).max(200))
      .min(1, { error: 'names nobody, so nothing could ever be approved' })
      .optional()
      .describe('Who may approve, as the platform names them. Default: everybody but the author.'),
  })
  .describe('Who has to say yes. An approval is bound to digest, config revision and this policy.')

const slo = z
  .strictObject({
    name: field.label().describe('Name of the promise, for metrics, alarms and people.'),
    target: field.percent(50, 99.9999).describe('Percent of requests that have to be good.'),
    window: field
      .duration(hour, 90 * day)
      .default('30d')
      .describe('The time over which the target counts.'),
    total: field.selector().describe('Counters of all requests, one series a pod.'),
    bad: field.selector().describe('Counters of the bad ones.'),
  })
  .describe('A promise to the users of the service. The suite reads raw counters and counts by itself.')

const metric = z
  .strictObject({
    name: field.label().describe('Name of the comparison, as the reason of an abort states it.'),
    slo: field.label().optional().describe('Take `total` and `bad` from this SLO.'),
    total: field.selector().optional().describe('Counters of all events, one series a pod.'),
    bad: field.selector().optional().describe('Counters of the bad ones.'),
    good: field
      .selector()
      .optional()
      .describe('Counters of the good ones instead, such as orders of all checkouts: a fall is bad.'),
    histogram: field
      .selector()
      .optional()
      .describe('Latency histogram in seconds, classic (its name without _bucket) or native.'),
    gauge: field
      .selector()
      .optional()
      .describe('A value that is bad above `above`, such as the lag of a consumer; one series a pod.'),
    above: z.number().optional().describe('Bound of `gauge`.'),
    restarts: field.selector().optional().describe('Counter of container restarts, one series a pod.'),
    margin: z
      .strictObject({
        ratio: z.number().min(1).max(100).optional().describe('How many times the rate of the stable pods.'),
        difference: field.percent(0, 50).optional().describe('Percentage points above their rate.'),
      })
      .optional()
      .describe('Margin of this metric, where it is not that of the canary.'),
    weight: z
      .number()
      .min(0)
      .max(1000)
      .optional()
      .describe('Share of the false alarms it may use, beside the others. 0: only its limit counts.'),
    'warm-up': field
      .duration(0, hour)
      .optional()
      .describe('Time from the readiness of a pod on that is not counted; 60s for a histogram.'),
    limit: z
      .strictObject({
        bad: field
          .percent(0, 100)
          .describe('Percent of bad events that is too much whatever the stable pods do.'),
        'slower-than': field
          .duration(1, hour)
          .optional()
          .describe('Of a histogram: what counts as bad; one of its bounds. p95 under 500 ms is `bad: 5`.'),
        for: field.duration(1000, hour).default('5m').describe('How long without a break.'),
      })
      .optional()
      .describe('A fixed bound beside the comparison, such as an error rate over 1 % for 5m.'),
  })
  .superRefine((value, context) => {
    const problem = sourceProblem(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .describe('One thing in which the canary is compared with the stable pods.')

interface Sources {
  readonly slo?: string | undefined
  readonly total?: string | undefined
  readonly bad?: string | undefined
  readonly good?: string | undefined
  readonly histogram?: string | undefined
  readonly gauge?: string | undefined
  readonly above?: number | undefined
  readonly restarts?: string | undefined
  readonly limit?: { readonly 'slower-than'?: string | undefined } | undefined
}

/** Exactly one source of counts, and what belongs to it. */
function sourceProblem(value: Sources): string | undefined {
  const { slo, total, bad, good, histogram, gauge, above, restarts, limit } = value
  const counters = [total, bad, good].some((each) => each !== undefined)
  const others = [slo, histogram, gauge, restarts].filter((each) => each !== undefined).length
  if (others + (counters ? 1 : 0) !== 1) {
    return others === 0 || slo !== undefined
      ? 'takes its counters either from `slo` or from `total` and `bad`'
      : 'takes its counts from one source: `slo`, `total` and `bad` or `good`, `histogram`, `gauge`, or `restarts`'
  }
  if (counters && (total === undefined || (bad === undefined) === (good === undefined))) {
    return 'needs both `total` and `bad`, or `total` and `good`'
  }
  if ((gauge === undefined) !== (above === undefined)) return 'needs `gauge` and `above` together'
  if (limit !== undefined && (histogram === undefined) !== (limit['slower-than'] === undefined)) {
    return 'needs `limit.slower-than` for a histogram, and for nothing else'
  }
  return undefined
}

const canary = z
  .strictObject({
    holds: z
      .record(
        z
          .string()
          .regex(/^([1-9][0-9]?|100)$/, { error: 'has to be a weight: a whole number from 1 to 100' }),
        field.duration(0, 7 * day),
      )
      .optional()
      .describe(
        "Minimum time at each weight of the Rollout's own steps; with it, a weight of the Rollout without a hold is refused. Default: 30m at the first weight, 10m later. Under 100: the time to watch after a blue-green cut-over or a rolling update.",
      ),
    'scrape-interval': field
      .duration(1000, 300_000)
      .optional()
      .describe(
        'Scrape interval of the metrics, the length of a block of evidence; 15s to 60s in production.',
      ),
    metrics: z.array(metric).default([]).describe('What is compared. Without one the canary only waits.'),
    margin: z
      .strictObject({
        ratio: z
          .number()
          .refine((value) => value >= 1 && value <= 100, { error: 'has to be between 1 and 100' })
          .default(1.5)
          .meta({ minimum: 1, maximum: 100 })
          .describe('How many times the error rate of the stable pods is still no reason to abort.'),
        difference: field
          .percent(0, 50)
          .default(0.1)
          .describe('How many percentage points above the stable pods are still no reason to abort.'),
      })
      .prefault({})
      .describe('The canary counts as worse only when both are exceeded.'),
    'false-aborts': field
      .percent(0.001, 20)
      .default(1)
      .describe('At most this percent of good releases are aborted, over the whole rollout.'),
  })
  .describe('How the Rollout is judged. Its own steps are the only list of weights.')

const migrations = z
  .strictObject({
    folder: field
      .path()
      .describe('Folder of the .sql files, run forward only, in the order of their numbers.'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'has to be a plain schema name in lower case' })
      .default('public')
      .describe('Schema that holds the journal.'),
    'lock-timeout': field
      .duration(1, minute)
      .default('100ms')
      .describe('One attempt waits at most this long for a lock; traffic waits behind it.'),
    budget: field.duration(1000, day).default('10m').describe('All attempts of one statement together.'),
    stall: field
      .duration(10, day)
      .default('150ms')
      .describe(
        'A statement is taken back when reads or writes of others have waited behind it for this long.',
      ),
    'stall-budget': field
      .duration(100, day)
      .default('10s')
      .describe('What others may wait behind all attempts of one statement together.'),
  })
  .describe('SQL migrations of the service.')

const contracts = z
  .strictObject({
    openapi: field.path().optional().describe('OpenAPI description of the HTTP API.'),
    events: field.path().optional().describe('Catalogue of the events that the service publishes.'),
  })
  .describe('What other services rely on.')

const asked = (what: string) => z.strictObject({}).optional().describe(what)

const gates = z
  .strictObject({
    budget: z
      .strictObject({
        least: field.percent(0, 100).default(10).describe('Percent of the budget that has to be left.'),
      })
      .optional()
      .describe('Normal releases wait while the error budget of an objective is low.'),
    capacity: z
      .strictObject({
        headroom: field
          .percent(0, 500)
          .default(30)
          .describe('Percent above the measured peak that ready replicas carry.'),
      })
      .optional()
      .describe('Room for a canary, and for losing a part of the region while it moves.'),
    schema: asked('The region is at the level of the schema that the release needs, or migrates to it.'),
    residency: z
      .strictObject({ jurisdictions: z.array(field.label()).min(1).describe('Where the service may run.') })
      .optional()
      .describe('No pin where the law of the data forbids it.'),
    provenance: asked('Signature and attestations of the digest were verified, before each region.'),
    incident: asked('No P1 or P2 is open.'),
    telemetry: z
      .strictObject({ 'max-age': field.duration(1000, day).default('5m').describe('Oldest newest sample.') })
      .optional()
      .describe('Samples are fresh and a test alert arrives: a blind region looks quiet.'),
    drill: z
      .strictObject({
        within: field
          .duration(hour, 366 * day)
          .default('90d')
          .describe('How long a rehearsal counts.'),
      })
      .optional()
      .describe('A rollback was rehearsed.'),
    told: asked('The team was told of this digest.'),
    reviewed: asked('Somebody but the author has read the change.'),
    tested: asked('The tests of this digest have passed.'),
  })
  .describe(
    'The deployment checklist. What is named needs a recorded fact, or blocks; what is not named is off.',
  )

export const fileSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this form.'),
    service: field.label().describe('Name of the service; its ledger stands under release/<service>/.'),
    image,
    workloads: z
      .array(workload)
      .min(1, { error: 'names no workload' })
      .describe('In the order in which they move.'),
    gitops,
    environments: z
      .record(field.label(), environment)
      .refine((value) => Object.keys(value).length > 0, { error: 'names no environment' })
      .describe('By name. The production ones are the regions of the train.'),
    train,
    calendar: calendar.optional(),
    approvals: approvals.prefault({}),
    gates: gates.optional(),
    slos: z.array(slo).default([]).describe('Promises to the users of the service.'),
    canary: canary.optional(),
    migrations: migrations.optional(),
    contracts: contracts.prefault({}),
    notify: notify.optional(),
  })
  .describe('How a service is released by Tuesday. One file per service.')

/** A file that passed every check on single values; what belongs together is checked in `cross-checks.ts`. */
export type FileForm = z.output<typeof fileSchema>
