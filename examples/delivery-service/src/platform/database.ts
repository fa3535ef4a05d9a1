import pg from 'pg'
import type { Log } from './logger.js'
import { errorKind } from './logger.js'

export type Query = Pick<pg.ClientBase, 'query'>

/**
 * A pool that suits PgBouncer in transaction mode: no named statements, no session state. What a statement
 * needs to know (the tenant) is set for its transaction only.
 */
export class Database {
  private readonly pool: pg.Pool

  constructor(url: string, size: number, log: Log) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: size,
      connectionTimeoutMillis: 2_000,
      idleTimeoutMillis: 30_000,
      // A statement that waits longer than a client would is of no use to anyone.
      query_timeout: 5_000,
    })
    // A connection that the server closed while idle; the next query opens another one.
    this.pool.on('error', (error) =>
      log.warn('an idle database connection was lost', { error: errorKind(error) }),
    )
  }

  async transaction<T>(body: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.pool.connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const value = await body(client)
      await client.query('commit')
      return value
    } catch (error) {
      await client.query('rollback').catch((second: unknown) => {
        broken = second instanceof Error ? second : new Error('rollback failed')
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  /** Every statement inside sees the rows of this tenant only: the policies of migrations/0003 read the setting. */
  asTenant<T>(tenant: string, body: (query: Query) => Promise<T>): Promise<T> {
    return this.transaction(async (query) => {
      await query.query("select set_config('app.tenant', $1, true)", [tenant])
      return body(query)
    })
  }

  /**
   * True when the schema has what this version reads and writes. It names columns and not a version number,
   * so that a newer schema is fine: that is what a rolled back service finds.
   */
  async isReady(): Promise<boolean> {
    try {
      await this.pool.query(
        `select d.id, d.tenant_id, d.reference, d.status, d.window_from, d.window_to, d.revision, d.created_at, d.updated_at,
                o.id, o.event_id, o.subject, o.payload, o.correlation_id, o.published_at, s.day, s.status, s.deliveries
           from deliveries d, outbox o, delivery_summary s limit 0`,
      )
      return true
    } catch {
      return false
    }
  }

  end(): Promise<void> {
    return this.pool.end()
  }
}
