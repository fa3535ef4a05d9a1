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
