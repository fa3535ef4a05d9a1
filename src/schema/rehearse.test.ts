import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { loadGrammar } from '../hazards/index.ts'
import type { ReviewFile } from './files.ts'
import { type RehearseOptions, rehearse, type Scratch } from './rehearse.ts'

const file = (name: string, text: string): ReviewFile => ({
  name,
  number: Number(name.slice(0, 4)),
  bytes: 1,
  text,
})
const table =
  'create table t (id bigint primary key, nick text, code varchar(10) not null, at timestamptz default now())'

describe.skipIf(postgresMissing(18) !== undefined)('on a scratch server', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 18 })
  })
  afterAll(() => server.stop())

  async function open(database: string): Promise<Scratch> {
    const url = new URL(server.url)
    url.pathname = `/${database}`
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    let ended = false
    return {
      query: async (sql) => (await client.query(sql)).rows,
      end: async () => {
        if (!ended) await client.end()
        ended = true
      },
    }
  }

  async function run(files: RehearseOptions['files'], more: Partial<RehearseOptions> = {}) {
    const options: RehearseOptions = {
      open,
      maintenance: 'postgres',
      name: 'tuesday_rehearsal_test',
      grammar: await loadGrammar(18),
      earlier: [file('0001_t.sql', table)],
      files,
      scale: 0.01,
      mostRows: 500,
      ...more,
    }
    return rehearse(options, () => performance.now())
  }

  test('locks, rewrites and scans are measured and are what was predicted', async () => {
    const sql = 'alter table t alter code type varchar(5); create index concurrently i on t (nick)'
    const answer = await run([file('0002_a.sql', sql)], {
      command: async (database) => {
        const session = await open(database)
        await session.query(`insert into t values (9999999, 'x', 'y')`)
        await session.end()
        return { ok: true, what: 'it passed' }
      },
    })
    expect(answer.failed).toBeUndefined()
    expect(answer.filled.rows).toEqual({ 'public.t': 200 })
    expect(answer.statements[0]?.measured).toMatchObject({
      table_locks: { 'public.t': 'AccessExclusive' },
      rewrites: ['public.t'],
      // Once for the new file, once for its primary key.
      rows_scanned: { 'public.t': 400 },
    })
    expect(answer.statements.flatMap(({ differences }) => differences)).toEqual([])
    expect(answer.command).toEqual({ ok: true, what: 'it passed' })
  })

  test.each([
    ['alter table t add column nick text', []],
    ['alter table t add column nick int', ['the type of public.t.nick']],
    ['select 1', ['column public.t.nick']],
  ])('the pair %j leaves out %j', async (sql, missing) => {
    const pair = file('pairs/0002_back.sql', sql)
    const { pairs } = await run([{ ...file('0002_a.sql', 'alter table t drop column nick'), pair }])
    expect(pairs).toEqual([{ file: '0002_a.sql', pair: 'pairs/0002_back.sql', missing }])
  })

  test('what the server refuses is told with its line, and no database is left', async () => {
    const { failed } = await run([file('0002_a.sql', 'select 1;\nalter table nowhere add x int')])
    expect(failed).toMatchObject({ file: '0002_a.sql', line: 2, why: expect.stringContaining('42P01') })
    const session = await open('postgres')
    const left = await session.query(
      `select datname from pg_database where datname like 'tuesday_rehearsal%'`,
    )
    await session.end()
    expect(left).toEqual([])
  })
})
