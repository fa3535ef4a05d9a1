/** What came of one request: an answer of GitHub, or nothing but an error of the network. */
export interface Attempt {
  readonly method: string
  /** Absent when there was no answer. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | number | undefined>>
  /** What the answer says in words: the body's message, or the type of a GraphQL error. */
  readonly words?: string
  /** Counted from 1. */
  readonly number: number
  readonly now: Date
}

export interface RetryLimits {
  readonly attempts: number
  /** A server that asks for a longer pause than this is not waited for. */
  readonly longestPauseMs: number
}

export const retryLimits: RetryLimits = { attempts: 4, longestPauseMs: 120_000 }

export type NextAttempt =
  | { readonly kind: 'retry'; readonly afterMs: number; readonly why: string }
  /** `limitedUntil` is set when GitHub's limits are the reason. */
  | { readonly kind: 'give-up'; readonly limitedUntil?: Date }

/** GitHub asks to wait at least a minute when a secondary limit names no time (REST docs, rate limits). */
const unnamedPauseMs = 60_000

/**
 * Whether a request is sent again. A request that GitHub refused for its limits was not carried out, so any may be;
 * after a broken connection or a 5xx only one that reads, for a write may have been done.
 */
export function nextAttempt(attempt: Attempt, limits: RetryLimits = retryLimits): NextAttempt {
  const limited = pauseOfLimit(attempt)
  if (limited !== undefined) {
    if (attempt.number < limits.attempts && limited <= limits.longestPauseMs) {
      return { kind: 'retry', afterMs: limited, why: 'GitHub limits the rate of requests' }
    }
    return { kind: 'give-up', limitedUntil: new Date(attempt.now.getTime() + limited) }
  }
  const broken = attempt.status === undefined || attempt.status >= 500
  const reads = attempt.method === 'GET' || attempt.method === 'HEAD'
  if (!broken || !reads || attempt.status === 501 || attempt.number >= limits.attempts)
    return { kind: 'give-up' }
  const what = attempt.status === undefined ? 'GitHub did not answer' : `GitHub answered ${attempt.status}`
  return { kind: 'retry', afterMs: 500 * 2 ** (attempt.number - 1), why: what }
}

/** Milliseconds that GitHub asks to wait, undefined when its limits are not the matter. */
function pauseOfLimit({ status, headers = {}, words = '', now }: Attempt): number | undefined {
  const exhausted = String(headers['x-ratelimit-remaining'] ?? '') === '0'
  const named = headers['retry-after']
  const secondary = /secondary rate limit|abuse detection/i.test(words)
  const primary = /api rate limit exceeded|RATE_LIMITED/i.test(words)
  const refused =
    status === 429 || (status === 403 && (named !== undefined || exhausted || secondary || primary))
  // GraphQL says so with status 200.
  if (!refused && !(status === 200 && (/^RATE_LIMITED$/.test(words) || secondary))) return undefined
  if (named !== undefined && /^\d+$/.test(String(named))) return Number(named) * 1000
  const reset = Number(headers['x-ratelimit-reset'])
  if (exhausted && Number.isFinite(reset)) {
    // By GitHub's own clock where it is known: a runner that is a minute behind would wait a minute too long.
    const date = Date.parse(String(headers.date ?? ''))
    return Math.max(0, reset * 1000 - (Number.isNaN(date) ? now.getTime() : date)) + 1000
  }
  return unnamedPauseMs
}
