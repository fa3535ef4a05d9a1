import { klBernoulli } from './numbers.ts'
import type { Counts } from './types.ts'

export interface Margin {
  readonly ratio: number
  readonly delta: number
}

/**
 * Nats that one canary request is worth against the whole null "the canary is within the margin of a stable rate
 * that must be learned": the divergence of (ps, pc) to the nearest pair of the null.
 */
export function informationPerRequest(
  pc: number,
  ps: number,
  stablePerCanary: number,
  margin: Margin,
): number {
  const edge = (base: number) => Math.min(1 - 1e-12, Math.max(margin.ratio * base, base + margin.delta))
  if (pc <= edge(ps)) return 0
  const cost = (base: number) => klBernoulli(pc, edge(base)) + stablePerCanary * klBernoulli(ps, base)
  // Convex in the base rate on each side of where ratio and delta cross; a golden section finds the minimum.
  let low = Math.max(ps, 1e-12)
  let high = Math.min(1 - 1e-12, Math.max(pc, low))
  const golden = (Math.sqrt(5) - 1) / 2
  for (let i = 0; i < 50; i++) {
    const a = high - golden * (high - low)
    const b = low + golden * (high - low)
    if (cost(a) < cost(b)) high = b
    else low = a
  }
  return cost((low + high) / 2)
}

/**
 * The smallest canary error rate that these counts could have shown at all: below it "no alarm" says nothing.
 * Lower bound by Wald's identity, ln(1/alpha) nats.
 */
export function smallestDetectable(totals: Counts, alpha: number, margin: Margin): number | undefined {
  if (totals.nc <= 0 || totals.ns <= 0) return undefined
  const ps = (totals.es + 0.5) / (totals.ns + 1)
  const enough = (pc: number) =>
    totals.nc * informationPerRequest(pc, ps, totals.ns / totals.nc, margin) >= Math.log(1 / alpha)
  if (!enough(1 - 1e-9)) return undefined
  let low = ps
  let high = 1 - 1e-9
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}
