import { Agent, request as send } from 'node:https'
import { Readable } from 'node:stream'
import type { Fetch } from '../release/index.ts'
import { boundedFetch, type FetchBounds } from './fetch.ts'

/** PEM texts: authorities to trust instead of the well-known ones, and the certificate that this client shows. */
export interface TlsIdentity {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * fetch for a server with its own authority or one that asks for a client certificate, which the platform's fetch has no
 * option for. Bounds and retries are the same; a proxy of the environment is used as for everything else.
 */
export function tlsFetch(
  identity: TlsIdentity,
  env: Readonly<Record<string, string>>,
  bounds: FetchBounds = {},
): Fetch {
  const agent = new Agent({ ...identity, keepAlive: true, proxyEnv: { ...env } })
  return boundedFetch({ ...bounds, fetch: (resource, init) => once(new Request(resource, init), agent) })
}

function once(request: Request, agent: Agent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      signal: request.signal,
    }
    const call = send(request.url, options, (answer) => {
      const headers = new Headers()
      for (const [name, value] of Object.entries(answer.headersDistinct)) {
        for (const each of value ?? []) headers.append(name, each)
      }
      const status = answer.statusCode ?? 502
      // A Response of these has no body.
      const empty = [204, 205, 304].includes(status)
      if (empty) answer.resume()
      const body = empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>)
      resolve(new Response(body, { status, headers }))
    })
    call.once('error', reject)
    if (request.body === null) call.end()
    else request.arrayBuffer().then((bytes) => call.end(Buffer.from(bytes)), reject)
  })
}
