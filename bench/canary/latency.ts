import { chance } from '../../testkit/chance/index.ts'
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

export function latencyRun(
  world: LatencyWorld,
  seed: number,
): { readonly past: readonly LatencyRow[]; readonly blocks: readonly LatencyRow[] } {
  const draws = chance(seed)
  const mean = (world.rps * BLOCK_SECONDS) / PODS
  const { pod = 0, scrape = 0 } = world.noise ?? {}
  const own = Array.from({ length: PODS }, () => pod * draws.normal())
  const plain = sharesOf(MU, 0)
  const row = (out: boolean): LatencyRow =>
    own.map((shift, at) => {
      const canary = out && at === 0
      const noisy = world.noise !== undefined
      const mu =
        MU + (noisy ? shift + scrape * draws.normal() : 0) + (canary ? Math.log(world.times ?? 1) : 0)
      const slow = canary ? (world.slowShare ?? 0) : 0
      const shares = mu === MU && slow === 0 ? plain : sharesOf(mu, slow)
      return shares.map((share) => draws.poisson(mean * share))
    })
  return {
    past: Array.from({ length: BLOCKS }, () => row(false)),
    blocks: Array.from({ length: BLOCKS }, () => row(true)),
  }
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
