import { type CanaryMetric, type Config, type Environment, fillSelector } from '../config/index.ts'
import { type Clock, err, type Fetch, ok, type Result } from '../release/index.ts'
import type { GateOptions } from './gate/options.ts'
import type { MetricOptions } from './policy.ts'
import { type Prometheus, prometheus } from './samples/prometheus.ts'
import type { MetricSource } from './samples/source.ts'

/** The Prometheus of an environment, with the credentials that the job was given for it; each is masked first. */
export function openPrometheus(
  environment: Environment,
  io: {
    readonly env: Readonly<Record<string, string>>
    readonly fetch: Fetch
    readonly clock: Clock
    readonly mask: (secret: string) => void
  },
): Result<Prometheus> {
  const { url, tokenEnv, basicEnv, headerEnvs = {} } = environment.prometheus
  const secrets = [tokenEnv, basicEnv?.password, ...Object.values(headerEnvs)].filter(
    (name) => name !== undefined,
  )
  const value = (name: string) => io.env[name] ?? ''
  for (const name of secrets) if (value(name) !== '') io.mask(value(name))
  const missing = [basicEnv?.user, ...secrets].find((name) => name !== undefined && value(name) === '')
  if (missing !== undefined) {
    return err({
      blame: 'user',
      reason: 'invalid-input',
      cause: `The variable ${missing}, which tuesday.yaml names for Prometheus of ${environment.name}, is not set.`,
      likely: 'The step does not hand the secret on.',
      next: `Add \`env: { ${missing}: \${{ secrets.… }} }\` to the step.`,
    })
  }
  const headers = Object.entries(headerEnvs).map(([name, variable]) => [name, value(variable)] as const)
  return ok(
    prometheus({
      url,
      fetch: io.fetch,
      clock: io.clock,
      ...(tokenEnv === undefined ? {} : { token: value(tokenEnv) }),
      ...(basicEnv === undefined
        ? {}
        : { basic: { user: value(basicEnv.user), password: value(basicEnv.password) } }),
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    }),
  )
}

function fillFor(selector: string, environment: Environment, workload: string): string {
  const { namespace, name } = environment
  return fillSelector(selector, { namespace, environment: name, workload })
}

type FromConfig = Pick<
  GateOptions,
  'target' | 'holdsMs' | 'metrics' | 'judge' | 'blockMs' | 'companions' | 'service'
>

const DEFAULT_BLOCK_MS = 15_000

/** What tuesday.yaml says about the canary of this environment; a block is one scrape interval. */
export function gateFromConfig(
  config: Config,
  environment: Environment,
  asked: { readonly blockMs?: number | undefined } = {},
): Result<FromConfig> {
  // Requests reach the Rollout; a service without one is followed on its first workload.
  const main = config.workloads.find((each) => each.kind === 'Rollout') ?? config.workloads[0]
  if (main === undefined || config.canary === undefined) {
    return err({
      blame: 'user',
      reason: 'rollout-unsupported',
      cause: `${config.service} has no \`canary\` in its tuesday.yaml, so there is nothing to judge by.`,
      next: 'Add `canary` with its metrics, or leave the canary step out for this service.',
    })
  }
  const { canary } = config
  const { name, kind, container } = main
  const blockMs = asked.blockMs ?? canary.scrapeIntervalMs ?? DEFAULT_BLOCK_MS
  const fill = (selector: string) => fillFor(selector, environment, name)
  const parts = canary.metrics.map((each) => metricOf(each, config, blockMs, fill))
  const service = serviceOf(config, fill)
  return ok({
    target: { namespace: environment.namespace, name, kind, container },
    companions: config.workloads
      .filter((each) => each.name !== name)
      .map((each) => ({ name: each.name, kind: each.kind, container: each.container })),
    ...(canary.holdsMs === undefined ? {} : { holdsMs: canary.holdsMs }),
    blockMs,
    ...(service === undefined ? {} : { service }),
    metrics: parts.flatMap((each) => each.sources),
    judge: {
      alpha: canary.falseAborts,
      metrics: Object.fromEntries(parts.flatMap((each) => each.options)),
      minimumRequests: Object.fromEntries(parts.flatMap((each) => each.minimum)),
    },
  })
}

