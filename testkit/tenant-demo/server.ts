import pg from 'pg'
import { type HttpRequest, type Reply, startServer } from '../http/index.ts'
import { documentRoutes } from './documents.ts'
import { otherRoutes } from './others.ts'
import { projectRoutes } from './projects.ts'
import { type Call, json, queryOf, type Route } from './request.ts'
import { before, fingerprint, schema } from './schema.ts'
import type { Leak } from './switches.ts'

export interface TenantDemo {
  readonly url: string
  /** Exactly these leaks are open from now on. */
  open(...leaks: readonly Leak[]): void
  /** A mark of all rows: equal when nothing was added, changed or taken away. */
  mark(): Promise<string>
  /** Requests that were answered so far. */
  requests(): number
  close(): Promise<void>
}

const routes: readonly (Route & { readonly form: RegExp })[] = [
  ...projectRoutes,
  ...documentRoutes,
  ...otherRoutes,
].map((route) => ({
  ...route,
  form: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

/** `database` is the URL of an empty database. Tokens are `token-<tenant>`. */
export async function startTenantDemo(database: string): Promise<TenantDemo> {
  const pool = new pg.Pool({ connectionString: database, max: 8 })
  pool.on('error', () => {})
  await pool.query(schema)
  await pool.query(before)
  const opened = new Set<Leak>()
  const rows = queryOf(pool)
  const on = (leak: Leak) => opened.has(leak)
  const server = await startServer({
    handle: (request) => handle(request, on, rows),
    onDefect: () => json(500, { error: 'internal' }),
  })
  return {
    url: server.url,
    open(...leaks) {
      opened.clear()
      for (const leak of leaks) opened.add(leak)
    },
    mark: async () => String((await rows(fingerprint))[0]?.mark),
    requests: () => server.requests.length,
    async close() {
      await server.close()
      await pool.end()
    },
  }
}

async function handle(request: HttpRequest, on: Call['on'], rows: Call['rows']): Promise<Reply> {
  const { method, path, query, headers } = request
  const fits = routes.filter(({ form }) => form.test(path))
  const route = fits.find((one) => one.method === method)
  if (route === undefined)
    return fits.length > 0 ? json(405, { error: 'method' }) : json(404, { error: 'no such route' })
  const [, token] = /^Bearer token-(acme|zeta|umbra)$/.exec(headers.authorization ?? '') ?? []
  const open = route.open === true || (on('anonymous') && route.path === '/documents/{documentId}')
  if (token === undefined && !open) return json(401, { error: 'credentials' })
  const body = readBody(request)
  if (body === undefined) return json(400, { error: 'the body is no JSON object' })
  const named =
    (on('header-override') ? headers['x-tenant-id'] : undefined) ??
    (on('query-override') ? (query.get('tenant_id') ?? undefined) : undefined)
  return await route.handle({
    tenant: token === undefined ? '' : (named ?? token),
    params: route.form.exec(path)?.groups ?? {},
    query,
    headers,
    body,
    url: request.raw.url ?? '',
    on,
    rows,
  })
}

function readBody({ body }: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  if (body.byteLength === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
