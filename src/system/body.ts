export interface BodyBounds {
  readonly maxBytes: number
  readonly idleMs: number
  /** For messages: method, server and path. */
  readonly what: string
  /** Ends the exchange when a bound is broken. */
  readonly bound: AbortController
}

/** The same answer with a body that fails when it grows too large or falls silent. */
export function boundBody(response: Response, bounds: BodyBounds): Response {
  if (response.body === null) return response
  const { maxBytes, idleMs, what, bound } = bounds
  const reader = response.body.getReader()
  let seen = 0

  async function next(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const timer = setTimeout(() => {
      bound.abort(new DOMException(`${what}: the answer stopped for ${idleMs} ms`, 'TimeoutError'))
    }, idleMs)
    try {
      const { done, value } = await reader.read()
      if (done) return controller.close()
      seen += value.byteLength
      if (seen > maxBytes) {
        bound.abort(new Error(`${what}: the answer is larger than ${maxBytes} bytes`))
        throw bound.signal.reason
      }
      controller.enqueue(value)
    } finally {
      clearTimeout(timer)
    }
  }

  // highWaterMark 0: a body that nobody reads is not read, and its silence is not measured.
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    { pull: next, cancel: (reason) => reader.cancel(reason) },
    { highWaterMark: 0 },
  )
  const { status, statusText, headers, url, redirected } = response
  const bounded = new Response(body, { status, statusText, headers })
  // The constructor cannot set these.
  return Object.defineProperties(bounded, { url: { value: url }, redirected: { value: redirected } })
}
