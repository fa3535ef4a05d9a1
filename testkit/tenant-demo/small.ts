import { randomUUID } from 'node:crypto'
import {
  type CommonOptions,
  type HttpRequest,
  type Reply,
  type RunningServer,
  startServer,
} from '../http/index.ts'

interface Item {
  readonly id: string
  readonly tenant: string
  name: string
}

export interface SmallService extends RunningServer {
  /** Rows that are there now. */
  readonly items: Map<string, Item>
}

const json = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body,
})

/** One resource in memory, for services that misbehave: `intercept` answers in its place. Keeps tenants apart. */
export async function startSmallService(
  options: Pick<CommonOptions, 'intercept'> = {},
): Promise<SmallService> {
  const items = new Map<string, Item>([
    [
      '0b5c1a2e-0000-4000-8000-000000000001',
      { id: '0b5c1a2e-0000-4000-8000-000000000001', tenant: 'umbra', name: 'Lantern' },
    ],
  ])
  const server = await startServer({
    ...options,
    handle: (request) => handle(items, request),
    onDefect: () => json(500, { error: 'internal' }),
  })
  return { ...server, requests: server.requests, items }
}

function handle(items: Map<string, Item>, { method, path, headers, body }: HttpRequest): Reply {
  const [, tenant] = /^Bearer token-(acme|zeta)$/.exec(headers.authorization ?? '') ?? []
  if (tenant === undefined) return json(401, { error: 'credentials' })
  const shown = ({ id, name }: Item) => ({ id, name })
  if (path === '/items' && method === 'GET')
    return json(200, { items: [...items.values()].filter((one) => one.tenant === tenant).map(shown) })
  if (path === '/items' && method === 'POST') {
    const item = { id: randomUUID(), tenant, name: nameIn(body) }
    items.set(item.id, item)
    return json(201, shown(item))
  }
  const item = items.get(path.replace('/items/', ''))
  if (item === undefined || item.tenant !== tenant) return json(404, { error: 'not found' })
  if (method === 'PUT') item.name = nameIn(body)
  if (method === 'DELETE') items.delete(item.id)
  return method === 'DELETE' ? { status: 204 } : json(200, shown(item))
}

function nameIn(body: Buffer): string {
  try {
    return String(JSON.parse(body.toString()).name)
  } catch {
    return 'unnamed'
  }
}

const item = { $ref: '#/components/schemas/Item' }
const done = (schema: object) => ({ description: 'Done.', content: { 'application/json': { schema } } })
const take = {
  required: true,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/NewItem' } } },
}

/** Its OpenAPI description. */
export function smallDocument(): {
  paths: Record<string, object>
  components: { schemas: Record<string, object> }
} {
  return {
    ...{ openapi: '3.1.0', info: { title: 'small', version: '1' } },
    paths: {
      '/items': {
        get: {
          operationId: 'listItems',
          responses: {
            '200': done({ type: 'object', properties: { items: { type: 'array', items: item } } }),
          },
        },
        post: { operationId: 'createItem', requestBody: take, responses: { '201': done(item) } },
      },
      '/items/{itemId}': {
        parameters: [
          { name: 'itemId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
        ],
        get: { operationId: 'getItem', responses: { '200': done(item) } },
        put: { operationId: 'replaceItem', requestBody: take, responses: { '200': done(item) } },
        delete: { operationId: 'deleteItem', responses: { '204': { description: 'Gone.' } } },
      },
    },
    components: {
      schemas: {
        Item: {
          type: 'object',
          required: ['id', 'name'],
          properties: { id: { type: 'string', format: 'uuid' }, name: { type: 'string' } },
        },
        NewItem: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', minLength: 1, maxLength: 100 } },
        },
      },
    },
  }
}
