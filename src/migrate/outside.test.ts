import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { client, faultOf, migrate, rows, until } from './on-server.fixture.ts'

const base = {
  '0001_t.sql': 'create table t (a int, b int); insert into t select g, g % 5 from generate_series(1, 100) g',
}

describe.skipIf(postgresMissing(16) !== undefined)('statements that cannot run in a transaction', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  const indexes = (url: string) =>
    rows(
      url,
      `select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 't'::regclass order by 1`,
    )

  test('an index is built concurrently behind a writer that the lock bound would have cut off', async () => {
    const url = await server.database()
    await migrate(url, base)
    const writer = await client(url)
    await writer.rows('begin')
    await writer.rows('insert into t values (0, 0)')
    const running = migrate(
      url,
      { ...base, '0002_i.sql': 'create index concurrently i on t (a)' },
      { limits: { lockTimeoutMs: 50, budgetMs: 20_000 } },
    )
    await until(
      'the build waits for the writer',
      async () =>
        (await rows(url, `select 1 from pg_stat_progress_create_index where phase like 'waiting%'`)).length >
        0,
    )
    // Much longer than the bound on locks.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await rows(url, 'insert into t values (-1, -1)')
    await writer.rows('commit')
    await writer.end()
    expect(await running).toMatchObject({ ok: true, account: { applied: [{ attempts: 1 }] } })
    expect(await indexes(url)).toEqual([['i', true]])
  })

  test('an INVALID index of that name is no success for IF NOT EXISTS: it is built anew', async () => {
    const url = await server.database()
    await migrate(url, base)
    await expect(rows(url, 'create unique index concurrently i on t (b)')).rejects.toMatchObject({
      code: '23505',
    })
    expect(await indexes(url)).toEqual([['i', false]])
    const result = await migrate(url, {
      ...base,
      '0002_i.sql': 'create index concurrently if not exists i on t (b)',
    })
    expect(result).toMatchObject({
      ok: true,
      account: { applied: [{ repaired: expect.stringMatching(/INVALID/) }] },
    })
    expect(await indexes(url)).toEqual([['i', true]])
  })

  test('a unique index over duplicates fails and leaves no INVALID index that would refuse writes', async () => {
    const url = await server.database()
    const files = { ...base, '0002_i.sql': 'create unique index concurrently i on t (b)' }
    expect(faultOf(await migrate(url, files))).toMatchObject({
      reason: 'statement-failed',
      cause: expect.stringMatching(/23505/),
    })
    expect(await indexes(url)).toEqual([])
    const corrected = { ...base, '0002_i.sql': 'create unique index concurrently i on t (a)' }
    expect(await migrate(url, corrected)).toMatchObject({ ok: true })
    expect(await indexes(url)).toEqual([['i', true]])
  })

  test('an index of that name on another table is not touched', async () => {
    const url = await server.database()
    await migrate(url, base)
    await rows(url, 'create table other (a int)')
    await rows(url, 'create index i on other (a)')
    expect(
      faultOf(await migrate(url, { ...base, '0002_i.sql': 'create index concurrently i on t (a)' })),
    ).toMatchObject({ cause: expect.stringMatching(/42P07/) })
    expect(await rows(url, `select indexdef from pg_indexes where indexname = 'i'`)).toEqual([
      [expect.stringMatching(/other/)],
    ])
  })

  test('what was done and not recorded by a run that was cut off counts as done', async () => {
    const url = await server.database()
    const files = {
      ...base,
      '0002_i.sql': 'create index concurrently i on t (a); create index j on t (b)',
      '0003_j.sql': 'drop index concurrently j; reindex table concurrently t; vacuum t',
      '0004_p.sql':
        'create table p (a int) partition by list (a); create table p1 partition of p for values in (1)',
      '0005_d.sql': 'alter table p detach partition p1 concurrently',
    }
    expect(await migrate(url, files)).toMatchObject({ ok: true, account: { level: 5 } })
    const whole = await rows(url, 'select number, position, checksum from tuesday_migrations order by 1, 2')
    // As if the runner had died after each of them, before its line in the journal.
    await rows(
      url,
      `update tuesday_migrations set state = 'intent', finished_at = null where path_outside(sql)`.replace(
        'path_outside(sql)',
        `sql ~ 'concurrently|vacuum'`,
      ),
    )
    const again = await migrate(url, { ...files })
    expect(again.ok).toBe(false)
    expect(faultOf(again).reason).toBe('migration-edited')
    await rows(url, `update tuesday_migrations set state = 'done', finished_at = now() where number < 5`)
    expect(await migrate(url, files)).toMatchObject({
      ok: true,
      account: { applied: [{ repaired: expect.stringMatching(/detached/) }] },
    })
    expect(
      await rows(url, 'select number, position, checksum from tuesday_migrations order by 1, 2'),
    ).toEqual(whole)
  })

  test('a detach that broke off is finished', async () => {
    const url = await server.database()
    const files = {
      '0001_p.sql':
        'create table p (a int) partition by list (a); create table p1 partition of p for values in (1)',
    }
    await migrate(url, files)
    const reader = await client(url)
    await reader.rows('begin')
    await reader.rows('select * from p')
    const detach = { ...files, '0002_d.sql': 'alter table p detach partition p1 concurrently' }
    const blocked = await migrate(url, detach, { limits: { lockTimeoutMs: 50, budgetMs: 700 } })
    expect(faultOf(blocked).reason).toBe('table-lock-not-granted')
    expect(await rows(url, 'select inhdetachpending from pg_inherits')).toEqual([[true]])
    await reader.end()
    expect(await migrate(url, detach)).toMatchObject({
      ok: true,
      account: { applied: [{ repaired: expect.stringMatching(/broken off/) }] },
    })
    expect(await rows(url, 'select 1 from pg_inherits')).toEqual([])
  })
})
