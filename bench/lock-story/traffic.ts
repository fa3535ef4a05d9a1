import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface Delays {
  readonly longestMs: number
  /** Of all that took over 200 ms together. */
  readonly over200Ms: number
  readonly probes: number
  readonly failed: number
}

/** Customers: a new connection every `everyMs`, each with one point SELECT on each table. Only the SELECT is timed. */
export function customers(
  url: string,
  tables: readonly string[],
  everyMs: number,
): { stop(): Promise<Delays> } {
  const delays: number[] = []
  const open = new Set<Promise<void>>()
  let failed = 0
  let going = true

  async function visit(table: string): Promise<void> {
    const client = new pg.Client({ connectionString: url, application_name: 'customer' })
    client.on('error', () => {})
    try {
      await client.connect()
      const began = performance.now()
      await client.query(`select * from ${table} where id = 1`)
      delays.push(performance.now() - began)
    } catch (error) {
      // A table that the change has dropped, by then, is no failure of traffic.
      if ((error as { code?: string }).code !== '42P01') failed += 1
    } finally {
      await client.end().catch(() => {})
    }
  }

  const arriving = (async () => {
    for (let turn = 0; going; turn += 1) {
      const visiting = visit(tables[turn % tables.length] ?? '')
      open.add(visiting)
      void visiting.finally(() => open.delete(visiting))
      await sleep(everyMs)
    }
  })()

  return {
    async stop() {
      going = false
      await arriving
      await Promise.all(open)
      const late = delays.filter((ms) => ms > 200)
      return {
        longestMs: Math.round(Math.max(0, ...delays)),
        over200Ms: Math.round(late.reduce((sum, ms) => sum + ms, 0)),
        probes: delays.length,
        failed,
      }
    },
  }
}

/** Sessions that read the tables and then leave their transaction open, one after the other with a short gap. */
export async function holders(
  url: string,
  tables: readonly string[],
  options: { readonly count: number; readonly holdMs: number },
): Promise<{ readonly ended: Promise<void> }> {
  let held: () => void = () => {}
  const first = new Promise<void>((done) => {
    held = done
  })
  const ended = (async () => {
    for (let turn = 0; turn < options.count; turn += 1) {
      const client = new pg.Client({ connectionString: url, application_name: 'report' })
      await client.connect()
      await client.query('begin')
      for (const table of tables) await client.query(`select count(*) from ${table} where id < 10`)
      held()
      await sleep(options.holdMs)
      await client.query('commit')
      await client.end()
      await sleep(300)
    }
  })()
  await first
  return { ended }
}
