import { randomUUID } from 'node:crypto'
import {
  type Delivery,
  type DeliveryChange,
  type Listing,
  mayBecome,
  type NewDelivery,
} from '../domain/delivery.js'
import { eventOf, subjectOf } from '../domain/events.js'
import type { Database, Query } from '../platform/database.js'

/** Why a change was not made. */
export type Refusal = 'not-found' | 'reference-taken' | 'revision-changed' | 'status-not-reachable'

export type Outcome = { readonly delivery: Delivery } | { readonly refused: Refusal }

/** Always of one tenant: its id is part of every statement, and the database's policies hold besides. */
export interface DeliveryStore {
  list(tenant: string, listing: Listing): Promise<readonly Delivery[]>
  get(tenant: string, id: string): Promise<Delivery | undefined>
  create(tenant: string, delivery: NewDelivery, correlationId: string): Promise<Outcome>
  change(tenant: string, id: string, change: DeliveryChange, correlationId: string): Promise<Outcome>
  summary(tenant: string): Promise<readonly SummaryLine[]>
}

export interface SummaryLine {
  readonly day: string
  readonly status: string
  readonly deliveries: number
}

const COLUMNS = 'id, reference, status, window_from, window_to, revision, created_at, updated_at'

export function deliveryStore(database: Database): DeliveryStore {
  return {
    list: (tenant, { status, after, limit }) =>
      database.asTenant(tenant, async (query) => {
        const { rows } = await query.query<Row>(
          `select ${COLUMNS} from deliveries
            where tenant_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or id > $3)
            order by id limit $4`,
          [tenant, status ?? null, after ?? null, limit],
        )
        return rows.map(toDelivery)
      }),

    get: (tenant, id) => database.asTenant(tenant, (query) => find(query, tenant, id, '')),

    create: (tenant, { reference, windowFrom, windowTo }, correlationId) =>
      database.asTenant(tenant, async (query) => {
        const { rows } = await query.query<Row>(
          `insert into deliveries (tenant_id, reference, window_from, window_to) values ($1, $2, $3, $4)
           on conflict on constraint deliveries_reference_once do nothing returning ${COLUMNS}`,
          [tenant, reference, windowFrom, windowTo],
        )
        if (rows[0] === undefined) return { refused: 'reference-taken' }
        const delivery = toDelivery(rows[0])
        await announce(query, eventOf(delivery, { eventId: randomUUID(), tenant, correlationId }))
        return { delivery }
      }),

    change: (tenant, id, { status, revision }, correlationId) =>
      database.asTenant(tenant, async (query) => {
        const before = await find(query, tenant, id, 'for update')
        if (before === undefined) return { refused: 'not-found' }
        if (before.revision !== revision) return { refused: 'revision-changed' }
        if (!mayBecome(before.status, status)) return { refused: 'status-not-reachable' }
        const { rows } = await query.query<Row>(
          `update deliveries set status = $3, revision = revision + 1, updated_at = now()
            where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
          [tenant, id, status],
        )
        if (rows[0] === undefined) return { refused: 'not-found' }
        const delivery = toDelivery(rows[0])
        const about = { eventId: randomUUID(), tenant, correlationId, previousStatus: before.status }
        await announce(query, eventOf(delivery, about))
        return { delivery }
      }),

    summary: (tenant) =>
      database.asTenant(tenant, async (query) => {
        const { rows } = await query.query<SummaryLine>(
          `select to_char(day, 'YYYY-MM-DD') as day, status, deliveries::int as deliveries from delivery_summary
            where tenant_id = $1 and deliveries > 0 order by day desc, status limit 400`,
          [tenant],
        )
        return rows
      }),
  }
}

interface Row {
  readonly id: string
  readonly reference: string
  readonly status: Delivery['status']
  readonly window_from: Date
  readonly window_to: Date
  readonly revision: number
  readonly created_at: Date
  readonly updated_at: Date
}

async function find(
  query: Query,
  tenant: string,
  id: string,
  lock: '' | 'for update',
): Promise<Delivery | undefined> {
  const { rows } = await query.query<Row>(
    `select ${COLUMNS} from deliveries where tenant_id = $1 and id = $2 ${lock}`,
    [tenant, id],
  )
  return rows[0] === undefined ? undefined : toDelivery(rows[0])
}

/** In the transaction of the change: an event is published if and only if the change was committed. */
async function announce(query: Query, event: ReturnType<typeof eventOf>): Promise<void> {
  await query.query(
    'insert into outbox (event_id, tenant_id, subject, payload, correlation_id) values ($1, $2, $3, $4, $5)',
    [event.eventId, event.tenant, subjectOf(event), JSON.stringify(event), event.correlationId],
  )
}

function toDelivery(row: Row): Delivery {
  return {
    id: row.id,
    reference: row.reference,
    status: row.status,
    windowFrom: row.window_from.toISOString(),
    windowTo: row.window_to.toISOString(),
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
