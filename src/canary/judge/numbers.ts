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

/** Natural logarithm of the factorial, by Stirling's series above 20 (error below 1e-10 there). */
function lnFactorial(n: number): number {
  if (n < 20) {
    let sum = 0
    for (let k = 2; k <= n; k++) sum += Math.log(k)
    return sum
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3)
}

/** P(X >= k) for X ~ Binomial(n, p), summed from the tail's first term on. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n || p <= 0) return 0
  if (p >= 1) return 1
  const lnTerm =
    lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p)
  let term = Math.exp(lnTerm)
  let sum = 0
  for (let at = k; at <= n && term > 0; at++) {
    sum += term
    const next = (term * (n - at) * p) / ((at + 1) * (1 - p))
    if (next < term && next < sum * 1e-12) break
    term = next
  }
  // Far below the mean the first term can underflow while the tail is nearly everything.
  return term === 0 && sum === 0 && k < n * p ? 1 : Math.min(1, sum)
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
