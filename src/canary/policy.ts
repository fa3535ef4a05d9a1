import type { JudgePolicy, MetricPolicy } from './judge/types.ts'

/** Tolerances by kind. An error margin is "burns the budget no faster than `beta` times more": beta x (1 - SLO). */
const KINDS = {
  errors: { ratio: 1.5, beta: 1 },
  latency: { ratio: 1.25, delta: 0.005 },
  /** A tenth fewer orders, and half a percentage point. */
  fall: { ratio: 1.1, delta: 0.005 },
} as const

export const DEFAULT_SLO = 0.999
export const DEFAULT_ALPHA = 0.01

/** Share of alpha: errors first, then latency, the rest shares what is left. */
const WEIGHTS = { errors: 0.5, latency: 0.4, other: 0.1 }

export interface MetricOptions {
  readonly kind?: 'errors' | 'latency'
  readonly ratio?: number
  readonly delta?: number
  readonly weight?: number
  /** SLO target of this metric, e.g. 0.999. */
  readonly slo?: number
  readonly fall?: boolean
  readonly limit?: MetricPolicy['limit']
}

/** A metric is an error ratio unless it is called latency or says otherwise. */
export function metricPolicy(name: string, options: MetricOptions, others: number): MetricPolicy {
  const kind = kindOf(name, options)
  const of = options.fall === true ? 'fall' : kind
  const delta = of === 'errors' ? KINDS.errors.beta * (1 - (options.slo ?? DEFAULT_SLO)) : KINDS[of].delta
  return {
    kind,
    ratio: options.ratio ?? KINDS[of].ratio,
    delta: options.delta ?? round(delta),
    weight: options.weight ?? defaultWeight(name, kind, others),
    ...(options.fall === undefined ? {} : { fall: options.fall }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  }
}

function kindOf(name: string, { kind }: MetricOptions): MetricPolicy['kind'] {
  return kind ?? (/latency|duration/.test(name) ? 'latency' : 'errors')
}

function defaultWeight(name: string, kind: MetricPolicy['kind'], others: number): number {
  if (kind === 'latency') return WEIGHTS.latency
  return name === 'errors' ? WEIGHTS.errors : WEIGHTS.other / Math.max(1, others)
}

/** 1 - 0.999 is 0.0010000000000000009. */
const round = (delta: number) => Number(delta.toPrecision(12))

export interface PolicyOptions {
  readonly alpha?: number
  readonly slo?: number
  /** Margin of every error ratio that has none of its own. */
  readonly ratio?: number
  readonly delta?: number
  readonly strict?: boolean
  readonly presence?: number
  readonly metrics?: Readonly<Record<string, MetricOptions>>
  readonly calibration?: JudgePolicy['calibration']
  readonly minimumRequests?: JudgePolicy['minimumRequests']
  readonly spend?: JudgePolicy['spend']
}

export function judgePolicy(
  names: readonly string[],
  plannedBlocks: number,
  options: PolicyOptions = {},
): JudgePolicy {
  const others = names.filter((name) => name !== 'errors' && !/latency|duration/.test(name)).length
  const common = (name: string): MetricOptions => {
    const own = options.metrics?.[name] ?? {}
    const { slo, ratio, delta } = options
    const isErrors = own.fall !== true && kindOf(name, own) === 'errors'
    return {
      ...(slo === undefined ? {} : { slo }),
      ...(ratio === undefined || !isErrors ? {} : { ratio }),
      ...(delta === undefined || !isErrors ? {} : { delta }),
      ...own,
    }
  }
  return {
    alpha: options.alpha ?? DEFAULT_ALPHA,
    plannedBlocks: Math.max(1, plannedBlocks),
    metrics: Object.fromEntries(names.map((name) => [name, metricPolicy(name, common(name), others)])),
    ...(options.strict === undefined ? {} : { strict: options.strict }),
    ...(options.presence === undefined ? {} : { presence: options.presence }),
    ...(options.calibration === undefined ? {} : { calibration: options.calibration }),
    ...(options.minimumRequests === undefined ? {} : { minimumRequests: options.minimumRequests }),
    ...(options.spend === undefined ? {} : { spend: options.spend }),
  }
}
