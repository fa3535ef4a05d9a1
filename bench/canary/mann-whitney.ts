/**
 * Interval and Hodges-Lehmann estimate of the shift of `x` against `y`, by inverting the normal approximation of the
 * Mann-Whitney statistic with ties and continuity correction, as R's wilcox.test(conf.int = TRUE, exact = FALSE), which
 * Kayenta's judge follows. Undefined for data of a single value: it decides nothing there.
 */
export function differs(
  x: readonly number[],
  y: readonly number[],
  confidence: number,
): { readonly lower: number; readonly estimate: number } | undefined {
  if (new Set([...x, ...y]).size < 2) return undefined
  const from = Math.min(...x) - Math.max(...y)
  const to = Math.max(...x) - Math.min(...y)
  const z = normalQuantile(1 - (1 - confidence) / 2)
  const root = (level: number, correction: number) => {
    // The statistic falls as the shift that is taken away grows.
    let low = from
    let high = to
    for (let i = 0; i < 30; i++) {
      const middle = (low + high) / 2
      if (statistic(x, y, middle, correction) > level) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return { lower: root(z, 0.5), estimate: root(0, 0) }
}

function statistic(x: readonly number[], y: readonly number[], shift: number, correction: number): number {
  const all = [
    ...x.map((value) => ({ value: value - shift, own: true })),
    ...y.map((value) => ({ value, own: false })),
  ].sort((a, b) => a.value - b.value)
  let ranks = 0
  let ties = 0
  for (let at = 0; at < all.length; ) {
    let end = at
    while (end < all.length && all[end]?.value === all[at]?.value) end++
    const rank = (at + 1 + end) / 2
    for (let i = at; i < end; i++) if (all[i]?.own === true) ranks += rank
    ties += (end - at) ** 3 - (end - at)
    at = end
  }
  const [n, m] = [x.length, y.length]
  const centred = ranks - (n * (n + 1)) / 2 - (n * m) / 2
  const sigma = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
  return sigma === 0 ? 0 : (centred - correction) / sigma
}

/** Acklam's rational approximation, relative error below 1.2e-9, for the upper half. */
function normalQuantile(p: number): number {
  const c = [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ]
  const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]
  const poly = (coefficients: readonly number[], at: number) =>
    coefficients.reduce((sum, each) => sum * at + each, 0)
  if (p <= 0.97575) throw new RangeError('only the upper tail is needed here')
  const q = Math.sqrt(-2 * Math.log(1 - p))
  return -poly(c, q) / poly([...d, 1], q)
}
