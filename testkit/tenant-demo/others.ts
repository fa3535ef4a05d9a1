import type { Reply } from '../http/index.ts'
import { type Call, gone, invalid, isText, isUuid, json, notFound, type Route, routeOf } from './request.ts'

async function pay(call: Call): Promise<Reply> {
  const { projectId, amount, note } = call.body
  const key = call.headers['idempotency-key'] ?? null
  if (!isText(note) || !Number.isInteger(amount)) return invalid('note, amount')
  const columns = `id, project_id as "projectId", amount, note`
  const [known] =
    key === null
      ? []
      : await call.rows(`select ${columns} from payments where idem_key = $1 and (tenant = $2 or $3)`, [
          key,
          call.tenant,
          call.on('idempotency'),
        ])
  if (known !== undefined) return json(201, known)
  const mine = isUuid(projectId)
    ? await call.rows('select 1 from projects where id = $1 and tenant = $2', [projectId, call.tenant])
    : []
  if (mine.length === 0) return invalid('projectId')
  const [row] = await call.rows(
    `insert into payments (tenant, project_id, amount, note, idem_key) values ($1, $2, $3, $4, $5) returning ${columns}`,
    [call.tenant, projectId, amount, note, key],
  )
  return json(201, row ?? {})
}

/** Of a table whose rows belong to a tenant and have a uuid. */
function byId(
  table: string,
  parameter: string,
  columns: string,
  leaking: (call: Call) => boolean,
): Route['handle'] {
  return async (call) => {
    const id = call.params[parameter]
    if (!isUuid(id)) return notFound
    const values = [id, call.tenant, leaking(call)]
    const [row] = await call.rows(
      `select ${columns} from ${table} where id = $1 and (tenant = $2 or $3)`,
      values,
    )
    return row === undefined ? notFound : json(200, row)
  }
}

function removal(table: string, parameter: string): Route['handle'] {
  return async (call) => {
    const id = call.params[parameter]
    if (!isUuid(id)) return notFound
    const rows = await call.rows(`delete from ${table} where id = $1 and tenant = $2 returning id`, [
      id,
      call.tenant,
    ])
    return rows.length === 0 ? notFound : gone
  }
}

async function startExport(call: Call): Promise<Reply> {
  const { label } = call.body
  if (!isText(label)) return invalid('label')
  const [row] = await call.rows('insert into exports (tenant, label) values ($1, $2) returning id', [
    call.tenant,
    label,
  ])
  return json(202, { exportId: row?.id }, { location: `/exports/${String(row?.id)}` })
}

async function hook(call: Call): Promise<Reply> {
  const { url, description } = call.body
  if (!isText(url) || !isText(description)) return invalid('url, description')
  const [row] = await call.rows(
    'insert into webhooks (tenant, url, description) values ($1, $2, $3) returning id, url, description',
    [call.tenant, url, description],
  )
  return json(201, row ?? {})
}

async function stats(call: Call): Promise<Reply> {
  const [row] = await call.rows('select count(*)::int as projects from projects where (tenant = $1 or $2)', [
    call.tenant,
    call.on('stats'),
  ])
  return json(200, row ?? {})
}

/** What a variable of a module that outlives a wait comes to. */
const current = { tenant: '' }

async function names(call: Call): Promise<Reply> {
  current.tenant = call.tenant
  await call.rows('select pg_sleep(0.002)')
  const tenant = call.on('pool') ? current.tenant : call.tenant
  const rows = await call.rows('select name from projects where tenant = $1 order by name', [tenant])
  return json(200, { names: rows.map(({ name }) => name) })
}

/** Plain resources of one form, for width. */
const kinds = [
  ['notes', 'noteId'],
  ['labels', 'labelId'],
  ['teams', 'teamId'],
] as const

