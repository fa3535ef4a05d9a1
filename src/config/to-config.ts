import { parseDuration, type Region } from '../release/index.ts'
import type {
  CanaryConfig,
  CanaryMetric,
  Config,
  Environment,
  GatesConfig,
  ImageConfig,
  MetricCounts,
  SloConfig,
  WindowConfig,
} from './config.ts'
import { minuteOfDay } from './fields.ts'
import type { FileForm } from './schema.ts'
import { type CalendarForm, toCalendar } from './to-calendar.ts'
import { toNotify } from './to-notify.ts'

/** From the form of the file to the form of the domain. The form has been checked: nothing here can fail. */
export function toConfig(form: FileForm): Config {
  const { image, workloads, gitops, train, approvals, contracts, canary, migrations } = form
  const slos = form.slos.map(toSlo)
  return {
    version: form.version,
    service: form.service,
    image: toImage(image),
    workloads,
    gitops,
    environments: namedEnvironments(form),
    train: {
      timezone: train.timezone,
      start: train.start,
      // Every name was checked against the production environments.
      order: train.order as Region[],
      regionsPerDay: train['regions-per-day'],
      spacingMs: ms(train.spacing),
      bakeMs: ms(train.bake),
      bakeRequests: train['bake-requests'],
      factAgeMs: ms(train['fact-age']),
      watchMs: ms(train.watch),
      progressMs: ms(train.progress),
      ...(train['not-beside'].length === 0 ? {} : { notBeside: train['not-beside'] }),
    },
    ...(form.calendar === undefined ? {} : { calendar: toCalendar(form.calendar) }),
    approvals: {
      required: approvals.required,
      expiresMs: ms(approvals.expires),
      ...(approvals.from === undefined ? {} : { from: approvals.from }),
    },
    ...(form.gates === undefined ? {} : { gates: toGates(form.gates) }),
    slos,
    ...(canary === undefined ? {} : { canary: toCanary(canary, slos) }),
    ...(migrations === undefined
      ? {}
      : {
          migrations: {
            folder: migrations.folder,
            schema: migrations.schema,
            lockTimeoutMs: ms(migrations['lock-timeout']),
            budgetMs: ms(migrations.budget),
            stallMs: ms(migrations.stall),
            stallBudgetMs: ms(migrations['stall-budget']),
          },
        }),
    contracts: {
      ...(contracts.openapi === undefined ? {} : { openapi: contracts.openapi }),
      ...(contracts.events === undefined ? {} : { events: contracts.events }),
    },
    ...(form.notify === undefined ? {} : { notify: toNotify(form.notify) }),
  }
}

function toImage({ repository, verify }: FileForm['image']): ImageConfig {
  if (verify === undefined || verify === 'off') return { repository, ...(verify && { verify }) }
  const { workflow, key, 'trusted-root': root, issuer, source } = verify
  return {
    repository,
    verify: {
      workflow,
      source: source ?? workflow.slice(0, workflow.indexOf('/.github/workflows/')),
      // Exactly one of them is there: that was checked.
      trust: { kind: key === undefined ? 'keyless' : 'key', file: key ?? root ?? '' },
      issuer,
    },
  }
}

/** No prototype: an environment that nobody wrote is not found under `constructor` either. */
function namedEnvironments({ environments, calendar }: FileForm): Config['environments'] {
  const named: Record<string, Environment> = Object.create(null)
  for (const [name, form] of Object.entries(environments)) {
    named[name] = toEnvironment(name, form, windowOf(name, form, calendar))
  }
  return named
}

/** A train goes out on mornings of the first four days of the week, so that people are there for what follows. */
const usualWindow: WindowConfig = {
  days: ['Mon', 'Tue', 'Wed', 'Thu'],
  fromMinute: 9 * 60,
  toMinute: 12 * 60,
}

type EnvironmentForm = FileForm['environments'][string]

/** Its own window; else the usual one for a region that no rule opens. Undefined for any time, or by rules alone. */
function windowOf(
  name: string,
  { window, production, 'any-time': anyTime }: EnvironmentForm,
  calendar: CalendarForm | undefined,
): WindowConfig | undefined {
  if (window !== undefined) return toWindow(window)
  const opened =
    calendar?.allow.some(({ regions }) => regions === undefined || regions.includes(name)) ?? false
  return anyTime || opened || !production ? undefined : usualWindow
}

function toEnvironment(name: string, form: EnvironmentForm, window: WindowConfig | undefined): Environment {
  const {
    production,
    jurisdiction,
    timezone,
    runner,
    cluster,
    namespace,
    argocd,
    gitops,
    prometheus,
    dashboards,
  } = form
  const token = prometheus['token-env']
  const basic = prometheus['basic-env']
  const headers = prometheus['header-envs']
  const tls = prometheus['tls-envs']
  return {
    name,
    production,
    jurisdiction,
    timezone,
    runner: typeof runner === 'string' ? [runner] : runner,
    cluster,
    namespace,
    argocd: {
      namespace: argocd.namespace,
      application: argocd.application,
      context: argocd.context ?? cluster.context,
    },
    gitops,
    prometheus: {
      // `new URL(path, base)` and plain concatenation agree on a base without a trailing slash.
      url: prometheus.url.replace(/\/+$/, ''),
      ...(token === undefined ? {} : { tokenEnv: token }),
      ...(basic === undefined ? {} : { basicEnv: basic }),
      ...(headers === undefined ? {} : { headerEnvs: headers }),
      ...(tls === undefined ? {} : { tlsEnvs: given(tls) }),
    },
    ...(form.mirror === undefined ? {} : { mirror: form.mirror }),
    ...(form.database === undefined ? {} : { database: toDatabase(form.database) }),
    ...(window === undefined ? {} : { window }),
    ...(form['no-deploy-days'] === undefined ? {} : { noDeployDays: form['no-deploy-days'] }),
    dashboards,
    ...(form['stands-in-for'] === undefined ? {} : { standsInFor: form['stands-in-for'] }),
  }
}

