import { type Config, type Environment, fillSelector, type RatioSelectors } from '../config/index.ts'
import { type Clock, err, type Fetch, ok, type Result } from '../release/index.ts'
import type { GateOptions } from './gate/options.ts'
import { type Prometheus, prometheus } from './samples/prometheus.ts'

/** The Prometheus of an environment, with the token that the job was given for it. */
export function openPrometheus(
  environment: Environment,
  io: { readonly env: Readonly<Record<string, string>>; readonly fetch: Fetch; readonly clock: Clock },
): Result<Prometheus> {
  const { url, tokenEnv } = environment.prometheus
  const token = tokenEnv === undefined ? undefined : io.env[tokenEnv]
  if (tokenEnv !== undefined && (token === undefined || token === '')) {
    return err({
      blame: 'user',
      reason: 'invalid-input',
      cause: `The variable ${tokenEnv}, which holds the token for Prometheus of ${environment.name}, is not set.`,
      likely: 'The step does not hand the secret on.',
      next: `Add \`env: { ${tokenEnv}: \${{ secrets.… }} }\` to the step.`,
    })
  }
  return ok(prometheus({ url, fetch: io.fetch, clock: io.clock, ...(token === undefined ? {} : { token }) }))
}

/** Selectors of tuesday.yaml for one workload of one environment. */
export function fillRatio(
  selectors: RatioSelectors,
  environment: Environment,
  workload: string,
): RatioSelectors {
  const values = { namespace: environment.namespace, environment: environment.name, workload }
  return { total: fillSelector(selectors.total, values), bad: fillSelector(selectors.bad, values) }
}

type FromConfig = Pick<GateOptions, 'target' | 'holdsMs' | 'metrics' | 'judge' | 'companions'>

/** What tuesday.yaml says about the canary of this environment. */
export function gateFromConfig(config: Config, environment: Environment): Result<FromConfig> {
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
  const { name, kind, container } = main
  const { holdsMs, metrics, margin, falseAborts } = config.canary
  const slo = (name: string | undefined) => config.slos.find((each) => each.name === name)?.target
  return ok({
    target: { namespace: environment.namespace, name, kind, container },
    companions: config.workloads
      .filter((each) => each.name !== name)
      .map((each) => ({ name: each.name, kind: each.kind, container: each.container })),
    ...(holdsMs === undefined ? {} : { holdsMs }),
    metrics: metrics.map((each) => ({ name: each.name, ...fillRatio(each, environment, name) })),
    judge: {
      alpha: falseAborts,
      metrics: Object.fromEntries(
        metrics.map((each) => {
          const target = slo(each.slo)
          return [
            each.name,
            {
              ratio: margin.ratio,
              delta: margin.difference,
              ...(target === undefined ? {} : { slo: target / 100 }),
            },
          ]
        }),
      ),
    },
  })
}
