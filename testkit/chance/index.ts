/** Seeded draws for simulations and property tests: the same seed gives the same world on every machine. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** Standard normal. */
  normal(): number
  poisson(mean: number): number
  binomial(n: number, p: number): number
  /** Whole number in [from, to]. */
  whole(from: number, to: number): number
}

export function chance(seed: number): Chance {
  const next = mulberry32(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const poisson = (mean: number) =>
    mean < 10 ? poissonByProduct(next, mean) : poissonByRejection(next, mean)
  return {
    next,
    normal,
    poisson,
    binomial: (n, p) => binomialByGaps(next, n, p),
    whole: (from, to) => from + Math.floor((to - from + 1) * next()),
  }
}

/** mulberry32: small, seeded, good enough to draw counts. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Knuth: the number of uniforms whose product stays above e^-mean. */
function poissonByProduct(next: () => number, mean: number): number {
  const limit = Math.exp(-mean)
  let product = next()
  let count = 0
  while (product > limit) {
    count++
    product *= next()
  }
  return count
}

/** Hoermann's transformed rejection (PTRS, 1993), exact for means from 10 on. */
function poissonByRejection(next: () => number, mean: number): number {
  const logMean = Math.log(mean)
  const b = 0.931 + 2.53 * Math.sqrt(mean)
  const a = -0.059 + 0.02483 * b
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  const accept = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = next() - 0.5
    const v = 1 - next()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
    if (us >= 0.07 && v <= accept) return k
    if (k < 0 || (us < 0.013 && v > us)) continue
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * logMean - mean - lnFactorial(k)) return k
  }
}

/** Stirling's series; exact to 1e-9 from 10 on, summed below. */
function lnFactorial(k: number): number {
  if (k < 10) {
    let sum = 0
    for (let i = 2; i <= k; i++) sum += Math.log(i)
    return sum
  }
  const x = k + 1
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3)
}

/** Jumps from success to success, so that rare events of many trials cost little; exact for any p. */
function binomialByGaps(next: () => number, n: number, p: number): number {
  if (p <= 0 || n <= 0) return 0
  if (p >= 1) return n
  if (p > 0.5) return n - binomialByGaps(next, n, 1 - p)
  const lnMiss = Math.log1p(-p)
  let at = -1
  let count = 0
  for (;;) {
    at += 1 + Math.floor(Math.log(1 - next()) / lnMiss)
    if (at >= n) return count
    count++
  }
}
