import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { demoDocument } from '../../../testkit/tenant-demo/index.ts'
import { descriptionOf } from '../testing/demo.fixture.ts'
import { generated } from '../world/bodies.ts'
import { createMarkers } from '../world/markers.ts'
import { graphOf, ownerOf, singular } from './graph.ts'
import { operationsOf } from './operations.ts'

const options = { tenantKeys: ['tenantId'], produces: {}, binds: {} }
async function graph(document: object, more: Partial<typeof options> = {}) {
  return graphOf(operationsOf(await descriptionOf(document)), { ...options, ...more })
}
const answer = (schema: object = {}) => ({
  '201': { description: '', content: { 'application/json': { schema } } },
})
const path = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })
const document = (paths: object, version = '3.1.0') => ({
  openapi: version,
  info: { title: 't', version: '1' },
  paths,
})

describe('names', () => {
  test.each([
    ['projects', 'project'],
    ['companies', 'company'],
    ['boxes', 'box'],
    ['address', 'address'],
    ['order-items', 'orderitem'],
  ])('%s is many of %s', (many, one) => expect(singular(many)).toBe(one))

  test.each([
    ['projectId', 'project'],
    ['project_id', 'project'],
    ['projectIds', 'project'],
    ['fileKey', 'file'],
    ['order-uuid', 'order'],
    ['title', undefined],
    ['id', undefined],
  ])('%s is an id of %s', (name, owner) => expect(ownerOf(name)).toBe(owner))
})

describe('where values come from', () => {
  test('in the demo: by place, by link, by name, by property, by extension', async () => {
    const { resources, byId, sourceOf, referencesOf } = await graph(demoDocument())
    expect(resources.map(({ name }) => name)).toEqual([
      'projects',
      'documents',
      'payments',
      'exports',
      'webhooks',
      'flags',
      'notes',
      'labels',
      'teams',
    ])
    const of = (id: string, name: string) => {
      const operation = byId.get(id)
      return operation === undefined ? undefined : sourceOf(operation, name)
    }
    expect(of('getProject', 'projectId')).toEqual({ resource: 'projects', pointer: '/id' })
    expect(of('replaceProject', 'projectId')).toEqual({ resource: 'projects' })
    expect(of('getDocument', 'documentId')).toEqual({ resource: 'documents' })
    expect(of('getFile', 'fileKey')).toEqual({ resource: 'documents', pointer: '/fileKey' })
    const references = (id: string) => {
      const operation = byId.get(id)
      return operation === undefined
        ? []
        : referencesOf(operation).map((one) => [one.in, one.path.join('.'), one.resource, one.list])
    }
    expect(references('changeDocument')).toEqual([['body', 'projectId', 'projects', false]])
    expect(references('deleteDocuments')).toEqual([['body', 'ids', 'documents', true]])
    expect(references('batchDocuments')).toEqual([['query', 'ids', 'documents', true]])
    expect(references('createProject')).toEqual([])
  })

  test('parents come first, whatever the order of the paths', async () => {
    const child = { post: { operationId: 'addLine', parameters: [path('orderId')], responses: answer() } }
    const { resources } = await graph(
      document({
        '/orders/{orderId}/lines': child,
        '/orders/{orderId}/lines/{lineId}': {
          get: { parameters: [path('orderId'), path('lineId')], responses: answer() },
        },
        '/orders': { post: { operationId: 'addOrder', responses: answer() } },
        '/orders/{orderId}': { get: { parameters: [path('orderId')], responses: answer() } },
      }),
    )
    expect(resources.map(({ name }) => name)).toEqual(['orders', 'lines'])
  })

  test('a parameter that names the tenant is the tenant, and one that nothing makes has no source', async () => {
    const { operations, sourceOf } = await graph(
      document({ '/{tenantId}/things/{whatever}': { get: { responses: answer() } } }),
    )
    const [operation] = operations
    if (operation === undefined) throw new Error('there is one operation')
    expect(operation.id).toBe('GET /{tenantId}/things/{whatever}')
    expect(sourceOf(operation, 'tenantId')).toBe('tenant')
    expect(sourceOf(operation, 'whatever')).toBeUndefined()
  })

  test('what is bound by hand counts most', async () => {
    const { byId, sourceOf } = await graph(demoDocument(), { binds: { fileKey: 'notes/title' } })
    const operation = byId.get('getFile')
    if (operation === undefined) throw new Error('it is there')
    expect(sourceOf(operation, 'fileKey')).toEqual({ resource: 'notes', pointer: '/title' })
  })

  test('an action is no resource', async () => {
    const { resources } = await graph(
      document({
        '/orders': { post: { responses: answer() } },
        '/orders/{orderId}': { get: { responses: answer() } },
        '/orders/{orderId}/cancel': { post: { responses: answer() } },
      }),
    )
    expect(resources.map(({ name }) => name)).toEqual(['orders'])
  })
})

