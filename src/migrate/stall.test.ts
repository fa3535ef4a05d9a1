import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { client, faultOf, migrate, rows, until } from './on-server.fixture.ts'

describe.skipIf(postgresMissing(16) !== undefined)('others who wait', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  const base = { '0001_t.sql': 'create table t (a int); insert into t select generate_series(1, 10)' }
  const slow = (seconds: number) =>
    `create or replace function slow(int) returns int language plpgsql immutable
       as 'begin perform pg_sleep(${seconds}); return $1; end'`

  test('behind a transaction that is old already no lock is asked for at all', async () => {
    const url = await server.database()
    await migrate(url, base)
    const blocker = await client(`${url}?application_name=report`)
    await blocker.rows('begin')
    await blocker.rows('select * from t')
    // Older than what an attempt may wait for.
    await until('an old transaction', async () => {
      const [row] = await rows(
        url,
        `select 1 from pg_stat_activity where application_name = 'report' and xact_start < clock_timestamp() - interval '1200 ms'`,
      )
      return row !== undefined
    })
    const log: string[] = []
    const running = migrate(url, { ...base, '0002_b.sql': 'alter table t add column b int' }, { log })
    await until('the pre-flight', async () => log.some((line) => line.includes('asks for no lock yet')))
    expect(log.join('\n')).toMatch(/asks for no lock yet.*pid \d+ \(postgres, report\) idle in transaction/)
    await blocker.rows('commit')
    await blocker.end()
    expect(await running).toMatchObject({ ok: true, account: { applied: [{ attempts: 1, stalledMs: 0 }] } })
  })

  test('a statement that keeps others out for too long is taken back by itself, and given up in the end', async () => {
    const url = await server.database()
    await rows(url, slow(1))
    await migrate(url, base)
    let reading = true
    let longest = 0
    const readers = (async () => {
      const reader = await client(url)
      while (reading) {
        const began = performance.now()
        await reader.rows('select * from t')
        longest = Math.max(longest, performance.now() - began)
      }
      await reader.end()
    })()
    const log: string[] = []
    const result = await migrate(
      url,
      { ...base, '0002_c.sql': 'alter table t add constraint c check (slow(a) > 0)' },
      { log, limits: { stallMs: 200, stallBudgetMs: 600 } },
    )
    reading = false
    await readers
    expect(faultOf(result)).toMatchObject({
      blame: 'user',
      reason: 'statement-stalls-others',
      cause: expect.stringMatching(/0002_c\.sql statement 1 of 1/),
    })
    expect(log.join('\n')).toMatch(/taken back, for others had waited behind it/)
    // The scan alone takes 10 s.
    expect(longest).toBeLessThan(3_000)
    expect(await rows(url, `select 1 from pg_constraint where conname = 'c'`)).toEqual([])
  })

  test('a long statement that nobody waits for runs to its end', async () => {
    const url = await server.database()
    await rows(url, slow(0.1))
    await migrate(url, base)
    expect(
      await migrate(
        url,
        { ...base, '0002_c.sql': 'alter table t add constraint c check (slow(a) > 0)' },
        { limits: { stallMs: 200, stallBudgetMs: 600 } },
      ),
    ).toMatchObject({ ok: true, account: { applied: [{ attempts: 1 }] } })
  })

  test('the second connection is opened anew when it was cut off', async () => {
    const url = await server.database()
    await rows(url, slow(0.2))
    await migrate(url, base)
    const running = migrate(url, { ...base, '0002_c.sql': 'select slow(a) from t' })
    await until('the statement', async () => {
      const cut = await rows(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity o where application_name = 'test (observer)'
           and exists (select from pg_stat_activity where query like 'select slow%' and application_name = 'test')`,
      )
      return cut.length > 0
    })
    expect(await running).toMatchObject({ ok: true, account: { level: 2 } })
  })
})
