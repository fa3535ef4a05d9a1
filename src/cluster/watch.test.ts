import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { unwrap } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import { connectKube, type KubeObject, type WatchEvent } from './index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let folder: string
let kubeconfig: string
let close: () => void
/** Answers to the watches in their order; the last one stays. */
let script: Answer[]
/** resourceVersion of each watch that was opened. */
let opened: string[]
let lists: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
  kubeconfig = join(folder, 'config')
  script = []
  opened = []
  lists = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (!url.searchParams.has('watch')) {
      lists += 1
      response.end(JSON.stringify({ metadata: { resourceVersion: String(lists * 10) }, items: [] }))
      return
    }
    opened.push(url.searchParams.get('resourceVersion') ?? '')
    const answer = script.length > 1 ? script.shift() : script[0]
    answer?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  writeConfig((server.address() as AddressInfo).port, 'first')
})

afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

let port = 0
function writeConfig(on: number, token: string): void {
  port = on
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${on}` } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
}

const changed = (version: string): string =>
  `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'api', resourceVersion: version } } })}\n`
const tells =
  (version: string): Answer =>
  (_, response) =>
    void response.write(changed(version))

/** Events up to the first change, or as many as asked for. */
async function events(until: (seen: readonly WatchEvent<KubeObject>[]) => boolean, silenceMs = 10_000) {
  const kube = unwrap(
    await connectKube({ kubeconfig: { path: kubeconfig }, context: 'x', clock: systemClock() }),
  )
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)])
  const seen: WatchEvent<KubeObject>[] = []
  for await (const event of kube.watch<KubeObject>('/api/v1/namespaces/x/pods', { signal, silenceMs })) {
    seen.push(event)
    if (until(seen)) stop.abort()
  }
  return seen.map((event) => event.type)
}
const firstChange = (seen: readonly WatchEvent<KubeObject>[]) => seen.some((each) => each.type === 'modified')

it.each<[string, Answer]>([
  [
    'an answer of 410',
    (_, response) =>
      void response.writeHead(410).end(JSON.stringify({ message: 'too old resource version' })),
  ],
  [
    'an event of 410',
    (_, response) =>
      void response.end(
        `${JSON.stringify({ type: 'ERROR', object: { metadata: {}, code: 410, message: 'too old' } })}\n`,
      ),
  ],
])('%s leads to a new list, and is no fault', async (_, gone) => {
  script = [gone, tells('21')]
  expect(await events(firstChange)).toEqual(['sync', 'sync', 'modified'])
  expect(opened).toEqual(['10', '20'])
})

it('a silent connection is opened again from the same place', async () => {
  const silent: Answer = (_, response) => void response.writeHead(200).flushHeaders()
  script = [silent, tells('11')]
  expect(await events(firstChange, 300)).toEqual(['sync', 'modified'])
  expect(opened).toEqual(['10', '10'])
})

it('a connection that ends goes on behind the last event', async () => {
  script = [(_, response) => void response.end(changed('12')), tells('13')]
  const types = await events((seen) => seen.filter((each) => each.type === 'modified').length === 2)
  expect(types).toEqual(['sync', 'modified', 'modified'])
  expect(opened).toEqual(['10', '12'])
})

it.each<[string, Answer]>([
  ['ends each watch at once', (_, response) => void response.end()],
  ['has always forgotten the place', (_, response) => void response.writeHead(410).end('{}')],
])('a server that %s is asked again with growing pauses', async (_, answer) => {
  script = [answer, answer, answer, answer, tells('91')]
  const began = performance.now()
  expect((await events(firstChange)).at(-1)).toBe('modified')
  expect(opened).toHaveLength(5)
  // At once, then 0.25 s, 0.5 s and 1 s.
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_700)
})

it('a connection that is reset is reported as blindness and goes on', async () => {
  script = [(request) => void request.socket.destroy(), tells('11')]
  expect(await events(firstChange)).toEqual(['sync', 'fault', 'modified'])
})

it('credentials that have run out are read again', async () => {
  script = [
    (_, response) => {
      writeConfig(port, 'second')
      response.writeHead(401).end('{"message":"Unauthorized"}')
    },
    (request, response) => {
      const renewed = request.headers.authorization === 'Bearer second'
      response.write(changed(renewed ? 'renewed' : 'stale'))
    },
  ]
  const types = await events(firstChange)
  expect(types.at(-1)).toBe('modified')
  expect(types).not.toContain('fault')
})