/** The SLO that the canary is judged by is also that of the service as a whole. */
function serviceOf(config: Config, fill: (selector: string) => string): FromConfig['service'] {
  const judged = config.canary?.metrics.find((each) => each.slo !== undefined)
  const slo = config.slos.find((each) => each.name === judged?.slo)
  if (judged === undefined || slo === undefined) return undefined
  return {
    metric: judged.name,
    total: fill(slo.total),
    bad: fill(slo.bad),
    // 99.9 / 100 is 0.9990000000000001.
    target: Number((slo.target / 100).toPrecision(12)),
    periodMs: slo.windowMs,
  }
}

interface Part {
  readonly sources: readonly MetricSource[]
  readonly options: readonly (readonly [string, MetricOptions])[]
  readonly minimum: readonly (readonly [string, number])[]
}

/** One metric of tuesday.yaml; a limit on a quantile is a guard of its own at the bound it names. */
function metricOf(
  metric: CanaryMetric,
  config: Config,
  blockMs: number,
  fill: (selector: string) => string,
): Part {
  const { name, weight, margin, limit } = metric
  const source = sourceOf(metric, fill)
  const bound =
    limit === undefined
      ? undefined
      : { share: limit.share, blocks: Math.max(1, Math.ceil(limit.forMs / blockMs)) }
  const target = config.slos.find((each) => each.name === metric.slo)?.target
  const common = config.canary?.margin
  const isHistogram = 'histogram' in metric
  const isFall = 'good' in metric && metric.good !== undefined
  // The margin of the canary is one of error rates; latency and falls have their own, unless the metric says so.
  const ratio = margin?.ratio ?? (isHistogram || isFall ? undefined : common?.ratio)
  const delta = margin?.difference ?? (isHistogram || isFall ? undefined : common?.difference)
  const options: MetricOptions = {
    ...(isHistogram ? { kind: 'latency' as const } : { kind: 'errors' as const }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(delta === undefined ? {} : { delta }),
    ...(weight === undefined ? {} : { weight }),
    ...(target === undefined ? {} : { slo: target / 100 }),
    ...(isFall ? { fall: true } : {}),
    ...(bound === undefined || isHistogram ? {} : { limit: bound }),
  }
  // Scrapes of a few pods are counted, not requests: there is no number of them that could be asked for.
  const minimum: Part['minimum'] = 'gauge' in metric || 'restarts' in metric ? [[name, 1]] : []
  const part = { sources: [source], options: [[name, options] as const], minimum }
  if (bound === undefined || limit?.slowerThanMs === undefined || !('histogram' in source)) return part
  const guard = `${name}-limit`
  return {
    sources: [source, { ...source, name: guard, cutSeconds: limit.slowerThanMs / 1000 }],
    options: [...part.options, [guard, { kind: 'latency', weight: 0, limit: bound }] as const],
    minimum,
  }
}

function sourceOf(metric: CanaryMetric, fill: (selector: string) => string): MetricSource {
  const named = { name: metric.name, ...(metric.warmupMs === undefined ? {} : { warmupMs: metric.warmupMs }) }
  if ('histogram' in metric) return { ...named, histogram: fill(metric.histogram) }
  if ('gauge' in metric) return { ...named, gauge: fill(metric.gauge), above: metric.above }
  if ('restarts' in metric) return { ...named, restarts: fill(metric.restarts) }
  const { total, bad, good } = metric
  return {
    ...named,
    total: fill(total),
    ...(bad === undefined ? {} : { bad: fill(bad) }),
    ...(good === undefined ? {} : { good: fill(good) }),
  }
}