function plain(kind: string, parameter: string): readonly Route[] {
  const leaking = (call: Call) => call.on('sequence') && kind === 'notes'
  const idOf = (call: Call) =>
    /^\d{1,15}$/.test(call.params[parameter] ?? '') ? Number(call.params[parameter]) : 0
  return [
    routeOf('GET', `/${kind}`, async (call) =>
      json(
        200,
        await call.rows('select id, title, body from notes where tenant = $1 and kind = $2 order by id', [
          call.tenant,
          kind,
        ]),
      ),
    ),
    routeOf('POST', `/${kind}`, async (call) => {
      const { title, body = null } = call.body
      if (!isText(title)) return invalid('title')
      const values = [call.tenant, kind, title, body]
      const [row] = await call.rows(
        'insert into notes (tenant, kind, title, body) values ($1, $2, $3, $4) returning id, title, body',
        values,
      )
      return json(201, row ?? {})
    }),
    routeOf('GET', `/${kind}/{${parameter}}`, async (call) => {
      const [row] = await call.rows(
        'select id, title, body from notes where id = $1 and kind = $2 and (tenant = $3 or $4)',
        [idOf(call), kind, call.tenant, leaking(call)],
      )
      return row === undefined ? notFound : json(200, row)
    }),
    routeOf('PUT', `/${kind}/{${parameter}}`, async (call) => {
      const { title, body = null } = call.body
      if (!isText(title)) return invalid('title')
      const [row] = await call.rows(
        'update notes set title = $4, body = $5 where id = $1 and kind = $2 and tenant = $3 returning id, title, body',
        [idOf(call), kind, call.tenant, title, body],
      )
      return row === undefined ? notFound : json(200, row)
    }),
    routeOf('DELETE', `/${kind}/{${parameter}}`, async (call) => {
      const rows = await call.rows(
        'delete from notes where id = $1 and kind = $2 and tenant = $3 returning id',
        [idOf(call), kind, call.tenant],
      )
      return rows.length === 0 ? notFound : gone
    }),
  ]
}

/** The tenant stands in the path, and has to be that of the token. */
function ofPath(
  leak: 'path-tenant' | 'path-tenant-write' | undefined,
  handle: Route['handle'],
): Route['handle'] {
  return async (call) => {
    const named = call.params.tenantId ?? ''
    if (named === call.tenant) return handle(call)
    return leak !== undefined && call.on(leak) ? handle({ ...call, tenant: named }) : notFound
  }
}

const flagId = ({ params }: Call) => (/^\d{1,15}$/.test(params.flagId ?? '') ? Number(params.flagId) : 0)
const flags: readonly Route[] = [
  routeOf(
    'GET',
    '/tenants/{tenantId}/flags',
    ofPath('path-tenant', async (call) =>
      json(
        200,
        await call.rows(`select id, title from notes where tenant = $1 and kind = 'flags' order by id`, [
          call.tenant,
        ]),
      ),
    ),
  ),
  routeOf(
    'POST',
    '/tenants/{tenantId}/flags',
    ofPath('path-tenant-write', async (call) => {
      const { title } = call.body
      if (!isText(title)) return invalid('title')
      const [row] = await call.rows(
        `insert into notes (tenant, kind, title) values ($1, 'flags', $2) returning id, title`,
        [call.tenant, title],
      )
      return json(201, row ?? {})
    }),
  ),
  routeOf(
    'GET',
    '/tenants/{tenantId}/flags/{flagId}',
    ofPath(undefined, async (call) => {
      const values = [flagId(call), call.tenant]
      const [row] = await call.rows(
        `select id, title from notes where id = $1 and kind = 'flags' and tenant = $2`,
        values,
      )
      return row === undefined ? notFound : json(200, row)
    }),
  ),
  routeOf(
    'DELETE',
    '/tenants/{tenantId}/flags/{flagId}',
    ofPath(undefined, async (call) => {
      const values = [flagId(call), call.tenant]
      const rows = await call.rows(
        `delete from notes where id = $1 and kind = 'flags' and tenant = $2 returning id`,
        values,
      )
      return rows.length === 0 ? notFound : gone
    }),
  ),
]

export const otherRoutes: readonly Route[] = [
  routeOf('GET', '/me', async (call) => json(200, { tenant: call.tenant })),
  routeOf('GET', '/healthz', async () => json(200, { status: 'alive' }), true),
  routeOf('GET', '/countries', async () => json(200, { items: ['CH', 'DE', 'US'] })),
  routeOf('GET', '/admin/tenants', async () => json(403, { error: 'operators only' })),
  routeOf('GET', '/stats', stats),
  routeOf('GET', '/stats/projects', names),
  routeOf('POST', '/payments', pay),
  routeOf(
    'GET',
    '/payments/{paymentId}',
    byId('payments', 'paymentId', 'id, amount, note', () => false),
  ),
  routeOf('DELETE', '/payments/{paymentId}', removal('payments', 'paymentId')),
  routeOf('POST', '/exports', startExport),
  routeOf(
    'GET',
    '/exports/{exportId}',
    byId('exports', 'exportId', 'id, label', (call) => call.on('job')),
  ),
  routeOf('DELETE', '/exports/{exportId}', removal('exports', 'exportId')),
  routeOf('POST', '/webhooks', hook),
  routeOf(
    'GET',
    '/webhooks/{webhookId}',
    byId('webhooks', 'webhookId', 'id, url, description', (call) => call.on('webhook')),
  ),
  routeOf('DELETE', '/webhooks/{webhookId}', removal('webhooks', 'webhookId')),
  ...flags,
  ...kinds.flatMap(([kind, parameter]) => plain(kind, parameter)),
]
