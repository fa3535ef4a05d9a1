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

/**
 * Exact conditional test of two Poisson rates: given e + e0 bad events, e is Binomial with the share of the exposure.
 * `ratio` is the tolerated ratio of the rates.
 */
export function rateExceeds(
  now: { readonly n: number; readonly e: number },
  before: { readonly n: number; readonly e: number },
  ratio: number,
): number {
  if (now.n === 0 || before.n === 0) return 1
  const share = (now.n * ratio) / (now.n * ratio + before.n)
  return binomialTail(now.e, now.e + before.e, share)
}
