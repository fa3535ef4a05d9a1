import * as z from 'zod'
import * as field from './fields.ts'
import { noDeployDays } from './schema-calendar.ts'

const window = z
  .strictObject({
    days: z
      .array(field.weekday())
      .min(1, { error: 'names no day, so nothing could ever move' })
      .refine(isDistinct, { error: 'names a day twice' })
      .describe('Days on which a release may move forward here.'),
    from: field
      .timeOfDay()
      .describe('Local time of the environment; the minute itself is inside. Write it with quotes.'),
    to: field
      .timeOfDay()
      .describe('Local time of the environment; the minute itself is outside. Write it with quotes.'),
  })
  .refine((value) => field.minuteOfDay(value.from) < field.minuteOfDay(value.to), {
    path: ['to'],
    error: 'has to be later than `from`; a window over midnight is not offered, since nobody watches it',
    // Runs on its own when `days` is at fault, so that both are told in one message.
    when: ({ value }) => isObject(value) && typeof value.from === 'string' && typeof value.to === 'string',
  })
  .describe('When a release may move forward here. Going back is never bound by it.')

/** One place where the service runs, in the form of the file. */
export const environment = z
  .strictObject({
    production: z
      .boolean()
      .describe('true: a region of the train, canaried and approved. false: a stage before it.'),
    jurisdiction: field.label().describe('The law its data stands under, such as us or eu.'),
    timezone: field.timezone().describe('IANA zone in which `window` is read.'),
    runner: z
      .union([runnerLabel(), z.array(runnerLabel()).min(1, { error: 'names no label' })])
      .default('ubuntu-latest')
      .describe('Label or labels of the runner that reaches this environment.'),
    cluster: z
      .strictObject({ context: field.contextName().describe('Context of the kubeconfig that the job has.') })
      .describe('The cluster that runs the workloads.'),
    namespace: field.label().describe('Namespace of the workloads.'),
    mirror: field
      .imageRepository()
      .optional()
      .describe(
        'Repository that this environment pulls the image from, where it is not `image.repository`: checked for the same digest before each pin.',
      ),
    argocd: z
      .strictObject({
        namespace: field.label().default('argocd').describe('Namespace of the Application.'),
        application: field.label().describe('Name of the Application that syncs this environment.'),
        context: field
          .contextName()
          .optional()
          .describe('kubeconfig context of the cluster that Argo CD runs in, if it is another one.'),
      })
      .describe('Who carries the GitOps branch to the cluster.'),
    gitops: z
      .strictObject({
        path: field
          .path()
          .describe(
            'Folder of this environment in the GitOps repository: spec.source.path of the Application.',
          ),
        values: field
          .path()
          .describe('Values file of this repository; the pin copies it to <path>/values.yaml.'),
        pins: field
          .path()
          .describe(
            'File in `path` with the digest of each workload and the config revision. Only the train writes it.',
          ),
      })
      .describe('What this environment runs, as files.'),
    prometheus: z
      .strictObject({
        url: field
          .httpUrl()
          .describe('Base URL of the Prometheus (or compatible) HTTP API that scrapes this environment.'),
        'token-env': field
          .environmentVariable()
          .optional()
          .describe('Name of the variable that holds a bearer token.'),
        'basic-env': z
          .strictObject({
            user: field.environmentVariable().describe('Name of the variable that holds the user.'),
            password: field.environmentVariable().describe('Name of the variable that holds the password.'),
          })
          .optional()
          .describe('Basic authentication, instead of a token.'),
        'header-envs': z
          .record(
            z.string().regex(/^[A-Za-z0-9-]{1,100}$/, { error: 'has to be the name of a header' }),
            field.environmentVariable(),
          )
          .optional()
          .describe(
            'Further headers, such as X-Scope-OrgID, each with the name of the variable of its value.',
          ),
        'tls-envs': z
          .strictObject({
            ca: field
              .environmentVariable()
              .optional()
              .describe('Name of the variable with the certificates (PEM) of the authority of the server.'),
            cert: field
              .environmentVariable()
              .optional()
              .describe('Name of the variable with the client certificate (PEM).'),
            key: field
              .environmentVariable()
              .optional()
              .describe('Name of the variable with the key (PEM) of that certificate.'),
          })
          .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
            error: 'needs `cert` and `key` together',
          })
          .optional()
          .describe('TLS of the server: an authority of its own, and a client certificate.'),
      })
      .describe('Where the evidence comes from.'),
    database: z
      .strictObject({
        'url-env': field
          .environmentVariable()
          .describe('Name of the variable that holds the URL of the database; never the URL itself.'),
        login: z
          .enum(['url', 'rds-iam', 'cloud-sql-iam'])
          .default('url')
          .describe(
            'Where the password comes from: the URL, or a short-lived token that the cloud program (`aws`, `gcloud`) of the runner makes.',
          ),
        tenants: z
          .array(
            z.strictObject({
              name: z
                .string()
                .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, { error: 'has to be a short name' })
                .describe('What the tenant is called in statuses and reports.'),
              schema: z
                .string()
                .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'has to be a plain schema name in lower case' })
                .optional()
                .describe('Its schema, in place of `migrations.schema`.'),
              'url-env': field
                .environmentVariable()
                .optional()
                .describe('Variable with the URL of its own database, in place of the one above.'),
            }),
          )
          .min(1)
          .max(10_000)
          .refine((all) => isDistinct(all.map(({ name }) => name)), { error: 'has a name twice' })
          .optional()
          .describe('Several schemas or databases of the same shape; each gets a status of its own.'),
        parallel: z
          .int()
          .min(1)
          .max(32)
          .default(4)
          .describe('How many tenants are migrated at the same time.'),
      })
      .optional()
      .describe('The database that migrations run against.'),
    window: window.optional(),
    'any-time': z
      .boolean()
      .default(false)
      .describe(
        'true: a release may move forward here at any time. A region with neither this nor `window` moves Mon to Thu, 09:00 to 12:00.',
      ),
    'no-deploy-days': noDeployDays,
    'stands-in-for': z
      .array(field.label())
      .optional()
      .describe('Regions whose traffic this one may serve. Default: those under the same jurisdiction.'),
    dashboards: z
      .array(field.httpUrl())
      .default([])
      .describe('Links for people, printed where a decision is asked of them.'),
  })
  .describe('One place where the service runs.')

function runnerLabel() {
  return z.string().regex(/^[^\s\p{Cc},][^\p{Cc},]{0,254}$/u, { error: 'has to be a runner label' })
}

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
