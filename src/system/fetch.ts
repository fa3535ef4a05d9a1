import type { Clock, Fetch } from '../release/index.ts'
import { boundBody } from './body.ts'
import { systemClock } from './clock.ts'

export interface FetchBounds {
  /** From the request to the headers of the answer, each attempt. */
  readonly timeoutMs?: number
  /** Between two pieces of a body. */
  readonly idleMs?: number
  readonly maxBytes?: number
  /** Further attempts of a request that only reads. */
  readonly retries?: number
  /** A server that asks for a longer pause than this is not waited for. */
  readonly longestPauseMs?: number
  readonly clock?: Clock
  /** The platform's, or what a test puts in its place. */
  readonly fetch?: Fetch
}

const defaults = {
  timeoutMs: 30_000,
  idleMs: 60_000,
  maxBytes: 64 * 1024 * 1024,
  retries: 2,
  longestPauseMs: 30_000,
}

/** RFC 9110 §9.2.1: safe methods. PUT and DELETE are idempotent, too, but their second answer differs (404, 409). */
const safeMethods = ['GET', 'HEAD', 'OPTIONS']
/** Answers of a server or a proxy that is busy or restarting. A 500 is a defect and is the caller's to judge. */
const passing = [429, 502, 503, 504]

/** fetch with a time-out, a bound on silence and size of the body, and a bounded retry of safe requests. */
export function boundedFetch(bounds: FetchBounds = {}): Fetch {
  const { clock = systemClock(), fetch = globalThis.fetch, ...rest } = bounds
  const limits = { ...defaults, ...rest }

  return async (resource, init) => {
    const request = new Request(resource, init)
    const attempts = safeMethods.includes(request.method) ? limits.retries + 1 : 1
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === attempts
      const answer = await once(last ? request : request.clone(), fetch, limits)
      if (answer.kind === 'answer') {
        const pause = passing.includes(answer.response.status) ? pauseOf(answer.response, attempt, clock) : 0
        if (last || pause === 0 || pause > limits.longestPauseMs) return answer.response
        await answer.response.body?.cancel()
        await clock.sleep(pause, request.signal)
      } else {
        request.signal.throwIfAborted()
        if (last) throw answer.error
        await clock.sleep(backoff(attempt), request.signal)
      }
    }
  }
}

type Answer =
  | { readonly kind: 'answer'; readonly response: Response }
  | { readonly kind: 'error'; readonly error: Error }

async function once(request: Request, fetch: Fetch, limits: typeof defaults): Promise<Answer> {
  const bound = new AbortController()
  const timer = setTimeout(
    () => bound.abort(new DOMException(`no answer within ${limits.timeoutMs} ms`, 'TimeoutError')),
    limits.timeoutMs,
  )
  try {
    const signal = AbortSignal.any([request.signal, bound.signal])
    const response = await fetch(request, { signal })
    return { kind: 'answer', response: boundBody(response, { ...limits, what: nameOf(request), bound }) }
  } catch (error) {
    return { kind: 'error', error: explain(request, error) }
  } finally {
    clearTimeout(timer)
  }
}

/** Method, server and path; a query may hold a token and is left out. */
function nameOf(request: Request): string {
  const { origin, pathname } = new URL(request.url)
  return `${request.method} ${origin}${pathname}`
}

/** The platform says "fetch failed" and keeps the reason in `cause`. */
function explain(request: Request, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`${nameOf(request)}: ${String(error)}`, { cause: error })
  const inner = error.cause instanceof AggregateError ? error.cause.errors[0] : error.cause
  const why = inner instanceof Error && inner.message !== '' ? inner.message : error.message
  const named = new Error(`${nameOf(request)}: ${why}`, { cause: error })
  named.name = error.name
  return named
}

/** 0.25 s, 1 s, 4 s ... half of it by chance, so that parallel jobs do not come back together. */
function backoff(attempt: number): number {
  const full = 250 * 4 ** (attempt - 1)
  return full / 2 + Math.random() * (full / 2)
}

function pauseOf(response: Response, attempt: number, clock: Clock): number {
  const asked = response.headers.get('retry-after')
  if (asked === null) return backoff(attempt)
  const ms = /^[0-9]+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - clock.now().getTime()
  return Number.isNaN(ms) ? backoff(attempt) : Math.max(ms, 1)
}
