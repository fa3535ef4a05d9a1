import type { Clock, Fetch } from '../../release/index.ts'
import { type Reply, readAnswer } from './answer.ts'

/** A request without credentials: those are put on when it is sent. */
export interface Prepared {
  readonly operation: string
  readonly method: string
  /** Path and query, from the base address on. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Values that we put in ourselves: an answer that repeats them tells nothing. */
  readonly sent: readonly string[]
}

export interface ClientOptions {
  readonly base: URL
  readonly fetch: Fetch
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly concurrency: number
  readonly timeoutMs: number
  readonly maxBytes: number
  /** From the making of the client on; afterwards nothing is sent. */
  readonly totalMs: number
}

export interface Client {
  readonly base: URL
  send(request: Prepared, credentials: Readonly<Record<string, string>>): Promise<Reply>
  sent(): number
  /** True once the time of the run is over. */
  late(): boolean
}

/** Longer pauses than this are not waited for, and no request is sent more often. */
const longestPauseMs = 2_000
const attempts = 3

/** Bounded in everything: requests at once, time of each, size of each, and the time of all. Redirects are not followed. */
export function createClient(options: ClientOptions): Client {
  const { base, clock, signal, concurrency } = options
  const until = clock.now().getTime() + options.totalMs
  const waiting: (() => void)[] = []
  let running = 0
  let count = 0
  const late = () => clock.now().getTime() >= until

  async function slot(): Promise<void> {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
  }
  function free(): void {
    running -= 1
    waiting.shift()?.()
  }

  return {
    base,
    sent: () => count,
    late,
    async send(request, credentials) {
      for (let attempt = 1; ; attempt += 1) {
        signal.throwIfAborted()
        if (late()) return { ok: false, why: `the time of the run (${options.totalMs / 1000} s) was over` }
        await slot()
        let reply: Reply
        try {
          count += 1
          reply = await exchange(request, credentials, options)
        } finally {
          free()
        }
        if (!reply.ok || reply.status !== 429 || attempt === attempts) return reply
        const asked = Number(reply.headers.find(([name]) => name === 'retry-after')?.[1] ?? '0.2') * 1000
        if (!(asked <= longestPauseMs)) return reply
        await clock.sleep(Math.max(50, asked), signal)
      }
    },
  }
}

async function exchange(
  request: Prepared,
  credentials: Readonly<Record<string, string>>,
  { base, fetch, signal, timeoutMs, maxBytes }: ClientOptions,
): Promise<Reply> {
  const bound = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(addressOf(base, request.target), {
      method: request.method,
      headers: { accept: '*/*', ...request.headers, ...credentials },
      redirect: 'manual',
      signal: AbortSignal.any([signal, bound]),
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    const bytes = await bodyOf(response, maxBytes)
    if (bytes === undefined) return { ok: false, why: `the answer is larger than ${maxBytes} bytes` }
    return readAnswer(response.status, response.headers, bytes)
  } catch (error) {
    signal.throwIfAborted()
    if (bound.aborted) return { ok: false, why: `no answer within ${timeoutMs / 1000} s` }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
    return { ok: false, why: cause ?? (error instanceof Error ? error.message : String(error)) }
  }
}

async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array()
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(parts)
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      return undefined
    }
    parts.push(value)
  }
}

/** The base may have a path of its own: `http://127.0.0.1:8080/api`. */
export function addressOf(base: URL, target: string): string {
  return `${base.origin}${base.pathname.replace(/\/$/, '')}${target}`
}
