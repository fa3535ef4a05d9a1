import type { Fetch, ReasonCode } from '../../release/index.ts'
import { binomialTail } from '../judge/numbers.ts'
import { rateExceeds } from './exact.ts'

export interface ProbeOptions {
  /** Where the preview Service answers, and where the active one does: the baseline at the same moments. */
  readonly previewUrl: string
  readonly activeUrl?: string
  /** Needed before the cut-over; the summary says which defect so many could have missed. */
  readonly minimum: number
}

export interface PreviewJudgement {
  readonly verdict: 'good' | 'bad' | 'few'
  readonly reason: ReasonCode
  readonly why: string
}

interface Sums {
  n: number
  e: number
}

export interface Prober {
  /** Sends the next probes and judges all of them; `toTheEnd` goes on until there are enough, for a single look. */
  probe(signal: AbortSignal, toTheEnd?: boolean): Promise<PreviewJudgement>
}

const AT_ONCE = 20
const ANSWER_WITHIN_MS = 3_000
/** Share of failures that is tolerated without a baseline: the one of an SLO of 99.9 %. */
const TOLERATED = 0.001
const RATIO = 1.5
const ALPHA = 0.01

/**
 * Requests to the preview Service, which no user reaches: the only evidence there is before a blue-green cut-over.
 * An answer below 500 within three seconds is good; 404 says that the address is wrong and is bad too.
 */
export function httpProbes(fetch: Fetch, options: ProbeOptions): Prober {
  const preview: Sums = { n: 0, e: 0 }
  const active: Sums = { n: 0, e: 0 }
  const one = async (url: string, into: Sums, signal: AbortSignal) => {
    into.n++
    try {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
      const answer = await fetch(url, { signal: bounded, redirect: 'manual' })
      await answer.body?.cancel()
      if (answer.status >= 500 || answer.status === 404) into.e++
    } catch {
      signal.throwIfAborted()
      into.e++
    }
  }
  const { previewUrl, activeUrl, minimum } = options
  const once = async (signal: AbortSignal) => {
    const batch = Array.from({ length: Math.min(AT_ONCE, minimum) })
    await Promise.all(
      batch.flatMap(() => [
        one(previewUrl, preview, signal),
        ...(activeUrl === undefined ? [] : [one(activeUrl, active, signal)]),
      ]),
    )
    return judgeProbes(preview, activeUrl === undefined ? undefined : active, minimum)
  }
  return {
    async probe(signal, toTheEnd = false) {
      let judged = await once(signal)
      while (toTheEnd && judged.verdict === 'few' && preview.n < minimum) judged = await once(signal)
      return judged
    },
  }
}

export function judgeProbes(
  preview: { readonly n: number; readonly e: number },
  active: { readonly n: number; readonly e: number } | undefined,
  minimum: number,
): PreviewJudgement {
  const told = `${preview.e} of ${preview.n} probes of the preview Service failed${
    active === undefined ? '' : `, ${active.e} of ${active.n} of the active one`
  }`
  const failing = preview.n >= 10 && preview.e * 2 >= preview.n
  const baselineFails = active !== undefined && active.e * 4 >= active.n
  if (failing && !baselineFails) return { verdict: 'bad', reason: 'canary-failing', why: told }
  const looks = Math.max(1, Math.ceil(preview.n / AT_ONCE))
  const alpha = (6 * ALPHA) / (Math.PI * looks) ** 2
  const chance =
    active === undefined ? binomialTail(preview.e, preview.n, TOLERATED) : rateExceeds(preview, active, RATIO)
  if (preview.e >= 3 && chance <= alpha) return { verdict: 'bad', reason: 'canary-worse', why: told }
  if (preview.n < minimum) {
    return { verdict: 'few', reason: 'canary-too-few-requests', why: `${told}; ${minimum} are needed` }
  }
  if (failing) return { verdict: 'few', reason: 'canary-suspicious', why: `${told}: both fail` }
  const missed = (100 * (1 - 0.01 ** (1 / preview.n))).toPrecision(2)
  return {
    verdict: 'good',
    reason: 'canary-good',
    why: `${told}; a defect of ${missed} % of the requests would have shown`,
  }
}
