import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Clock } from '../release/index.ts'
import { boundedFetch } from './fetch.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sleeps are recorded and take no time. */
function fastClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  return { slept, now: () => new Date(0), sleep: async (ms) => void slept.push(ms) }
}

/** Answers with the statuses in turn, then 200. */
async function flaky(statuses: readonly number[], headers: Record<string, string> = {}) {
  const seen: string[] = []
  const url = await serve((request, response) => {
    const status = statuses[seen.length] ?? 200
    seen.push(request.method ?? '')
    response.writeHead(status, headers).end(`answer ${seen.length}`)
  })
  return { url, seen }
}

test.each([429, 502, 503, 504])('a read is tried again after %i', async (status) => {
  const { url, seen } = await flaky([status, status])
  const response = await boundedFetch({ clock: fastClock() })(`${url}/x`)
  expect([response.status, await response.text(), seen.length]).toEqual([200, 'answer 3', 3])
  expect(response.url).toBe(`${url}/x`)
})

test('after the last attempt the answer of the server is the answer', async () => {
  const { url, seen } = await flaky([503, 503, 503, 503])
  const response = await boundedFetch({ clock: fastClock() })(url)
  expect([response.status, seen.length]).toEqual([503, 3])
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is sent once', async (method) => {
  const { url, seen } = await flaky([503])
  const body = method === 'DELETE' ? {} : { body: 'text' }
  expect((await boundedFetch({ clock: fastClock() })(url, { method, ...body })).status).toBe(503)
  expect(seen).toEqual([method])
})

test.each([500, 401, 404, 409])('%i is the caller’s to judge', async (status) => {
  const { url, seen } = await flaky([status])
  expect((await boundedFetch({ clock: fastClock() })(url)).status).toBe(status)
  expect(seen).toHaveLength(1)
})

test('waits as long as the server asks, and not at all when it asks for too much', async () => {
  const clock = fastClock()
  const soon = await flaky([429], { 'retry-after': '7' })
  expect((await boundedFetch({ clock })(soon.url)).status).toBe(200)
  expect(clock.slept).toEqual([7_000])
  const dated = await flaky([503], { 'retry-after': new Date(9_000).toUTCString() })
  expect((await boundedFetch({ clock })(dated.url)).status).toBe(200)
  expect(clock.slept).toEqual([7_000, 9_000])
  const late = await flaky([429], { 'retry-after': '3600' })
  expect((await boundedFetch({ clock })(late.url)).status).toBe(429)
})

test('a server that does not answer in time is named, without the query', async () => {
  const url = await serve(() => {})
  const lost = boundedFetch({ timeoutMs: 50, retries: 0 })(`${url}/path?token=hidden`)
  await expect(lost).rejects.toThrow(`GET ${url}/path: no answer within 50 ms`)
  await expect(lost).rejects.not.toThrow(/hidden/)
})

test('a refused connection is tried again and names its cause', async () => {
  const clock = fastClock()
  await expect(boundedFetch({ clock })('http://127.0.0.1:9/')).rejects.toThrow(
    /127\.0\.0\.1:9\/: .*(ECONNREFUSED|bad port)/,
  )
  expect(clock.slept).toHaveLength(2)
})

test('a body that falls silent or grows too large fails', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/silent') response.write('begin')
    else response.end('x'.repeat(2_000))
  })
  const get = boundedFetch({ idleMs: 50, maxBytes: 1_000 })
  await expect(get(`${url}/silent`).then((response) => response.text())).rejects.toThrow(/stopped for 50 ms/)
  await expect(get(`${url}/large`).then((response) => response.text())).rejects.toThrow(
    /larger than 1000 bytes/,
  )
})

test('an abort of the caller ends the request with its own reason and is not tried again', async () => {
  let asked = 0
  const url = await serve(() => {
    asked += 1
  })
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Error('cancelled')), 30)
  await expect(boundedFetch()(url, { signal: abort.signal })).rejects.toThrow('cancelled')
  expect(asked).toBe(1)
})

test('answers without a body keep their status', async () => {
  const url = await serve((_, response) => response.writeHead(204).end())
  expect((await boundedFetch()(url)).status).toBe(204)
})