function toGates(form: NonNullable<FileForm['gates']>): GatesConfig {
  const { budget, capacity, schema, residency, provenance, incident, telemetry, drill } = form
  const { told, reviewed, tested } = form
  return {
    ...(budget && { budget: { least: budget.least / 100 } }),
    ...(capacity && { capacity: { headroom: capacity.headroom / 100 } }),
    ...(schema && { schema }),
    ...(residency && { residency }),
    ...(provenance && { provenance }),
    ...(incident && { incident }),
    ...(telemetry && { telemetry: { maxAgeMs: ms(telemetry['max-age']) } }),
    ...(drill && { drill: { withinMs: ms(drill.within) } }),
    ...(told && { told }),
    ...(reviewed && { reviewed }),
    ...(tested && { tested }),
  }
}

function toWindow(form: NonNullable<FileForm['environments'][string]['window']>): WindowConfig {
  return { days: form.days, fromMinute: minuteOfDay(form.from), toMinute: minuteOfDay(form.to) }
}

function toSlo(form: FileForm['slos'][number]): SloConfig {
  const { name, target, window, total, bad } = form
  return { name, target, windowMs: ms(window), total, bad }
}

function toCanary(form: NonNullable<FileForm['canary']>, slos: readonly SloConfig[]): CanaryConfig {
  const interval = form['scrape-interval']
  const holds = Object.entries(form.holds ?? {}).map(([weight, hold]) => [Number(weight), ms(hold)] as const)
  return {
    ...(form.holds === undefined ? {} : { holdsMs: Object.fromEntries(holds) }),
    metrics: form.metrics.map((metric) => toMetric(metric, slos)),
    margin: { ratio: form.margin.ratio, difference: form.margin.difference / 100 },
    falseAborts: form['false-aborts'] / 100,
    ...(interval === undefined ? {} : { scrapeIntervalMs: ms(interval) }),
  }
}

type MetricForm = NonNullable<FileForm['canary']>['metrics'][number]

function toMetric(form: MetricForm, slos: readonly SloConfig[]): CanaryMetric {
  const { name, slo, margin, weight, limit } = form
  const warmup = form['warm-up']
  return {
    name,
    ...countsOf(form, slos),
    ...(slo === undefined ? {} : { slo }),
    ...(margin === undefined ? {} : { margin: toMargin(margin) }),
    ...(weight === undefined ? {} : { weight }),
    ...(warmup === undefined ? {} : { warmupMs: ms(warmup) }),
    ...(limit === undefined ? {} : { limit: toLimit(limit) }),
  }
}

function countsOf(form: MetricForm, slos: readonly SloConfig[]): MetricCounts {
  const { slo, histogram, gauge, above, restarts } = form
  if (histogram !== undefined) return { histogram }
  if (gauge !== undefined && above !== undefined) return { gauge, above }
  if (restarts !== undefined) return { restarts }
  if (form.total !== undefined && form.good !== undefined) return { total: form.total, good: form.good }
  const { total, bad } = slo === undefined ? form : (slos.find((known) => known.name === slo) ?? form)
  if (total === undefined || bad === undefined)
    throw new TypeError(`metric ${form.name} passed its checks without counters`)
  return { total, bad }
}

function toMargin({ ratio, difference }: NonNullable<MetricForm['margin']>) {
  return {
    ...(ratio === undefined ? {} : { ratio }),
    ...(difference === undefined ? {} : { difference: difference / 100 }),
  }
}

function toLimit(limit: NonNullable<MetricForm['limit']>) {
  const slower = limit['slower-than']
  return {
    share: limit.bad / 100,
    forMs: ms(limit.for),
    ...(slower === undefined ? {} : { slowerThanMs: ms(slower) }),
  }
}

function toDatabase(
  form: NonNullable<FileForm['environments'][string]['database']>,
): NonNullable<Environment['database']> {
  return {
    urlEnv: form['url-env'],
    login: form.login,
    tenants: (form.tenants ?? []).map((tenant) => ({
      name: tenant.name,
      ...(tenant.schema === undefined ? {} : { schema: tenant.schema }),
      ...(tenant['url-env'] === undefined ? {} : { urlEnv: tenant['url-env'] }),
    })),
    parallel: form.parallel,
  }
}

function ms(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new TypeError(`duration ${text} passed its check and cannot be read`)
  return value
}

/** Only what the file names. */
function given(tls: NonNullable<FileForm['environments'][string]['prometheus']['tls-envs']>) {
  const { ca, cert, key } = tls
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}
