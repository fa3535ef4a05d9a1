/** ln(e^a + e^b) without overflow; -Infinity is the logarithm of nothing. */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b
  if (b === Number.NEGATIVE_INFINITY) return a
  const high = Math.max(a, b)
  return high + Math.log1p(Math.exp(Math.min(a, b) - high))
}

export function logSum(values: Iterable<number>): number {
  let sum = Number.NEGATIVE_INFINITY
  for (const value of values) sum = logAdd(sum, value)
  return sum
}

export function logMean(values: readonly number[]): number {
  return logSum(values) - Math.log(values.length)
}

/** Kullback-Leibler divergence of two coins, in nats. */
export function klBernoulli(p: number, q: number): number {
  const part = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b))
  return part(p, q) + part(1 - p, 1 - q)
}

/** P(X >= k) for X binomial(n, p), summed from the larger end term in logarithms; exact for the n used here. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (p <= 0) return 0
  if (p >= 1) return 1
  let logTerm = n * Math.log1p(-p)
  let below = 0
  for (let i = 0; i < k; i++) {
    below += Math.exp(logTerm)
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p))
  }
  if (below < 0.5) return Math.max(0, 1 - below)
  let tail = 0
  for (let i = k; i <= n; i++) {
    tail += Math.exp(logTerm)
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p))
  }
  return Math.min(1, tail)
}

/** Exact (Clopper-Pearson) upper bound of a share of which `k` of `n` were seen, at the one-sided `error`. */
export function binomialUpper(k: number, n: number, error: number): number {
  if (k >= n) return 1
  return bisect((p) => 1 - binomialTail(k + 1, n, p) > error)
}

/** Exact (Clopper-Pearson) lower bound of the same. */
export function binomialLower(k: number, n: number, error: number): number {
  if (k <= 0) return 0
  return bisect((p) => binomialTail(k, n, p) < error)
}

/** The p up to which `holds`, which has to fall from true to false once. */
function bisect(holds: (p: number) => boolean): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}
