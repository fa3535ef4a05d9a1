import { parseDuration, type Region } from '../release/index.ts'
import type {
  CanaryConfig,
  CanaryMetric,
  Config,
  Environment,
  GatesConfig,
  SloConfig,
  WindowConfig,
} from './config.ts'
import { minuteOfDay } from './fields.ts'
import type { FileForm } from './schema.ts'

/** From the form of the file to the form of the domain. The form has been checked: nothing here can fail. */
export function toConfig(form: FileForm): Config {
  const { image, workloads, gitops, train, approvals, contracts, canary, migrations } = form
  const slos = form.slos.map(toSlo)
  return {
    version: form.version,
    service: form.service,
    image,
    workloads,
    gitops,
    environments: namedEnvironments(form.environments),
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
          },
        }),
    contracts: {
      ...(contracts.openapi === undefined ? {} : { openapi: contracts.openapi }),
      ...(contracts.events === undefined ? {} : { events: contracts.events }),
    },
  }
}

/** No prototype: an environment that nobody wrote is not found under `constructor` either. */
function namedEnvironments(form: FileForm['environments']): Config['environments'] {
  const named: Record<string, Environment> = Object.create(null)
  for (const [name, environment] of Object.entries(form)) named[name] = toEnvironment(name, environment)
  return named
}

function toEnvironment(name: string, form: FileForm['environments'][string]): Environment {
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
    },
    ...(form.database === undefined ? {} : { database: { urlEnv: form.database['url-env'] } }),
    ...(form.window === undefined ? {} : { window: toWindow(form.window) }),
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
  const holdsMs: Record<number, number> = {}
  for (const [weight, hold] of Object.entries(form.holds)) holdsMs[Number(weight)] = ms(hold)
  return {
    holdsMs,
    metrics: form.metrics.map((metric) => toMetric(metric, slos)),
    margin: { ratio: form.margin.ratio, difference: form.margin.difference / 100 },
    falseAborts: form['false-aborts'] / 100,
  }
}

function toMetric(
  form: NonNullable<FileForm['canary']>['metrics'][number],
  slos: readonly SloConfig[],
): CanaryMetric {
  const { name, slo } = form
  const { total, bad } = slo === undefined ? form : (slos.find((known) => known.name === slo) ?? form)
  if (total === undefined || bad === undefined)
    throw new TypeError(`metric ${name} passed its checks without counters`)
  return { name, total, bad, ...(slo === undefined ? {} : { slo }) }
}

function ms(text: string): number {
  const value = parseDuration(text)
  if (value === undefined) throw new TypeError(`duration ${text} passed its check and cannot be read`)
  return value
}
