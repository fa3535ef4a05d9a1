import { type Chance, chance } from '../../testkit/chance/index.ts'
import { BLOCK_SECONDS, BLOCKS, PODS } from './worlds.ts'

/** Upper bounds of the classic histogram that client libraries make by default, in seconds. */
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

export interface LatencyWorld {
  readonly rps: number
  /** Factor on every latency of the canary. */
  readonly times?: number
  /** Share of the canary's requests that take 600 ms more. */
  readonly slowShare?: number
  /** Standard deviation of ln(latency) that a pod has for good, and of each scrape of a pod. */
  readonly noise?: { readonly pod: number; readonly scrape: number }
}

/** Lognormal with p50 50 ms and p99 321 ms. */
const MU = Math.log(0.05)
const SIGMA = Math.log(0.321 / 0.05) / 2.3263478740408408

/** Requests by bucket, the last one above all bounds. */
export type Buckets = readonly number[]
export type LatencyRow = readonly Buckets[]

const meanOf = (world: LatencyWorld) => (world.rps * BLOCK_SECONDS) / PODS

/** Stable blocks pod by pod. */
export function latencyHistory(world: LatencyWorld, seed: number): readonly LatencyRow[] {
  const draws = chance(seed)
  const shift = shifts(world, draws)
  return Array.from({ length: BLOCKS }, () =>
    shift.map((own) => drawBuckets(draws, meanOf(world), [sharesOfPod(world, draws, own, false)])),
  )
}

/** One block: buckets of the canary and of all stable pods together. */
export interface Pair {
  readonly canary: Buckets
  readonly stable: Buckets
}

export function latencyRollout(world: LatencyWorld, seed: number): readonly Pair[] {
  const draws = chance(seed)
  const shift = shifts(world, draws)
  return Array.from({ length: BLOCKS }, () => {
    const [first = PLAIN, ...others] = shift.map((own, pod) => sharesOfPod(world, draws, own, pod === 0))
    return {
      canary: drawBuckets(draws, meanOf(world), [first]),
      stable: drawBuckets(draws, meanOf(world), others),
    }
  })
}

function shifts({ noise }: LatencyWorld, draws: Chance): readonly number[] {
  return Array.from({ length: PODS }, () => (noise === undefined ? 0 : noise.pod * draws.normal()))
}

function sharesOfPod(world: LatencyWorld, draws: Chance, shift: number, canary: boolean): Buckets {
  const noise = world.noise === undefined ? 0 : shift + world.noise.scrape * draws.normal()
  const factor = canary ? (world.times ?? 1) : 1
  const slow = canary ? (world.slowShare ?? 0) : 0
  return noise === 0 && factor === 1 && slow === 0 ? PLAIN : sharesOf(MU + noise + Math.log(factor), slow)
}

/** Poisson counts of several pods add up to a Poisson count. */
function drawBuckets(draws: Chance, mean: number, pods: readonly Buckets[]): Buckets {
  return PLAIN.map((_, at) => draws.poisson(mean * pods.reduce((sum, shares) => sum + (shares[at] ?? 0), 0)))
}

function sharesOf(mu: number, slow: number): readonly number[] {
  const below = (at: number) => (at <= 0 ? 0 : normalCdf((Math.log(at) - mu) / SIGMA))
  const cdf = [...BOUNDS.map((bound) => (1 - slow) * below(bound) + slow * below(bound - 0.6)), 1]
  return cdf.map((upTo, at) => Math.max(0, upTo - (cdf[at - 1] ?? 0)))
}

/** Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
  return z >= 0 ? 1 - upper : upper
}

const PLAIN = sharesOf(MU, 0)

export function slower(buckets: Buckets, cut: number): { n: number; e: number } {
  let n = 0
  let e = 0
  for (const [at, count] of buckets.entries()) {
    n += count
    if (at > cut) e += count
  }
  return { n, e }
}

/** As Prometheus' histogram_quantile: linear inside the bucket. */
export function quantile(buckets: Buckets, q: number): number {
  const total = buckets.reduce((sum, each) => sum + each, 0)
  if (total === 0) return Number.NaN
  let below = 0
  for (const [at, count] of buckets.entries()) {
    if (below + count >= q * total && count > 0) {
      const high = BOUNDS[at]
      if (high === undefined) return BOUNDS.at(-1) ?? Number.NaN
      const low = BOUNDS[at - 1] ?? 0
      return low + ((high - low) * (q * total - below)) / count
    }
    below += count
  }
  return Number.NaN
}
