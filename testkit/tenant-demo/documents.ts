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

const columns = `id, project_id as "projectId", title, body, file_key as "fileKey"`

async function ownsProject(call: Call, id: unknown): Promise<boolean> {
  if (!isUuid(id)) return false
  return (
    (await call.rows('select 1 from projects where id = $1 and tenant = $2', [id, call.tenant])).length > 0
  )
}

async function projectExists(call: Call, id: unknown): Promise<boolean> {
  return isUuid(id) && (await call.rows('select 1 from projects where id = $1', [id])).length > 0
}

async function find(call: Call, leaking = false): Promise<Row | undefined> {
  const { documentId = '' } = call.params
  if (!isUuid(documentId)) return undefined
  const values = [documentId, call.tenant, leaking]
  return (
    await call.rows(`select ${columns} from documents where id = $1 and (tenant = $2 or $3)`, values)
  )[0]
}

async function create(call: Call): Promise<Reply> {
  const { title, body = '' } = call.body
  const { projectId } = call.params
  if (!isText(title)) return invalid('title')
  const may = call.on('child-create') ? projectExists(call, projectId) : ownsProject(call, projectId)
  if (!(await may)) return notFound
  const [row] = await call.rows(
    `insert into documents (tenant, project_id, title, body) values ($1, $2, $3, $4) returning ${columns}`,
    [call.tenant, projectId, title, body],
  )
  return json(201, row ?? {})
}

async function listOfProject(call: Call): Promise<Reply> {
  const { projectId } = call.params
  const leaking = call.on('child-list')
  if (!(await (leaking ? projectExists(call, projectId) : ownsProject(call, projectId)))) return notFound
  // A document that another tenant could add would show here, as it would to the tenant's users.
  const items = await call.rows(`select ${columns} from documents where project_id = $1 order by id`, [
    projectId,
  ])
  return json(200, { items })
}

async function filtered(call: Call): Promise<Reply> {
  const all = call.query.getAll('projectId')
  const [first] = all
  const wanted = call.on('duplicate-parameter') ? all.at(-1) : first
  const unchecked = call.on('filter') || (call.on('duplicate-parameter') && (await ownsProject(call, first)))
  if (wanted !== undefined && !isUuid(wanted)) return json(400, { error: 'projectId' })
  const items = await call.rows(
    `select ${columns} from documents where ($1::uuid is null or project_id = $1) and (tenant = $2 or $3) order by id`,
    [wanted ?? null, call.tenant, unchecked && wanted !== undefined],
  )
  return json(200, { items })
}

async function batch(call: Call): Promise<Reply> {
  const ids = (call.query.get('ids') ?? '').split(',').filter(isUuid)
  if (ids.length === 0) return json(400, { error: 'ids' })
  const mine = await call.rows('select id from documents where id = any($1) and tenant = $2', [
    ids,
    call.tenant,
  ])
  const all = call.on('bulk-read') && mine.some(({ id }) => id === ids[0])
  const items = await call.rows(
    `select ${columns} from documents where id = any($1) and (tenant = $2 or $3)`,
    [ids, call.tenant, all],
  )
  return json(200, { items })
}

async function bulkDelete(call: Call): Promise<Reply> {
  const ids = Array.isArray(call.body.ids) ? call.body.ids.filter(isUuid) : []
  if (ids.length === 0) return invalid('ids')
  const mine = await call.rows('select id from documents where id = any($1) and tenant = $2', [
    ids,
    call.tenant,
  ])
  const all = call.on('bulk-write') && mine.some(({ id }) => id === ids[0])
  const rows = await call.rows(
    'delete from documents where id = any($1) and (tenant = $2 or $3) returning id',
    [ids, call.tenant, all],
  )
  return json(200, { deleted: rows.length })
}

async function change(call: Call): Promise<Reply> {
  const { title, projectId } = call.body
  if ((await find(call)) === undefined) return notFound
  if (title !== undefined && !isText(title)) return invalid('title')
  if (projectId !== undefined) {
    const may = call.on('move') ? projectExists(call, projectId) : ownsProject(call, projectId)
    if (!(await may)) return invalid('projectId')
  }
  const [row] = await call.rows(
    `update documents set title = coalesce($2, title), project_id = coalesce($3, project_id) where id = $1 returning ${columns}`,
    [call.params.documentId, title ?? null, projectId ?? null],
  )
  return json(200, row ?? {})
}

async function remove(call: Call): Promise<Reply> {
  const { documentId = '' } = call.params
  if (!isUuid(documentId)) return notFound
  await call.rows('delete from documents where id = $1 and tenant = $2', [documentId, call.tenant])
  // Idempotent, as many are: the status says nothing of whether there was anything.
  return gone
}

async function file(call: Call): Promise<Reply> {
  const { fileKey = '' } = call.params
  if (!isUuid(fileKey)) return notFound
  const [row] = await call.rows(
    'select title, body from documents where file_key = $1 and (tenant = $2 or $3)',
    [fileKey, call.tenant, call.on('download')],
  )
  if (row === undefined) return notFound
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: `${String(row.title)}\n${String(row.body)}`,
  }
}

async function read(call: Call): Promise<Reply> {
  const row = await find(call, call.tenant === '')
  return row === undefined ? notFound : json(200, row)
}

export const documentRoutes: readonly Route[] = [
  routeOf('GET', '/documents/batch', batch),
  routeOf('GET', '/documents', filtered),
  routeOf('POST', '/documents/bulk-delete', bulkDelete),
  routeOf('POST', '/projects/{projectId}/documents', create),
  routeOf('GET', '/projects/{projectId}/documents', listOfProject),
  routeOf('GET', '/documents/{documentId}', read),
  routeOf('PATCH', '/documents/{documentId}', change),
  routeOf('DELETE', '/documents/{documentId}', remove),
  routeOf('GET', '/files/{fileKey}', file),
]
