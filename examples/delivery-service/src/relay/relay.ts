import type { Database } from '../platform/database.js'

export interface Message {
  readonly id: string
  readonly subject: string
  readonly correlationId: string
  readonly payload: string
}

/** Resolves when the broker has stored the message; a repeated id within its window is stored once. */
export type Publish = (message: Message) => Promise<void>

/**
 * Publishes one batch in the order of the outbox and marks it in the same transaction. When the process dies
 * in between, the batch is published again under the same ids: at least once, told apart by id.
 * `skip locked` lets several relays share the work.
 */
export async function relayBatch(database: Database, publish: Publish, size: number): Promise<number> {
  return database.transaction(async (query) => {
    const { rows } = await query.query<Row>(
      `select id, event_id, subject, correlation_id, payload::text as payload from outbox
        where published_at is null order by id limit $1 for update skip locked`,
      [size],
    )
    for (const row of rows) {
      await publish({
        id: row.event_id,
        subject: row.subject,
        correlationId: row.correlation_id,
        payload: row.payload,
      })
    }
    if (rows.length > 0) {
      await query.query('update outbox set published_at = now() where id = any($1::bigint[])', [
        rows.map((row) => row.id),
      ])
    }
    return rows.length
  })
}

interface Row {
  readonly id: string
  readonly event_id: string
  readonly subject: string
  readonly correlation_id: string
  readonly payload: string
}
