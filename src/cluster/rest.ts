import { type Clock, err, ok } from '../release/index.ts'
import { refusal, unreachable, unreadable } from './faults.ts'
import type { Kube, KubeFault, KubeList, KubeObject, KubeResult, PatchOptions, Query } from './kube.ts'
import type { Transport, TransportRequest } from './transport.ts'
import { watchCollection } from './watch.ts'

export interface RestOptions {
  readonly clock: Clock
  /** Bound of one request; default 10 s. */
  readonly requestTimeoutMs?: number
  /** How often a request is sent at most when nothing answers; default 4. */
  readonly attempts?: number
}

const BACKOFF_MS = [150, 600, 1800]

/** Kubernetes REST over one transport: bounded, with retries, and with every failure as a value. */
export function kubeOverRest(transport: Transport, options: RestOptions): Kube {
  const timeoutMs = options.requestTimeoutMs ?? 10_000
  const attempts = options.attempts ?? 4

  async function once(request: Omit<TransportRequest, 'signal'>, signal: AbortSignal) {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await transport.send({ ...request, signal: bounded })
    return { status: response.status, text: await textOf(response.body) }
  }

  // All our patches set absolute values, so sending one twice is the same as once; with a resourceVersion the
  // second is refused with 409 and the caller reads again.
  async function send<T>(
    request: Omit<TransportRequest, 'signal'>,
    signal: AbortSignal,
  ): Promise<KubeResult<T>> {
    const name = `${request.method} ${request.path.split('?')[0]}`
    let renewed = false
    let fault: KubeFault | undefined
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await options.clock.sleep(BACKOFF_MS[attempt - 1] ?? 1800, signal)
      let answer: { status: number; text: string }
      try {
        answer = await once(request, signal)
      } catch (error) {
        signal.throwIfAborted()
        fault = unreachable(transport.server, name, error)
        continue
      }
      if (answer.status === 401 && !renewed) {
        renewed = true
        attempt--
        try {
          await transport.renew()
        } catch (error) {
          return err(unreachable(transport.server, 'reading the credentials again', error))
        }
        continue
      }
      if (answer.status >= 200 && answer.status < 300) return parse<T>(transport.server, name, answer.text)
      fault = refusal(transport.server, name, answer.status, answer.text)
      if (answer.status !== 429 && answer.status < 500) return err(fault)
    }
    return err(fault ?? unreachable(transport.server, name, 'no attempt was allowed'))
  }

  const list = async <T extends KubeObject>(
    path: string,
    query: Query,
    signal: AbortSignal,
  ): Promise<KubeResult<KubeList<T>>> => {
    const answer = await send<{ metadata?: { resourceVersion?: string }; items?: T[] | null }>(
      { method: 'GET', path: withQuery(path, query), headers: { accept: 'application/json' } },
      signal,
    )
    if (!answer.ok) return answer
    const { metadata, items } = answer.value
    return ok({ resourceVersion: metadata?.resourceVersion ?? '', items: items ?? [] })
  }

  return {
    server: transport.server,
    list,
    get: (path, signal) => send({ method: 'GET', path, headers: { accept: 'application/json' } }, signal),
    patch: (path, body, patch, signal) =>
      send(
        {
          method: 'PATCH',
          path,
          // Always named: clients that leave it out fall back to json-patch for CRDs.
          headers: { accept: 'application/json', 'content-type': `application/${patch.type}-patch+json` },
          body: JSON.stringify(withVersion(body, patch)),
        },
        signal,
      ),
    watch: (path, watch) => watchCollection(transport, { list }, options.clock, path, watch),
  }
}

export function withQuery(path: string, query: Readonly<Record<string, string | undefined>> | Query): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(key, value)
  }
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

function withVersion(body: unknown, patch: PatchOptions): unknown {
  if (patch.resourceVersion === undefined) return body
  const object = body as { metadata?: Record<string, unknown> }
  return { ...object, metadata: { ...object.metadata, resourceVersion: patch.resourceVersion } }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parse<T>(server: string, request: string, text: string): KubeResult<T> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('metadata' in value)) {
      return err(unreadable(server, request, 'no metadata in it'))
    }
    return ok(value as T)
  } catch {
    return err(unreadable(server, request, `not JSON (${JSON.stringify(text.slice(0, 60))})`))
  }
}
