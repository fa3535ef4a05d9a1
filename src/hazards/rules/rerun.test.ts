import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { type PostgresMajor, startPostgres } from '../../../testkit/postgres/index.ts'
import { loadGrammar, type Major, parseFile } from '../index.ts'
import { failsAgain } from './rerun.ts'

const base = `
  create schema s; create schema o;
  create table t (id int primary key, a int, b text, g int generated always as (id + 1) stored);
  create table r (id int, t_id int, i int not null generated always as identity);
  create unique index t_b on t (b);
  create table above (id int, a int, b text, g int); create table below (id int, a int, b text, g int);
  create table parts (id int) partition by range (id);
  create table p1 partition of parts for values from (1) to (2); create table p2 (id int);
  create table many (like t); alter table many inherit above;
  create type mood as enum ('calm', 'busy'); create domain d as int constraint small check (value < 9);
  create function f() returns trigger language plpgsql as 'begin return new; end';
  create view v as select id from t; create sequence q; create publication feed for table r;`

/** Both kinds: what a second run refuses, and what it takes. */
const statements = [
  'create table n (id int)',
  'create table if not exists n (id int)',
  'create table n as select 1 as x',
  'create materialized view n as select 1 as x',
  'create index k on t (a)',
  'create index if not exists k on t (a)',
  'create index on t (a)',
  'create index concurrently k on t (a)',
  'create index concurrently on t (a)',
  'drop table r',
  'drop table if exists r',
  'drop view v',
  'drop index concurrently t_b',
  "create type n as enum ('x')",
  'create type n as (x int)',
  'create type n as range (subtype = int4)',
  'create domain n as int',
  'create sequence n',
  'create sequence if not exists n',
  'create schema n',
  'create extension citext',
  'create extension if not exists citext',
  'create view n as select 1 as x',
  'create or replace view n as select 1 as x',
  "create function n() returns int language sql as 'select 1'",
  "create or replace function n() returns int language sql as 'select 1'",
  'create trigger n before insert on t for each row execute function f()',
  'create or replace trigger n before insert on t for each row execute function f()',
  'create policy n on t using (true)',
  'create rule n as on update to r do instead nothing',
  'create or replace rule n as on update to r do instead nothing',
  'create statistics n on a, id from t',
  'create statistics on a, id from t',
  'create publication n for table t',
  'alter publication feed add table t',
  'alter publication feed set table t',
  'alter publication feed drop table r',
  "alter publication feed set (publish = 'insert')",
  "alter type mood add value 'odd'",
  "alter type mood add value if not exists 'odd'",
  "alter type mood rename value 'calm' to 'still'",
  'alter domain d add constraint big check (value > 0)',
  'alter domain d add check (value > 0)',
  'alter domain d drop constraint small',
  'alter domain d set not null',
  'alter table t add column x int',
  'alter table t add column if not exists x int',
  'alter table t drop column a',
  'alter table t add constraint n check (id > 0)',
  'alter table t add check (id > 0)',
  'alter table t add constraint n unique (a)',
  'alter table t add unique (a)',
  'alter table r add primary key (id)',
  'alter table t add constraint n unique using index t_b',
  'alter table r add constraint n foreign key (t_id) references t (id)',
  'alter table r add foreign key (t_id) references t (id)',
  'alter table t drop constraint t_pkey',
  'alter table t alter a set not null',
  'alter table t alter b drop not null',
  'alter table t alter a set default 1',
  'alter table t alter a type bigint',
  'alter table t alter a set statistics 10',
  'alter table r alter id set not null, alter id add generated always as identity',
  'alter table r alter i drop identity',
  'alter table r alter i drop identity if exists',
  'alter table t alter g drop expression',
  'alter table t enable row level security',
  'alter table t disable row level security',
  'alter table t disable trigger all',
  'alter table t set (fillfactor = 70)',
  'alter table t set unlogged',
  'alter table below inherit above',
  'alter table many no inherit above',
  'alter table parts attach partition p2 for values from (2) to (3)',
  'alter table parts detach partition p1',
  'alter table t rename to n',
  'alter table if exists t rename to n',
  'alter table t rename a to x',
  'alter table if exists t rename a to x',
  'alter index t_b rename to n',
  'alter table t rename constraint t_pkey to n',
  'alter table t set schema o',
  'alter table if exists t set schema o',
  'comment on table t is null',
  'grant select on t to public',
  'revoke select on t from public',
  'truncate t',
  'reindex table t',
  'analyze t',
  'vacuum t',
]

describe.each<PostgresMajor>([16, 18])('a second run on PostgreSQL %i', (major) => {
  test('fails where it is said to, and nowhere else', { timeout: 60_000 }, async () => {
    const grammar = await loadGrammar(major as Major)
    const server = await startPostgres({ major })
    const admin = new pg.Client({ connectionString: server.url })
    try {
      await admin.connect()
      await admin.query(base)
      const refused: string[] = []
      const predicted: string[] = []
      for (const [at, sql] of statements.entries()) {
        // What can run in a transaction is undone with it; the rest has a database of its own.
        const alone = /concurrently|vacuum/.test(sql)
        const client = alone ? await ownDatabase(server, at) : admin
        await client.query(alone ? base : 'begin')
        await client.query(sql)
        if (!alone) await client.query('savepoint second')
        const failed = await client.query(sql).then(
          () => false,
          (error: unknown) => error instanceof pg.DatabaseError,
        )
        if (alone) await client.end()
        else await client.query('rollback')
        if (failed) refused.push(sql)
        const parsed = parseFile(grammar, sql)
        const [statement] = parsed.ok ? parsed.statements : []
        if (statement !== undefined && failsAgain(statement.node).length > 0) predicted.push(sql)
      }
      expect(predicted).toEqual(refused)
    } finally {
      await admin.end()
      await server.stop()
    }
  })
})

async function ownDatabase(
  server: { database(name: string): Promise<string> },
  at: number,
): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: await server.database(`own_${at}`) })
  await client.connect()
  return client
}
