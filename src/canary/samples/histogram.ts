import { describe, type Series } from './prometheus.ts'

/** One histogram as cumulative counters: all observations, and those up to each bound. */
export interface Cumulative {
  readonly count: readonly Series[]
  readonly upTo: ReadonlyMap<number, readonly Series[]>
}

/** Adds `_bucket` or `_count` to the name of a selector. */
export function suffixed(selector: string, suffix: string): string {
  const at = selector.search(/[\s{]|$/)
  return `${selector.slice(0, at)}${suffix}${selector.slice(at)}`
}

/**
 * Buckets by the number of their bound, since Prometheus 3 writes `1.0` where older ones wrote `1`. `problem` is set
 * when a series has no bound, or a pod lacks the bound `+Inf`, without which slow requests are not counted at all.
 */
export function classic(
  buckets: readonly Series[],
): { readonly ok: true; readonly value: Cumulative } | { readonly ok: false; readonly problem: string } {
  const upTo = new Map<number, Series[]>()
  const pods = new Set<string>()
  for (const each of buckets) {
    const bound = boundOf(each.labels.le)
    if (bound === undefined) return { ok: false, problem: `${describe(each.labels)} has no bound \`le\`` }
    const { le: _, ...labels } = each.labels
    upTo.set(bound, [...(upTo.get(bound) ?? []), { ...each, labels }])
    pods.add(each.labels.pod ?? '')
  }
  const count = upTo.get(Number.POSITIVE_INFINITY) ?? []
  const complete = new Set(count.map(({ labels }) => labels.pod ?? ''))
  const lacking = [...pods].find((pod) => !complete.has(pod))
  if (lacking !== undefined) return { ok: false, problem: `pod ${lacking} has no bucket with le="+Inf"` }
  upTo.delete(Number.POSITIVE_INFINITY)
  return { ok: true, value: { count, upTo } }
}

function boundOf(text: string | undefined): number | undefined {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  const bound = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(bound) ? bound : undefined
}

/** Powers of two from 2 ms to 16 s are bounds of every exponential schema from 0 on: nothing is interpolated. */
const NATIVE_BOUNDS = Array.from({ length: 14 }, (_, at) => 2 ** (at - 9))

export function native(series: readonly Series[]): Cumulative {
  const counters = (value: (sample: NonNullable<Series['histograms']>[number]) => number) =>
    series.map(
      ({ labels, histograms = [] }): Series => ({
        labels,
        samples: histograms.map((each) => ({ at: each.at, value: value(each) })),
      }),
    )
  return {
    count: counters(({ count }) => count),
    upTo: new Map(
      NATIVE_BOUNDS.map((bound) => [
        bound,
        counters(({ buckets }) =>
          buckets.reduce((sum, each) => (each.to <= bound ? sum + each.count : sum), 0),
        ),
      ]),
    ),
  }
}

const TAIL = { least: 0.001, most: 0.6 }
/** Without history: what people notice. */
const NOTICEABLE = { from: 0.1, to: 1 }

/**
 * The bounds worth a comparison: those that 0.1 % to 60 % of the stable requests were slower than before the start.
 * Only the past is asked, so that the choice depends on nothing the canary does.
 */
export function chooseCuts(
  tails: ReadonlyMap<number, { readonly n: number; readonly e: number }>,
): readonly number[] {
  const bounds = [...tails.keys()].sort((a, b) => a - b)
  const seen = [...tails.values()].some(({ n }) => n > 0)
  return bounds.filter((bound) => {
    if (!seen) return bound >= NOTICEABLE.from && bound <= NOTICEABLE.to
    const { n, e } = tails.get(bound) ?? { n: 0, e: 0 }
    return n > 0 && e / n >= TAIL.least && e / n <= TAIL.most
  })
}
