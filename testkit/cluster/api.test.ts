import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManualClock } from '../http/index.ts'
import { requireKind } from './kinds.ts'
import { type Bench, deliveryRollout, imageOf, manualBench } from './testing.ts'

let bench: Bench<ManualClock>
const rollouts = '/apis/argoproj.io/v1alpha1/namespaces/delivery/rollouts'
const services = '/api/v1/namespaces/delivery/services'
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' } },
}

beforeEach(async () => {
  bench = await manualBench({
    tokens: {
      reader: {
        name: 'system:serviceaccount:ci:reader',
        rules: [
          {
            apiGroups: ['argoproj.io'],
            resources: ['rollouts'],
            verbs: ['get', 'list'],
            namespaces: ['delivery'],
          },
        ],
      },
    },
  })
})
afterEach(() => bench.close())

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(bench.cluster.url + path, {
    method,
    headers: {
      authorization: `Bearer ${bench.cluster.token}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: objects of many kinds
  return { status: response.status, body: (await response.json()) as any }
}
const merge = (path: string, body: unknown) =>
  call('PATCH', path, body, { 'content-type': 'application/merge-patch+json' })
const json = (path: string, body: unknown) =>
  call('PATCH', path, body, { 'content-type': 'application/json-patch+json' })

describe('writes', () => {
  it('creates, reads, patches, replaces and deletes an object', async () => {
    const created = await call('POST', services, service)
    expect(created).toMatchObject({
      status: 201,
      body: { metadata: { name: 'web', namespace: 'delivery', generation: 1 } },
    })
    expect(
      (await merge(`${services}/web`, { metadata: { labels: { a: '1', b: null } } })).body.metadata.labels,
    ).toEqual({ a: '1' })
    const patched = await json(`${services}/web`, [
      { op: 'test', path: '/spec/selector/app', value: 'web' },
      { op: 'add', path: '/metadata/labels/x~1y', value: '2' },
    ])
    expect(patched.body.metadata.labels).toEqual({ a: '1', 'x/y': '2' })
    const { body } = await call('GET', `${services}/web`)
    expect(
      (await call('PUT', `${services}/web`, { ...body, spec: { selector: { app: 'other' } } })).body.metadata
        .generation,
    ).toBe(2)
    expect(await call('DELETE', `${services}/web`)).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success' },
    })
    expect((await call('GET', `${services}/web`)).status).toBe(404)
  })

  it('leaves the version alone when nothing changes, and moves it when something does', async () => {
    const before = (await call('POST', services, service)).body.metadata.resourceVersion
    expect(
      (await merge(`${services}/web`, { spec: { selector: { app: 'web' } } })).body.metadata.resourceVersion,
    ).toBe(before)
    expect(
      (await merge(`${services}/web`, { spec: { selector: { app: 'x' } } })).body.metadata.resourceVersion,
    ).not.toBe(before)
  })

  it('refuses a write from an old version', async () => {
    const { resourceVersion } = (await call('POST', services, service)).body.metadata
    await merge(`${services}/web`, { metadata: { labels: { a: '1' } } })
    expect(
      await merge(`${services}/web`, { metadata: { resourceVersion, labels: { a: '2' } } }),
    ).toMatchObject({
      status: 409,
      body: {
        kind: 'Status',
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on services "web": the object has been modified; please apply your changes to the latest version and try again',
      },
    })
  })

  it('refuses a JSON patch whose test fails, as a whole', async () => {
    await call('POST', services, service)
    const refused = await json(`${services}/web`, [
      { op: 'add', path: '/metadata/labels', value: { a: '1' } },
      { op: 'test', path: '/spec/selector/app', value: 'nope' },
    ])
    expect(refused).toMatchObject({ status: 422, body: { reason: 'Invalid' } })
    expect((await call('GET', `${services}/web`)).body.metadata.labels).toBeUndefined()
  })

  it('takes the status through its subresource only', async () => {
    await call('POST', rollouts, deliveryRollout({ namespace: 'delivery', image: imageOf('a') }))
    const name = `${rollouts}/delivery-api`
    expect((await merge(name, { status: { abort: true } })).body.status).toBeUndefined()
    const answer = await merge(`${name}/status`, { status: { abort: true }, spec: { replicas: 99 } })
    expect(answer.body).toMatchObject({
      status: { abort: true },
      spec: { replicas: 4 },
      metadata: { generation: 1 },
    })
    expect((await merge(`${services}/x/scale`, {})).status).toBe(501)
  })

  it('takes the pods along when their owner is deleted', async () => {
    await call('POST', rollouts, deliveryRollout({ namespace: 'delivery', image: imageOf('a') }))
    await bench.clock.advance(10_000)
    expect(bench.cluster.store.list(requireKind('Pod'), 'delivery')).toHaveLength(4)
    await call('DELETE', `${rollouts}/delivery-api`)
    await bench.clock.advance(10_000)
    expect(bench.cluster.store.list(requireKind('Pod'), 'delivery')).toEqual([])
  })
})

describe('refusals', () => {
  it.each([
    [
      'an unknown object',
      'GET',
      `${rollouts}/x`,
      undefined,
      404,
      'NotFound',
      'rollouts.argoproj.io "x" not found',
    ],
    [
      'an unknown core object',
      'GET',
      '/api/v1/namespaces/delivery/pods/x',
      undefined,
      404,
      'NotFound',
      'pods "x" not found',
    ],
    [
      'an unknown namespace',
      'POST',
      '/api/v1/namespaces/nope/services',
      service,
      404,
      'NotFound',
      'namespaces "nope" not found',
    ],
    [
      'a strategic patch of a custom resource',
      'PATCH',
      `${rollouts}/x`,
      {},
      404,
      'NotFound',
      'rollouts.argoproj.io "x" not found',
    ],
  ])('%s', async (_name, method, path, body, status, reason, message) => {
    const type = {
      'content-type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
    }
    expect(await call(method, path, body, type)).toMatchObject({
      status,
      body: { kind: 'Status', status: 'Failure', reason, message, code: status },
    })
  })

  it('a name that is taken', async () => {
    await call('POST', services, service)
    expect(await call('POST', services, service)).toMatchObject({
      status: 409,
      body: { reason: 'AlreadyExists', message: 'services "web" already exists' },
    })
  })

  it.each(['/api/v1/nodes', '/apis/apps/v1/namespaces/delivery/daemonsets', '/metrics', '/openapi/v3'])(
    'what it does not know: %s',
    async (path) => {
      expect((await call('GET', path)).status).toBe(501)
    },
  )

  it('a token that nobody has, no token, and a right that is not given', async () => {
    expect(await call('GET', rollouts, undefined, { authorization: 'Bearer nope' })).toMatchObject({
      status: 401,
      body: { reason: 'Unauthorized', message: 'Unauthorized' },
    })
    const anonymous = await fetch(bench.cluster.url + rollouts)
    expect(anonymous.status).toBe(403)
    const reader = { authorization: 'Bearer reader' }
    expect((await call('GET', rollouts, undefined, reader)).status).toBe(200)
    expect(
      await call(
        'PATCH',
        `${rollouts}/web/status`,
        {},
        { ...reader, 'content-type': 'application/merge-patch+json' },
      ),
    ).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message:
          'rollouts.argoproj.io "web" is forbidden: User "system:serviceaccount:ci:reader" cannot patch resource "rollouts/status" in API group "argoproj.io" in the namespace "delivery"',
      },
    })
    expect(await call('GET', '/apis/argoproj.io/v1alpha1/rollouts', undefined, reader)).toMatchObject({
      status: 403,
      body: {
        message:
          'rollouts.argoproj.io is forbidden: User "system:serviceaccount:ci:reader" cannot list resource "rollouts" in API group "argoproj.io" at the cluster scope',
      },
    })
  })
})

describe('lists', () => {
  it('selects by labels and names', async () => {
    for (const [name, tier] of [
      ['a', 'web'],
      ['b', 'web'],
      ['c', 'job'],
    ]) {
      await call('POST', services, { ...service, metadata: { name, labels: { tier } } })
    }
    const names = async (query: string) =>
      (await call('GET', `${services}?${query}`)).body.items.map(
        (item: { metadata: { name: string } }) => item.metadata.name,
      )
    expect(await names('labelSelector=tier%3Dweb')).toEqual(['a', 'b'])
    expect(await names('labelSelector=tier!%3Dweb')).toEqual(['c'])
    expect(await names(`labelSelector=${encodeURIComponent('tier in (web,job),!x')}`)).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b'])
    expect((await call('GET', `${services}?limit=1`)).status).toBe(501)
  })
})

interface Watching {
  readonly events: { type: string; object: { metadata: { name: string }; code?: number } }[]
  readonly ended: Promise<void>
  stop(): void
}

async function watch(path: string): Promise<Watching> {
  const control = new AbortController()
  const response = await fetch(bench.cluster.url + path, {
    headers: { authorization: `Bearer ${bench.cluster.token}` },
    signal: control.signal,
  })
  const events: Watching['events'] = []
  const read = async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) events.push(JSON.parse(line))
    }
  }
  return { events, ended: read().catch(() => {}), stop: () => control.abort() }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

describe('watches', () => {
  it('follows from a version, and to a selector objects come and go with their labels', async () => {
    await call('POST', services, service)
    const { resourceVersion } = (await call('GET', services)).body.metadata
    const all = await watch(`${services}?watch=true&resourceVersion=${resourceVersion}`)
    const web = await watch(`${services}?watch=1&resourceVersion=${resourceVersion}&labelSelector=tier%3Dweb`)
    await merge(`${services}/web`, { metadata: { labels: { tier: 'web' } } })
    await merge(`${services}/web`, { metadata: { labels: { tier: 'job' } } })
    await call('DELETE', `${services}/web`)
    await settled()
    expect(all.events.map((event) => event.type)).toEqual(['MODIFIED', 'MODIFIED', 'DELETED'])
    expect(web.events.map((event) => event.type)).toEqual(['ADDED', 'DELETED'])
    all.stop()
    web.stop()
  })

  it('shows what is there first when no version is named', async () => {
    await call('POST', services, service)
    const watching = await watch(`${services}?watch=true`)
    await settled()
    expect(watching.events).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'web' } } }])
    watching.stop()
  })

  it('answers 410 in the stream when the version is too old', async () => {
    await call('POST', services, service)
    bench.cluster.store.compact()
    await merge(`${services}/web`, { metadata: { labels: { a: '1' } } })
    const watching = await watch(`${services}?watch=true&resourceVersion=1`)
    await watching.ended
    expect(watching.events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }])
  })

  it('ends after the time asked for, with a bookmark, and when the server drops it', async () => {
    const { resourceVersion } = (await call('GET', services)).body.metadata
    const path = `${services}?watch=true&resourceVersion=${resourceVersion}`
    const dropped = await watch(path)
    bench.cluster.dropWatches()
    const timed = await watch(`${path}&timeoutSeconds=1&allowWatchBookmarks=true`)
    await dropped.ended
    await timed.ended
    expect(dropped.events).toEqual([])
    expect(timed.events).toMatchObject([{ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }])
  })
})
