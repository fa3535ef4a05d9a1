import { binomialTail } from '../judge/numbers.ts'

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
