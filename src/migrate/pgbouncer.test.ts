import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PgBouncer, pgBouncerMissing, startPgBouncer } from '../../testkit/pgbouncer/index.ts'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { openDatabase, parseDatabaseUrl } from './index.ts'
import { migrate, rows } from './on-server.fixture.ts'

const missing = pgBouncerMissing() ?? postgresMissing(16)

describe.skipIf(missing !== undefined).each(['transaction', 'session'] as const)(
  'behind PgBouncer in %s mode',
  (mode) => {
    let server: Postgres
    let pooler: PgBouncer
    beforeAll(async () => {
      server = await startPostgres({ major: 16 })
      pooler = await startPgBouncer(server.url, mode)
    })
    afterAll(async () => {
      await pooler?.stop()
      await server?.stop()
    })

    test.each([true, false])(
      'it is noticed and refused before anything is asked for (write: %s)',
      async (write) => {
        const url = await server.database(`refused_${write}`)
        const address = parseDatabaseUrl(pooler.through(url))
        if (!address.ok) throw new Error(address.fault.cause)
        expect(await openDatabase(address.value, { applicationName: 'test', write })).toMatchObject({
          ok: false,
          fault: { blame: 'user', reason: 'database-pooler', next: expect.stringMatching(/direct URL/) },
        })
      },
    )

    test('nothing is changed through it, and the direct URL of the same database goes', async () => {
      const url = await server.database('direct')
      const files = { '0001_t.sql': 'create table t (a int)' }
      await expect(migrate(pooler.through(url), files)).rejects.toThrow(/pooler/)
      expect(await rows(url, `select to_regclass('t'), to_regclass('tuesday_migrations')`)).toEqual([
        [null, null],
      ])
      expect(await migrate(url, files)).toMatchObject({ ok: true, account: { level: 1 } })
    })
  },
)

test.skipIf(missing !== undefined)(
  'in transaction mode one lock is given to two clients: why it is refused',
  async () => {
    const server = await startPostgres({ major: 16 })
    const pooler = await startPgBouncer(server.url, 'transaction')
    const clients = [1, 2].map(() => new pg.Client({ connectionString: pooler.through(server.url) }))
    try {
      const got: unknown[] = []
      for (const client of clients) {
        await client.connect()
        got.push((await client.query('select pg_try_advisory_lock(7) as got')).rows[0]?.got)
      }
      expect(got).toEqual([true, true])
    } finally {
      await Promise.all(clients.map((client) => client.end()))
      await pooler.stop()
      await server.stop()
    }
  },
)
