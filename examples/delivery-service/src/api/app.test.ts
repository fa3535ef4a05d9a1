import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { Registry } from 'prom-client'
import type { Cache } from '../platform/cache.js'
import { Log } from '../platform/logger.js'
import { memoryStore } from '../testing/memory-store.js'
import { type Issuer, issuer } from '../testing/tenants.js'
import { createApi } from './app.js'

const lines: string[] = []
const registry = new Registry()
const cached = new Map<string, string>()
const cache: Cache = {
  get: async (tenant, key) => cached.get(`${tenant}/${key}`),
  set: async (tenant, key, value) => void cached.set(`${tenant}/${key}`, value),
  drop: async (tenant, key) => void cached.delete(`${tenant}/${key}`),
  end: async () => {},
}
let ready = true
let app: NestExpressApplication
let base: string
let id: Issuer
let acme: string
let zeta: string

before(async () => {
  id = await issuer()
  acme = await id.token('acme')
  zeta = await id.token('zeta')
  app = await createApi({
    store: memoryStore(),
    cache,
    health: {
      version: { service: 'delivery-service', commit: 'abc', digest: 'sha256:1' },
      isReady: async () => ready,
    },
    verify: id.verify,
    registry,
    log: new Log('delivery-api', 'debug', (line) => lines.push(line)),
  })
  await app.listen(0, '127.0.0.1')
  base = await app.getUrl()
})

after(() => app.close())

