import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { systemClock } from '../system/index.ts'
import { readDebts } from './debts.ts'
import { parseMigrations } from './folder.ts'
import { migrate, open, rows } from './on-server.fixture.ts'
import { putRight } from './put-right.ts'

const table = 'create table t (a int, b int); insert into t select g, g % 5 from generate_series(1, 100) g'

describe.skipIf(postgresMissing(16) !== undefined)('left-overs', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  async function right(url: string, files: Readonly<Record<string, string>>) {
    const parsed = parseMigrations(
      'm',
      Object.entries(files).map(([file, text]) => ({ file, text })),
    )
    if (!parsed.ok) throw new Error(parsed.fault.cause)
    const database = await open(url)
    const say = () => {}
    try {
      const did = await putRight({
        database,
        folder: 'm',
        migrations: parsed.value,
        schema: 'public',
        limits: { lockTimeoutMs: 100, budgetMs: 20_000, stallMs: 150, stallBudgetMs: 10_000 },
        runnerLockWaitMs: 20_000,
        run: 'test',
        clock: systemClock(),
        random: Math.random,
        logger: { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() },
        signal: new AbortController().signal,
      })
      return { did, debts: await readDebts(database.work, 'public') }
    } finally {
      await database.close()
    }
  }

  test('an INVALID index of a broken-off build is seen as a debt, and dropped', async () => {
    const url = await server.database()
    const files = { '0001_t.sql': table, '0002_i.sql': 'create unique index concurrently i on t (b)' }
    expect(await migrate(url, files)).toMatchObject({ ok: false })
    await expect(rows(url, files['0002_i.sql'])).rejects.toMatchObject({ code: '23505' })
    const database = await open(url)
    const debts = await readDebts(database.work, 'public')
    await database.close()
    expect(debts).toMatchObject([{ kind: 'invalid-index', object: 'public.i' }])
    expect(await right(url, files)).toEqual({
      did: { ok: true, value: [expect.stringMatching(/0002_i\.sql.*dropped the INVALID index i/)] },
      debts: [],
    })
    expect(await right(url, files)).toMatchObject({ did: { value: [] } })
  })

  test('a file whose comments alone were edited gets its new checksum; a changed statement never', async () => {
    const url = await server.database()
    await migrate(url, { '0001_t.sql': table })
    const commented = { '0001_t.sql': `-- why\n${table}` }
    expect(await right(url, commented)).toMatchObject({
      did: { ok: true, value: [expect.stringMatching(/0001_t\.sql: its comments were edited/)] },
    })
    expect(await right(url, commented)).toMatchObject({ did: { value: [] } })
    expect(await right(url, { '0001_t.sql': table.replace('100', '99') })).toMatchObject({
      did: { ok: false, fault: { reason: 'migration-edited' } },
    })
  })

  test('a constraint that was never validated is a debt with its cure', async () => {
    const url = await server.database()
    await migrate(url, { '0001_t.sql': `${table}; alter table t add constraint c check (a > 0) not valid` })
    expect(
      await right(url, { '0001_t.sql': `${table}; alter table t add constraint c check (a > 0) not valid` }),
    ).toEqual({
      did: { ok: true, value: [] },
      debts: [{ kind: 'not-validated', object: 'c on t', next: 'ALTER TABLE t VALIDATE CONSTRAINT c' }],
    })
  })
})
