import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { parseMigrations } from './folder.ts'
import { faultOf, migrate, rows, until } from './on-server.fixture.ts'

const directive = '-- tuesday:backfill table=t key=id batch=10 pause=0ms'
const change = 'update t set copy = note, times = times + 1 where id between $1 and $2'

describe.skipIf(postgresMissing(16) !== undefined)('a backfill', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  test.each([
    ['numbers with gaps', 'bigint', 'g * 7'],
    ['uuids', 'uuid', 'md5(g::text)::uuid'],
    ['texts with quotes', 'text', `g || 'it''s "x"'`],
    ['timestamps', 'timestamptz', `timestamptz '2026-03-29 00:30+00' + g * interval '0.000001 s'`],
  ])('by %s takes every row once', async (_, type, value) => {
    const url = await server.database()
    const files = {
      '0001_t.sql': `create table t (id ${type} primary key, note text, copy text, times int not null default 0);
        insert into t select ${value}, g::text from generate_series(1, 95) g`,
      '0002_copy.sql': `${directive}\n${change}`,
    }
    expect(await migrate(url, files)).toMatchObject({ ok: true, account: { level: 2 } })
    expect(
      await rows(url, 'select count(*)::int, min(times), max(times), bool_and(copy = note) from t'),
    ).toEqual([[95, 1, 1, true]])
    expect(await rows(url, `select state, attempts >= 10 from tuesday_migrations where number = 2`)).toEqual([
      ['done', true],
    ])
  })

  test('that was cancelled goes on behind its last batch', async () => {
    const url = await server.database()
    const files = {
      '0001_t.sql': `create table t (id int primary key, note text, copy text, times int not null default 0);
        insert into t select g, g::text from generate_series(1, 200) g`,
      '0002_copy.sql': `${directive.replace('pause=0ms', 'pause=50ms')}\n${change}`,
    }
    const abort = new AbortController()
    const running = migrate(url, files, { signal: abort.signal })
    await until('some batches', async () => {
      const there = await rows(url, `select to_regclass('tuesday_migrations') is not null`)
      if (there[0]?.[0] !== true) return false
      return (await rows(url, 'select 1 from tuesday_migrations where progress is not null')).length > 0
    })
    abort.abort(new Error('SIGTERM'))
    expect(faultOf(await running)).toMatchObject({ reason: 'cancelled' })
    const [left] = await rows(url, 'select count(*)::int from t where times = 0')
    expect(left?.[0]).toBeGreaterThan(0)
    expect(left?.[0]).toBeLessThan(200)
    const log: string[] = []
    expect(await migrate(url, files, { log })).toMatchObject({ ok: true, account: { level: 2 } })
    expect(log.join('\n')).toMatch(/goes on behind id \d+/)
    expect(await rows(url, 'select min(times), max(times) from t')).toEqual([[1, 1]])
  })

  test('of a table that is not there fails with its words, and nothing is done', async () => {
    const url = await server.database()
    const result = await migrate(url, {
      '0001_t.sql': `-- tuesday:backfill table=nix key=id\n${change.replace('t set', 'nix set')}`,
    })
    expect(faultOf(result)).toMatchObject({ reason: 'statement-failed', cause: expect.stringMatching(/nix/) })
  })
})

test.each<[name: string, text: string, cause: RegExp]>([
  ['no table', `-- tuesday:backfill key=id\n${change}`, /table=/],
  ['no key', `-- tuesday:backfill table=t\n${change}`, /key=/],
  ['a misspelt word', `-- tuesday:backfill table=t key=id bach=5\n${change}`, /bach/],
  ['a word twice', `-- tuesday:backfill table=t key=id key=a\n${change}`, /twice/],
  ['a bare number as pause', `-- tuesday:backfill table=t key=id pause=5\n${change}`, /durations/],
  ['a statement without marks', `${directive}\nupdate t set a = 1`, /\$1 and \$2/],
  ['a statement that changes no rows', `${directive}\nselect $1, $2`, /change rows/],
])('a directive with %s is refused before anything runs', (_, text, cause) => {
  expect(parseMigrations('m', [{ file: '0001_a.sql', text }])).toMatchObject({
    ok: false,
    fault: { reason: 'migration-statement-refused', cause: expect.stringMatching(cause) },
  })
})
