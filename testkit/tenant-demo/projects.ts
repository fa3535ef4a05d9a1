import { createHash } from 'node:crypto'
import type { Reply } from '../http/index.ts'
import {
  type Call,
  gone,
  invalid,
  isText,
  isUuid,
  json,
  notFound,
  type Route,
  type Row,
  routeOf,
} from './request.ts'

const columns = 'id, code, name, status, budget'

/** `$1` the id, `$2` the tenant, `$3` whether the tenant does not count. */
const own = 'id = $1 and (tenant = $2 or $3)'

async function find(call: Call, leaking: boolean): Promise<Row | undefined> {
  const { projectId = '' } = call.params
  if (!isUuid(projectId)) return undefined
  return (
    await call.rows(`select ${columns} from projects where ${own}`, [projectId, call.tenant, leaking])
  )[0]
}

const tagOf = (row: Row): string =>
  `"${createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 20)}"`

async function read(call: Call): Promise<Reply> {
  const row = await find(call, call.on('read-by-id'))
  const any = row ?? (await find(call, true))
  if (
    any !== undefined &&
    (row !== undefined || call.on('etag')) &&
    call.headers['if-none-match'] === tagOf(any)
  )
    return { status: 304, headers: { etag: tagOf(any) } }
  if (row !== undefined)
    return json(200, row, {
      etag: tagOf(row),
      ...(call.on('cacheable') ? { 'cache-control': 'public, max-age=60' } : {}),
    })
  if (any === undefined) return notFound
  if (call.on('error-body')) return json(404, { error: `${String(any.name)} is not yours` })
  if (call.on('error-header')) return json(404, { error: 'not found' }, { 'x-project': String(any.name) })
  return call.on('existence') ? json(403, { error: 'forbidden' }) : notFound
}

async function create(call: Call): Promise<Reply> {
  const { code, name, budget = null, tenantId } = call.body
  if (!isText(code, 40) || !isText(name)) return invalid('code, name')
  const tenant = call.on('body-override') && isText(tenantId) ? tenantId : call.tenant
  if (call.on('natural-key')) {
    const [taken] = await call.rows('select name from projects where code = $1 and tenant <> $2', [
      code,
      tenant,
    ])
    if (taken !== undefined) return json(409, { error: `code is that of ${String(taken.name)}` })
  }
  const [row] = await call.rows(
    `insert into projects (tenant, code, name, budget) values ($1, $2, $3, $4) on conflict do nothing returning ${columns}`,
    [tenant, code, name, budget],
  )
  if (row === undefined) return json(409, { error: 'this code is taken' })
  return json(201, row, { location: `/projects/${String(row.id)}` })
}

async function list(call: Call): Promise<Reply> {
  const { query } = call
  const limit = Math.min(100, Math.max(1, Number(query.get('limit') ?? 50) || 50))
  const cursor = readCursor(query.get('cursor'))
  const tenant = call.on('cursor') && cursor !== undefined ? cursor.tenant : call.tenant
  const search = query.get('q')
  const wide = call.on('list') || (call.on('search') && search !== null)
  const rows = await call.rows(
    `select ${columns} from projects where (tenant = $1 or $2) and ($3::text is null or name like '%' || $3 || '%')
      and ($4::uuid is null or id > $4) order by id limit $5`,
    [tenant, wide, search, cursor?.after ?? null, limit],
  )
  const [count] = await call.rows('select count(*)::int as n from projects where (tenant = $1 or $2)', [
    call.tenant,
    call.on('total'),
  ])
  const last = rows.length === limit ? rows.at(-1) : undefined
  const next =
    last === undefined
      ? {}
      : {
          nextCursor: Buffer.from(JSON.stringify({ after: last.id, tenant: call.tenant })).toString(
            'base64url',
          ),
        }
  return json(200, { items: rows, total: count?.n, ...next })
}

function readCursor(text: string | null): { readonly after: string; readonly tenant: string } | undefined {
  if (text === null) return undefined
  try {
    const { after, tenant } = JSON.parse(Buffer.from(text, 'base64url').toString())
    return isUuid(after) && isText(tenant) ? { after, tenant } : undefined
  } catch {
    return undefined
  }
}

async function replace(call: Call): Promise<Reply> {
  const { name, status } = call.body
  if (!isText(name) || !['active', 'archived'].includes(String(status))) return invalid('name, status')
  const mine = await find(call, false)
  if (mine === undefined && !call.on('update-by-id')) return notFound
  const rows = await call.rows(
    `update projects set name = $2, status = $3 where id = $1 returning ${columns}`,
    [call.params.projectId, name, status],
  )
  return mine === undefined ? notFound : json(200, rows[0] ?? {})
}

async function patch(call: Call): Promise<Reply> {
  const { name, budget } = call.body
  if (name !== undefined && !isText(name)) return invalid('name')
  if ((await find(call, call.on('patch-by-id'))) === undefined) return notFound
  const [row] = await call.rows(
    `update projects set name = coalesce($2, name), budget = coalesce($3, budget) where id = $1 returning ${columns}`,
    [call.params.projectId, name ?? null, budget ?? null],
  )
  return json(200, row ?? {})
}

async function remove(call: Call): Promise<Reply> {
  if ((await find(call, call.on('delete-by-id'))) === undefined) return notFound
  await call.rows('delete from projects where id = $1', [call.params.projectId])
  return gone
}

async function archive(call: Call): Promise<Reply> {
  if ((await find(call, call.on('action-by-id'))) === undefined) return notFound
  const [row] = await call.rows(
    `update projects set status = 'archived' where id = $1 and status = 'active' returning ${columns}`,
    [call.params.projectId],
  )
  return row === undefined ? json(409, { error: 'already archived' }) : json(200, { status: row.status })
}

const cached = new Map<string, { readonly text: string; readonly until: number }>()

async function exportRows(call: Call): Promise<Reply> {
  const key = call.url
  const known = cached.get(key)
  const csv = (text: string): Reply => ({ status: 200, headers: { 'content-type': 'text/csv' }, body: text })
  if (call.on('shared-cache') && known !== undefined && known.until > performance.now())
    return csv(known.text)
  const rows = await call.rows('select code, name from projects where (tenant = $1 or $2) order by code', [
    call.tenant,
    call.on('export'),
  ])
  const text = ['code,name', ...rows.map(({ code, name }) => `${String(code)},${String(name)}`)].join('\n')
  cached.set(key, { text, until: performance.now() + 200 })
  return csv(text)
}

export const projectRoutes: readonly Route[] = [
  routeOf('GET', '/projects/export', exportRows),
  routeOf('GET', '/projects', list),
  routeOf('POST', '/projects', create),
  routeOf('GET', '/projects/{projectId}', read),
  routeOf('PUT', '/projects/{projectId}', replace),
  routeOf('PATCH', '/projects/{projectId}', patch),
  routeOf('DELETE', '/projects/{projectId}', remove),
  routeOf('POST', '/projects/{projectId}/archive', archive),
]