describe('bodies', () => {
  const body = async (schema: object, version?: string, components: object = {}) => {
    const own = {
      ...document(
        {
          '/x': {
            post: { requestBody: { content: { 'application/json': { schema } } }, responses: answer() },
          },
        },
        version,
      ),
      components,
    }
    const [operation] = operationsOf(await descriptionOf(own))
    const markers = createMarkers('run1')
    return (optionals: boolean, seed = 0) =>
      generated(operation?.body?.schema ?? {}, { seed, optionals, side: 'a', markers })
  }

  test('free texts are markers, also where a pattern asks for capitals; ids, enums and moments are what they are', async () => {
    const make = await body({
      type: 'object',
      required: ['free', 'capitals', 'status', 'mail', 'from', 'to', 'short', 'id'],
      properties: {
        free: { type: 'string' },
        capitals: { type: 'string', pattern: '^[A-Z0-9]{5,20}$' },
        status: { type: 'string', enum: ['open'] },
        mail: { type: 'string', format: 'email' },
        from: { type: 'string', format: 'date-time' },
        to: { type: 'string', format: 'date-time' },
        short: { type: 'string', maxLength: 3 },
        id: { type: 'string', format: 'uuid' },
        secret: { type: 'string', readOnly: true },
      },
    })
    const value = make(true) as Record<string, string>
    expect(value.free).toMatch(/^zzrun1a\w{3}$/)
    expect(value.capitals).toMatch(/^ZZRUN1A\w{3}$/)
    expect(value.status).toBe('open')
    expect(value.mail).toMatch(/^zzrun1a\w{3}@example\.com$/)
    expect(Date.parse(value.to ?? '')).toBeGreaterThan(Date.parse(value.from ?? ''))
    expect(value.short?.length).toBeLessThanOrEqual(3)
    expect(value.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(value).not.toHaveProperty('secret')
  })

  test('OpenAPI 3.0 is read as it is meant', async () => {
    const make = await body(
      {
        type: 'object',
        required: ['n'],
        properties: {
          n: { type: 'integer', minimum: 3, exclusiveMinimum: true, maximum: 4 },
          maybe: { type: 'string', nullable: true },
        },
      },
      '3.0.3',
    )
    fc.assert(
      fc.property(fc.nat(1000), (seed) => (make(true, seed) as { n: number }).n === 4),
      { numRuns: 20 },
    )
  })

  test('a schema that refers to itself ends', async () => {
    const components = {
      schemas: {
        Tree: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
          },
        },
      },
    }
    const make = await body({ $ref: '#/components/schemas/Tree' }, '3.1.0', components)
    expect(make(true)).toHaveProperty('name')
  })

  test('a schema that needs itself without end ends, too', async () => {
    const components = {
      schemas: {
        A: { type: 'object', required: ['b'], properties: { b: { $ref: '#/components/schemas/B' } } },
        B: { type: 'object', required: ['a'], properties: { a: { $ref: '#/components/schemas/A' } } },
      },
    }
    const make = await body({ $ref: '#/components/schemas/A' }, '3.1.0', components)
    expect(() => make(false)).not.toThrow()
  })
})
