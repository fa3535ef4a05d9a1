import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { systemClock } from '../system/index.ts'
import { adopt } from './adopt.ts'
import { parseMigrations } from './folder.ts'
import { type ForeignTool, matchHistory, plainName } from './foreign-history.ts'
import { faultOf, migrate, open, rows } from './on-server.fixture.ts'

const files = {
  '0001_init.sql': 'create table t (a int)',
  '0002_add_city.sql': 'alter table t add column city text',
  '0003_more.sql': 'alter table t add column more text',
}

function parsed(texts: Readonly<Record<string, string>>) {
  const result = parseMigrations(
    'm',
    Object.entries(texts).map(([file, text]) => ({ file, text })),
  )
  if (!result.ok) throw new Error(result.fault.cause)
  return result.value
}

async function adopting(url: string, from: { readonly through: number } | { readonly tool: ForeignTool }) {
  const database = await open(url)
  const quiet = () => {}
  try {
    return await adopt(
      {
        database,
        folder: 'm',
        migrations: parsed(files),
        schema: 'public',
        lockTimeoutMs: 100,
        runnerLockWaitMs: 2_000,
        run: 'test',
        clock: systemClock(),
        logger: { debug: quiet, info: quiet, notice: quiet, warn: quiet, group: (_, body) => body() },
        signal: new AbortController().signal,
      },
      from,
    )
  } finally {
    await database.close()
  }
}

const [first, second] = parsed(files)

/** The tables of the tools as they make them, with two files applied. */
const histories: Readonly<Record<ForeignTool, string>> = {
  flyway: `create table flyway_schema_history (installed_rank int primary key, version varchar(50), description varchar(200) not null,
      type varchar(20) not null, script varchar(1000) not null, checksum int, installed_by varchar(100) not null,
      installed_on timestamp not null default now(), execution_time int not null, success boolean not null);
    insert into flyway_schema_history values (1, '1', 'init', 'SQL', 'V1__init.sql', ${first?.lineChecksum}, 'x', now(), 1, true),
      (2, '2.1', 'add city', 'SQL', 'V2.1__add_city.sql', 7, 'x', now(), 1, true),
      (3, null, 'views', 'SQL', 'R__views.sql', 9, 'x', now(), 1, true)`,
  prisma: `create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
      migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(),
      applied_steps_count int not null default 0);
    insert into _prisma_migrations values ('a', '${first?.textChecksum}', now(), '20240101000000_init', null, null, now()),
      ('b', 'x', null, '20240102000000_add_city', null, now(), now() + interval '1 s'),
      ('c', '${second?.textChecksum}', now(), '20240102000000_add_city', null, null, now() + interval '2 s')`,
  'node-pg-migrate': `create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
    insert into pgmigrations (name, run_on) values ('1700000000000_init', now()), ('1700000000001_add-city', now())`,
  knex: `create table knex_migrations (id serial primary key, name varchar(255), batch int, migration_time timestamptz);
    insert into knex_migrations (name, batch) values ('20240101000000_init.js', 1), ('20240102000000_add_city.ts', 1)`,
  sqitch: `create schema sqitch; create table sqitch.changes (change_id text primary key, script_hash text, change text not null,
      project text not null, committed_at timestamptz not null);
    insert into sqitch.changes values ('b', 'y', 'add_city', 'p', now() + interval '1 s'), ('a', 'x', 'init', 'p', now())`,
}

describe.skipIf(postgresMissing(16) !== undefined)('a database that has a past', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  test.each(Object.keys(histories) as ForeignTool[])(
    'with %s is taken over, and only what is new runs',
    async (tool) => {
      const url = await server.database()
      await rows(url, 'create table t (a int, city text)')
      await rows(url, histories[tool])
      const differing = tool === 'flyway' ? ['0002_add_city.sql'] : []
      expect(await adopting(url, { tool })).toEqual({
        ok: true,
        value: { level: 2, files: ['0001_init.sql', '0002_add_city.sql'], differing },
      })
      expect(await migrate(url, files)).toMatchObject({
        ok: true,
        account: { level: 3, applied: [{ file: '0003_more.sql' }] },
      })
      expect(await adopting(url, { tool })).toMatchObject({ ok: false, fault: { reason: 'journal-begun' } })
    },
  )

  test('without a history is taken over by the number of its last file', async () => {
    const url = await server.database()
    await rows(url, 'create table t (a int, city text)')
    expect(await adopting(url, { through: 9 })).toMatchObject({
      ok: false,
      fault: { reason: 'migration-missing' },
    })
    expect(await rows(url, `select to_regclass('tuesday_migrations') is null`)).toEqual([[true]])
    expect(await adopting(url, { through: 2 })).toMatchObject({ ok: true, value: { level: 2 } })
    expect(await migrate(url, files)).toMatchObject({ ok: true, account: { applied: { length: 1 } } })
    const edited = await migrate(url, { ...files, '0001_init.sql': 'create table t (a bigint)' })
    expect(faultOf(edited)).toMatchObject({ reason: 'migration-edited' })
  })

  test('of a tool that was never here is told', async () => {
    const url = await server.database()
    expect(await adopting(url, { tool: 'flyway' })).toMatchObject({
      ok: false,
      fault: { reason: 'history-missing' },
    })
  })
})

test.each<[name: string, entries: { name: string; state: 'applied' | 'failed' }[], cause: RegExp]>([
  ['another name', [{ name: 'V1__begin.sql', state: 'applied' }], /V1__begin\.sql.*0001_init\.sql/],
  [
    'another order',
    [
      { name: '1_add_city', state: 'applied' },
      { name: '2_init', state: 'applied' },
    ],
    /1_add_city/,
  ],
  ['a failed one', [{ name: 'V1__init.sql', state: 'failed' }], /failed half-way/],
])('a history with %s does not fit', (_, entries, cause) => {
  expect(matchHistory('m', parsed(files), entries)).toMatchObject({
    ok: false,
    fault: { reason: 'history-mismatch', cause: expect.stringMatching(cause) },
  })
})

test.each([
  ['V2_1__Add_City.sql', 'add_city'],
  ['20240102030405_add_city', 'add_city'],
  ['0007_add-city.sql', 'add_city'],
  ['add city', 'add_city'],
])('%s is called %s', (name, plain) => {
  expect(plainName(name)).toBe(plain)
})
