import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fetch } from '../../release/index.ts'
import type { ApiOperation } from '../api/operations.ts'
import { escapeForm } from '../oracle/secrets.ts'

export interface Mutation {
  readonly operation: ApiOperation
  /** Headers of the tenant who is answered as if it were the other one. */
  readonly from: Readonly<Record<string, string>>
  readonly to: Readonly<Record<string, string>>
}

export interface LeakyProxy {
  readonly url: URL
  close(): Promise<void>
}

/** A proxy on the loopback in front of the service that serves one route with the other tenant's credentials. */
export async function leakyProxy(
  target: URL,
  { operation, from, to }: Mutation,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<LeakyProxy> {
  const prefix = target.pathname.replace(/\/$/, '')
  const form = new RegExp(
    `^${escapeForm(prefix)}${operation.path
      .split(/\{[^{}]*\}/)
      .map(escapeForm)
      .join('[^/]+')}$`,
  )
  const server = createServer((request, response) => {
    forward(request, response).catch(() => response.destroy())
  })

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers))
      if (
        typeof value === 'string' &&
        !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name)
      )
        headers.set(name, value)
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const is = Object.entries(from).every(([name, value]) => headers.get(name) === value)
    if (is && request.method === operation.method && form.test(path))
      for (const [name, value] of Object.entries(to)) headers.set(name, value)
    const answer = await fetch(`${target.origin}${request.url ?? '/'}`, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal,
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
    })
    response.statusCode = answer.status
    for (const [name, value] of answer.headers)
      if (!['connection', 'content-length', 'content-encoding', 'transfer-encoding'].includes(name))
        response.setHeader(name, value)
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}${target.pathname}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