async function call(
  method: string,
  path: string,
  token?: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

const planned = (reference: string) => ({
  reference,
  windowFrom: '2026-03-04T08:00:00Z',
  windowTo: '2026-03-04T10:00:00Z',
})

test('a tenant creates, reads, lists and changes its deliveries', async () => {
  const created = await call('POST', '/v1/deliveries', acme, planned('A-1'))
  assert.equal(created.status, 201)
  assert.equal(created.headers.get('location'), `/v1/deliveries/${created.body.id}`)
  assert.equal(created.headers.get('cache-control'), 'no-store')
  const path = `/v1/deliveries/${created.body.id}`
  assert.deepEqual((await call('GET', path, acme)).body, created.body)
  const changed = await call('PATCH', path, acme, { status: 'collected', revision: 1 })
  assert.deepEqual([changed.status, changed.body.status, changed.body.revision], [200, 'collected', 2])
  assert.equal((await call('GET', path, acme)).body.status, 'collected', 'a change drops the cached copy')
  const listed = await call('GET', '/v1/deliveries?status=collected', acme)
  assert.deepEqual(
    listed.body.items.map((item: { reference: string }) => item.reference),
    ['A-1'],
  )
})

test('another tenant finds nothing: not by id, not in lists, not through the cache, not by reference', async () => {
  const { body } = await call('POST', '/v1/deliveries', acme, planned('SECRET-1'))
  const path = `/v1/deliveries/${body.id}`
  await call('GET', path, acme)
  assert.ok([...cached.keys()].includes(`acme/${body.id}`))
  const foreign = await call('GET', path, zeta)
  assert.deepEqual([foreign.status, foreign.body.status, foreign.body.title], [404, 404, 'Not Found'])
  assert.equal((await call('PATCH', path, zeta, { status: 'cancelled', revision: 1 })).status, 404)
  assert.deepEqual((await call('GET', '/v1/deliveries', zeta)).body.items, [])
  assert.equal(
    (await call('POST', '/v1/deliveries', zeta, planned('SECRET-1'))).status,
    201,
    'references are per tenant',
  )
})

test('a page ends with where to go on', async () => {
  for (const number of [1, 2, 3])
    await call('POST', '/v1/deliveries', await id.token('pages'), planned(`P-${number}`))
  const token = await id.token('pages')
  const first = await call('GET', '/v1/deliveries?limit=2', token)
  const second = await call('GET', `/v1/deliveries?limit=2&after=${first.body.next}`, token)
  assert.equal(first.body.items.length, 2)
  assert.equal(second.body.items.length, 1)
  assert.equal(second.body.next, undefined)
})

test('a token has to be valid, of our issuer, for us, and carry the scope', async () => {
  const get = async (token?: string) => (await call('GET', '/v1/deliveries', token)).status
  assert.equal(await get(), 401)
  assert.equal(await get('x.y.z'), 401)
  assert.equal(await get(await id.token('acme', { issuer: 'https://other.example' })), 401)
  assert.equal(await get(await id.token('acme', { audience: 'billing' })), 401)
  assert.equal(await get(await id.token('acme', { expires: '-1m' })), 401)
  assert.equal(await get(await (await issuer()).token('acme')), 401, 'signed by another key')
  assert.equal(await get(await id.token('ac/me')), 401, 'a tenant that is no plain id')
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
  assert.equal(await get(`${header}.${acme.split('.')[1]}.`), 401, 'an unsigned token')
  const readOnly = await id.token('acme', { scope: 'deliveries:read' })
  assert.equal(await get(readOnly), 200)
  assert.equal((await call('POST', '/v1/deliveries', readOnly, planned('R-1'))).status, 403)
})

test('what is not valid is told by member and never repeated', async () => {
  const cases: [unknown, number, RegExp][] = [
    [{ ...planned('V-1'), reference: 'Jane Doe, 5 High Street' }, 422, /^at fault: reference$/],
    [{ ...planned('V-1'), windowTo: '2026-03-04T07:00:00Z' }, 422, /^at fault: windowTo$/],
    [{ ...planned('V-1'), tenant: 'zeta' }, 422, /^at fault: the body$/],
    [[], 422, /^at fault: the body$/],
  ]
  for (const [body, status, detail] of cases) {
    const answer = await call('POST', '/v1/deliveries', acme, body)
    assert.equal(answer.status, status)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.match(answer.body.detail, detail)
  }
  assert.equal((await call('POST', '/v1/deliveries', acme, '{"reference":')).status, 400)
  assert.equal((await call('POST', '/v1/deliveries', acme, planned('x'.repeat(40_000)))).status, 413)
  assert.equal((await call('GET', '/v1/deliveries?limit=1000', acme)).status, 400)
  assert.equal((await call('GET', '/v1/deliveries/not-an-id', acme)).status, 404)
})

test('a change that came second, or cannot be, is a conflict', async () => {
  const { body } = await call('POST', '/v1/deliveries', acme, planned('C-1'))
  const path = `/v1/deliveries/${body.id}`
  assert.equal((await call('POST', '/v1/deliveries', acme, planned('C-1'))).status, 409)
  assert.equal((await call('PATCH', path, acme, { status: 'delivered', revision: 1 })).status, 409)
  assert.equal((await call('PATCH', path, acme, { status: 'cancelled', revision: 7 })).status, 409)
  assert.equal((await call('PATCH', path, acme, { status: 'cancelled', revision: 1 })).status, 200)
})

test('probes need no token; readiness follows the service', async () => {
  assert.equal((await call('GET', '/healthz')).status, 200)
  assert.deepEqual((await call('GET', '/version')).body, {
    service: 'delivery-service',
    commit: 'abc',
    digest: 'sha256:1',
  })
  assert.equal((await call('GET', '/readyz')).status, 200)
  ready = false
  assert.equal((await call('GET', '/readyz')).status, 503)
  assert.equal((await call('GET', '/healthz')).status, 200, 'an unready process is not restarted')
  ready = true
})

test('requests are counted by the pattern of their route, probes are not', async () => {
  await call('GET', '/v1/deliveries/6f1c0f9e-7a8f-4a55-9a43-0a7cf0a3a001', acme)
  await call('GET', '/nowhere/6f1c0f9e', acme)
  await call('GET', '/healthz')
  const text = await registry.metrics()
  assert.match(text, /http_requests_total\{method="GET",route="\/v1\/deliveries\/:id",code="404"\} \d+/)
  assert.match(text, /http_requests_total\{method="GET",route="unmatched",code="404"\} \d+/)
  assert.match(
    text,
    /http_request_duration_seconds_bucket\{le="0.1",method="POST",route="\/v1\/deliveries"\} \d+/,
  )
  assert.doesNotMatch(text, /healthz|6f1c0f9e/)
})

test('log lines are JSON with the correlation id of the caller, and hold nothing of the request', async () => {
  const answer = await call('GET', '/v1/deliveries?status=planned&note=Jane', acme, undefined, {
    'x-correlation-id': 'trace-0001',
  })
  assert.equal(answer.headers.get('x-correlation-id'), 'trace-0001')
  const forged = await call('GET', '/healthz', undefined, undefined, { 'x-correlation-id': 'a"b c' })
  assert.match(forged.headers.get('x-correlation-id') ?? '', /^[0-9a-f-]{36}$/)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const entries = lines.map((line) => JSON.parse(line))
  const entry = entries.find((line) => line.correlation === 'trace-0001')
  assert.equal(entry.workload, 'delivery-api')
  const text = lines.join('')
  for (const leak of ['Jane', 'SECRET-1', acme, 'High Street'])
    assert.ok(!text.includes(leak), `a log line holds ${leak}`)
})
