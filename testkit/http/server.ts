import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { SimClock } from './clock.ts'

export interface HttpRequest {
  readonly method: string
  /** Decoded path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Whole body, read before the handler runs; empty for routes that stream. */
  readonly body: Buffer
  readonly raw: IncomingMessage
}

/** The handler writes the answer by itself (a watch, a Git pack, a broken connection). */
export interface StreamReply {
  readonly stream: (response: ServerResponse) => void | Promise<void>
}

export type Reply =
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** Objects are sent as JSON. */
      readonly body?: string | Uint8Array | object
    }
  | StreamReply

export interface LoggedRequest {
  readonly at: Date
  readonly method: string
  /** Path with query. */
  readonly url: string
  readonly status: number
}

export interface CommonOptions {
  /** Time of `Date` headers and of all that the stand-in does by itself. Real time when absent. */
  readonly clock?: SimClock
  /** Answers in place of the stand-in, or breaks the connection: how tests make the world fail. */
  readonly intercept?: (request: HttpRequest) => Reply | 'drop' | undefined
}

export interface ServerOptions extends CommonOptions {
  readonly handle: (request: HttpRequest) => Reply | Promise<Reply>
  /** What an unexpected error is answered with, in the error format of the stand-in. */
  readonly onDefect: (error: unknown, request: HttpRequest) => Reply
  /** Requests whose body is left to the handler (`request.raw`). */
  readonly streams?: (request: HttpRequest) => boolean
  readonly tooLarge?: () => Reply
  readonly maxBodyBytes?: number
}

export interface RunningServer {
  readonly url: string
  readonly host: string
  /** Requests in the order of their answers. */
  readonly requests: readonly LoggedRequest[]
  /** Ends open connections too; resolves when the port is free. */
  close(): Promise<void>
}

export const realClock: SimClock = {
  now: () => new Date(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** One small HTTP server on the loopback for all stand-ins. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const clock = options.clock ?? realClock
  const requests: LoggedRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer((raw, response) => {
    const at = clock.now()
    response.sendDate = false
    response.setHeader('Date', at.toUTCString())
    response.on('error', () => raw.destroy())
    response.on('close', () =>
      requests.push({ at, method: raw.method ?? '', url: raw.url ?? '', status: response.statusCode }),
    )
    answer(options, raw).then(
      (reply) => send(response, raw, reply),
      () => raw.destroy(),
    )
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function answer(options: ServerOptions, raw: IncomingMessage): Promise<Reply | 'drop'> {
  const url = new URL(raw.url ?? '/', 'http://stand-in')
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(raw.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  const head = {
    method: raw.method ?? 'GET',
    path: decodePath(url.pathname),
    query: url.searchParams,
    headers,
    raw,
  }
  const unread: HttpRequest = { ...head, body: Buffer.alloc(0) }
  const streamed = options.streams?.(unread) === true
  const body = streamed ? unread.body : await readBody(raw, options.maxBodyBytes ?? 64 * 1024 * 1024)
  if (body === undefined)
    return options.tooLarge?.() ?? { status: 413, body: { message: 'Request body is too large' } }
  const request: HttpRequest = { ...head, body }
  const intercepted = options.intercept?.(request)
  if (intercepted !== undefined) return intercepted
  try {
    return await options.handle(request)
  } catch (error) {
    return options.onDefect(error, request)
  }
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

/** Undefined when the body is larger than allowed; the rest is read away so that the answer gets through. */
async function readBody(raw: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
  }
  return size > limit ? undefined : Buffer.concat(chunks)
}

async function send(response: ServerResponse, raw: IncomingMessage, reply: Reply | 'drop'): Promise<void> {
  if (reply === 'drop') {
    raw.socket.destroy()
    return
  }
  if ('stream' in reply) {
    await reply.stream(response)
    return
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  const { body } = reply
  const isText = typeof body === 'string' || body instanceof Uint8Array
  if (body !== undefined && !isText && !response.hasHeader('content-type')) {
    response.setHeader('content-type', 'application/json; charset=utf-8')
  }
  const bytes = body === undefined ? undefined : isText ? body : JSON.stringify(body)
  if (bytes !== undefined && !response.hasHeader('content-length')) {
    response.setHeader('content-length', String(Buffer.byteLength(bytes)))
  }
  response.writeHead(reply.status)
  response.end(raw.method === 'HEAD' ? undefined : bytes)
}

/** The body as a JSON object; undefined when it is none. */
export function jsonObject(request: HttpRequest): Record<string, unknown> | undefined {
  if (request.body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
