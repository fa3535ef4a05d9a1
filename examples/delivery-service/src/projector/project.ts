import type { DeliveryEvent } from '../domain/events.js'
import type { Database, Query } from '../platform/database.js'

/**
 * Counts a delivery where it is now and no longer where it was. An event that comes a second time, or after
 * a newer one of its delivery, has a revision that is already known and changes nothing.
 */
export function project(database: Database, event: DeliveryEvent): Promise<'counted' | 'known'> {
  const { deliveryId, revision, status } = event.data
  const day = event.occurredAt.slice(0, 10)
  return database.asTenant(event.tenant, async (query) => {
    // Two projectors may hold events of one delivery: the one that comes second waits here, and then knows.
    await query.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [deliveryId])
    const { rows } = await query.query<Place>(
      `select to_char(day, 'YYYY-MM-DD') as day, status, revision from delivery_projection
        where tenant_id = $1 and delivery_id = $2`,
      [event.tenant, deliveryId],
    )
    const before = rows[0]
    if (before !== undefined && before.revision >= revision) return 'known'
    if (before !== undefined) await count(query, event.tenant, before.day, before.status, -1)
    await count(query, event.tenant, day, status, 1)
    await query.query(
      `insert into delivery_projection (delivery_id, tenant_id, day, status, revision) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, delivery_id) do update
         set day = excluded.day, status = excluded.status, revision = excluded.revision`,
      [deliveryId, event.tenant, day, status, revision],
    )
    return 'counted'
  })
}

interface Place {
  readonly day: string
  readonly status: string
  readonly revision: number
}

async function count(query: Query, tenant: string, day: string, status: string, by: 1 | -1): Promise<void> {
  await query.query(
    `insert into delivery_summary (tenant_id, day, status, deliveries) values ($1, $2, $3, $4)
     on conflict (tenant_id, day, status) do update set deliveries = delivery_summary.deliveries + excluded.deliveries`,
    [tenant, day, status, by],
  )
}
