import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { client, faultOf, migrate, open, rows, until } from './on-server.fixture.ts'

const pause = (seconds: number) =>
  `create or replace function pause(int) returns int language plpgsql immutable
     as 'begin perform pg_sleep(${seconds}); return $1; end'`

describe.skipIf(postgresMissing(16) !== undefined)('on PostgreSQL 16', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  const orders = {
    '0001_orders.sql':
      'create table orders (id bigint primary key, note text);\ninsert into orders values (1, $$a;b$$);',
    '0002_more.sql': 'alter table orders add column city text; insert into orders values (2, null, null)',
  }

  test('applies every statement once and in order, and a second run does nothing', async () => {
    const url = await server.database()
    const first = await migrate(url, orders)
    expect(first).toMatchObject({
      ok: true,
      account: { level: 2, applied: [{ position: 1 }, { position: 2 }, { position: 1 }, { position: 2 }] },
    })
    const journal = await rows(
      url,
      'select number, position, state, attempts, run, finished_at is not null from tuesday_migrations order by 1, 2',
    )
    expect(journal).toEqual([
      [1, 1, 'done', 1, 'test', true],
      [1, 2, 'done', 1, 'test', true],
      [2, 1, 'done', 1, 'test', true],
      [2, 2, 'done', 1, 'test', true],
    ])
    const xids = await rows(url, 'select xmin::text from tuesday_migrations')
    expect(await migrate(url, orders)).toEqual({
      ok: true,
      account: { level: 2, applied: [], commentsEdited: [] },
    })
    expect(await rows(url, 'select xmin::text from tuesday_migrations')).toEqual(xids)
    expect(await rows(url, 'select id from orders order by 1')).toEqual([['1'], ['2']])
  })

  test('unqualified names lie in the schema of the migrations, and nothing of the runner stays in the session', async () => {
    const url = await server.database()
    await rows(url, 'create schema "Odd name"')
    expect(
      await migrate(
        url,
        { '0001_a.sql': 'create table t (a int); create index concurrently i on t (a)' },
        { schema: 'Odd name' },
      ),
    ).toMatchObject({ ok: true })
    expect(await rows(url, `select schemaname, indexname from pg_indexes where indexname = 'i'`)).toEqual([
      ['Odd name', 'i'],
    ])
  })

  test('a statement that fails leaves all before it, nothing of itself, and its place in the file', async () => {
    const url = await server.database()
    const files = {
      ...orders,
      '0003_bad.sql': 'insert into orders values (3);\n\ninsert into orders\n  values (4, nix);\nselect 1',
    }
    const result = await migrate(url, files)
    expect(faultOf(result)).toMatchObject({
      blame: 'user',
      reason: 'statement-failed',
      cause: expect.stringMatching(/0003_bad\.sql statement 2 of 3 \(line 3\).*nix/),
      at: { file: 'migrations/0003_bad.sql', line: 4, column: 14 },
    })
    expect(result.account).toMatchObject({ level: 2, applied: { length: 5 } })
    const repaired = await migrate(url, {
      ...files,
      '0003_bad.sql': 'insert into orders values (3);\ninsert into orders values (4)',
    })
    expect(repaired).toMatchObject({
      ok: true,
      account: { level: 3, applied: [{ file: '0003_bad.sql', position: 2 }] },
    })
    expect(await rows(url, 'select count(*)::int from orders')).toEqual([[4]])
  })

  test('an edited file stops before the first change', async () => {
    const url = await server.database()
    await migrate(url, orders)
    const result = await migrate(url, {
      ...orders,
      '0001_orders.sql': 'create table orders (id int)',
      '0003_c.sql': 'create table c ()',
    })
    expect(faultOf(result)).toMatchObject({ reason: 'migration-edited', blame: 'user' })
    expect(await rows(url, `select to_regclass('c')::text`)).toEqual([[null]])
  })

  test('behind an open transaction it makes short attempts, names who blocks it, and lands when that ends', async () => {
    const url = await server.database()
    await migrate(url, orders)
    const blocker = await client(`${url}?application_name=report`)
    await blocker.rows('begin')
    await blocker.rows(`select * from orders where note = 'private'`)
    const log: string[] = []
    const running = migrate(url, { ...orders, '0003_c.sql': 'alter table orders add column c int' }, { log })
    // Customers read the table all the while, each over a connection of its own.
    const delays: number[] = []
    let reading = true
    const readers = (async () => {
      const reader = await client(url)
      while (reading) {
        const began = performance.now()
        await reader.rows('select * from orders where id = 1')
        delays.push(performance.now() - began)
      }
      await reader.end()
    })()
    // A slow machine finds the transaction old before the first attempt.
    await until(
      'a second look',
      async () => log.length >= 2 || log.some((line) => line.includes('no lock yet')),
    )
    await blocker.rows('commit')
    await blocker.end()
    expect(await running).toMatchObject({ ok: true, account: { level: 3 } })
    reading = false
    await readers
    expect(log.join('\n')).toMatch(
      /0003_c\.sql statement 1 of 1 \(line 1\)(?:, attempt 1: no lock within 100 ms;| asks for no lock yet, for it would only stall others:) pid \d+ \(postgres, report\) idle in transaction, transaction open for \d+ s: select \* from orders where note = \?/,
    )
    expect(log.join('\n')).not.toContain('private')
    // 100 ms of one attempt, and what a busy machine adds; figures stand in benchmarks.
    expect(Math.max(...delays)).toBeLessThan(2_000)
  })

  test('it never waits for longer than its budget, and then nothing is done', async () => {
    const url = await server.database()
    await migrate(url, orders)
    const blocker = await client(url)
    await blocker.rows('begin')
    await blocker.rows('lock table orders')
    const began = performance.now()
    const result = await migrate(
      url,
      { ...orders, '0003_c.sql': 'alter table orders add column c int' },
      { limits: { lockTimeoutMs: 50, budgetMs: 1_500 } },
    )
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(faultOf(result)).toMatchObject({
      blame: 'world',
      reason: 'table-lock-not-granted',
      cause: expect.stringMatching(/lock table orders/),
    })
    await blocker.end()
    expect(await rows(url, `select state from tuesday_migrations where number = 3`)).toEqual([['intent']])
    expect(
      await rows(
        url,
        `select count(*)::int from pg_attribute where attrelid = 'orders'::regclass and attname = 'c'`,
      ),
    ).toEqual([[0]])
  })

  test('a statement that runs over the budget is cancelled', async () => {
    const url = await server.database()
    const result = await migrate(
      url,
      { '0001_a.sql': 'select pg_sleep(20)' },
      { limits: { lockTimeoutMs: 100, budgetMs: 400 } },
    )
    expect(faultOf(result)).toMatchObject({ reason: 'statement-too-long' })
  })

  test.each([
    ['a statement in a transaction', 'create table t (a int); insert into t select pause(1)'],
    ['an index build', 'create table t as select 1 as a; create index concurrently i on t (pause(a))'],
  ])('a cancelled job takes %s back at once and can go on', async (_, sql) => {
    const url = await server.database()
    await rows(url, pause(30))
    const abort = new AbortController()
    const running = migrate(url, { '0001_a.sql': sql }, { signal: abort.signal })
    await until(
      'the slow statement',
      async () =>
        (
          await rows(
            url,
            `select 1 from pg_stat_activity where query like '%pause(%' and pid <> pg_backend_pid() and state = 'active'`,
          )
        ).length > 0,
    )
    const began = performance.now()
    abort.abort(new Error('SIGTERM'))
    const result = await running
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(faultOf(result)).toMatchObject({
      reason: 'cancelled',
      cause: expect.stringMatching(/0001_a\.sql statement \d of \d/),
    })
    expect(await rows(url, 'select 1 from pg_index where not indisvalid')).toEqual([])
    await rows(url, pause(0))
    expect(await migrate(url, { '0001_a.sql': sql })).toMatchObject({ ok: true, account: { level: 1 } })
  })

  test('two runners at once: the second waits its turn, and each statement runs once', async () => {
    const files = {
      '0001_a.sql': 'create table t (a int)',
      ...Object.fromEntries([2, 3, 4, 5].map((n) => [`000${n}_x.sql`, `insert into t values (${n})`])),
    }
    for (let round = 0; round < 5; round += 1) {
      const url = await server.database()
      const results = await Promise.all([1, 2, 3].map(() => migrate(url, files)))
      expect(results.map((result) => result.ok)).toEqual([true, true, true])
      expect(results.flatMap((result) => result.account.applied)).toHaveLength(5)
      expect(await rows(url, 'select a from t order by 1')).toEqual([[2], [3], [4], [5]])
    }
  })

  test('a runner that does not get its turn says who has it', async () => {
    const url = await server.database()
    await migrate(url, orders)
    const running = migrate(url, { ...orders, '0003_c.sql': 'select pg_sleep(3)' })
    await until(
      'the first run',
      async () => (await rows(url, `select 1 from pg_locks where locktype = 'advisory'`)).length > 0,
    )
    const second = await migrate(
      url,
      { ...orders, '0003_c.sql': 'select pg_sleep(3)' },
      { runnerLockWaitMs: 600 },
    )
    expect(faultOf(second)).toMatchObject({
      blame: 'world',
      reason: 'migrate-busy',
      cause: expect.stringMatching(/pid \d+ \(test\)/),
    })
    expect((await running).ok).toBe(true)
  })

  test('a journal of another program or of another version is left alone', async () => {
    const url = await server.database()
    await rows(url, 'create table tuesday_migrations (x int)')
    expect(faultOf(await migrate(url, orders))).toMatchObject({
      reason: 'journal-foreign',
      cause: expect.stringMatching(/not ours/),
    })
    for (const [version, next] of [
      [9, /version of Tuesday that last migrated/],
      [1, /mode: baseline/],
    ] as const) {
      await rows(
        url,
        `comment on table tuesday_migrations is 'Journal of migrations, kept by Tuesday. Version ${version}.'`,
      )
      expect(faultOf(await migrate(url, orders))).toMatchObject({
        reason: 'journal-foreign',
        cause: expect.stringContaining(`of version ${version}`),
        next: expect.stringMatching(next),
      })
    }
  })

  test('a schema that is not there and a role without rights are told before the first change', async () => {
    const url = await server.database()
    expect(faultOf(await migrate(url, orders, { schema: 'nix' }))).toMatchObject({
      reason: 'database-missing',
      next: expect.stringMatching(/CREATE SCHEMA "nix"/),
    })
    await rows(url, 'create role weak login')
    const weak = new URL(url)
    weak.username = 'weak'
    expect(faultOf(await migrate(weak.href, orders))).toMatchObject({ reason: 'permission-denied' })
    expect(await rows(url, `select to_regclass('orders')::text`)).toEqual([[null]])
  })

  test('the runner holds no lock and no transaction after it has ended', async () => {
    const url = await server.database()
    const database = await open(url)
    await database.close()
    await migrate(url, orders)
    await until(
      'the end of the sessions',
      async () =>
        (
          await rows(
            url,
            `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
          )
        ).length === 0,
    )
  })
})
