import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface KubeAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind; each test asserts what it reads
  readonly body: any
}

export interface WatchEvent {
  readonly type: string
  readonly object: KubeAnswer['body']
}

export interface KubeWatch {
  readonly events: readonly WatchEvent[]
  stop(): void
}

export interface KubeClient {
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<KubeAnswer>
  watch(path: string): Promise<KubeWatch>
}

export const mergeType = 'application/merge-patch+json'
export const jsonType = 'application/json-patch+json'

/** Plain Kubernetes REST over HTTP or HTTPS: contracts speak to both kinds of server in the same bytes. */
export function kubeClient(options: {
  readonly url: string
  readonly token?: string
  readonly ca?: string
}): KubeClient {
  const open = (method: string, path: string, body: unknown, contentType: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const url = new URL(path, options.url)
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const headers = {
        accept: 'application/json',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined ? {} : { 'content-type': contentType }),
      }
      const ca = options.ca === undefined ? {} : { ca: options.ca }
      const outgoing = send(url, { method, headers, agent: false, ...ca }, resolve)
      outgoing.on('error', reject)
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
  return {
    async request(method, path, body, contentType = 'application/json') {
      const response = await open(method, path, body, contentType)
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString('utf8')
      const isJson = response.headers['content-type']?.includes('json') === true
      return { status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text }
    },
    async watch(path) {
      const response = await open('GET', path, undefined, '')
      const events: WatchEvent[] = []
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') events.push(JSON.parse(line) as WatchEvent)
      })
      response.on('error', () => {})
      return { events, stop: () => response.destroy() }
    },
  }
}

/** Asks until there is an answer; says what was missing, and what was seen last, when there is none in time. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  seconds = 60,
  last: () => unknown = () => '',
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what} ${JSON.stringify(last())}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
