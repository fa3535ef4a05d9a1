import { expect, test } from 'vitest'
import { classify } from './classify.ts'
import { split } from './split.ts'
import type { Path } from './types.ts'

function read(sql: string) {
  const result = split(sql)
  const first = result.ok ? result.value[0] : undefined
  if (first === undefined) throw new Error('no statement')
  return classify(first)
}

const plain: Path = { kind: 'transaction' }

test.each<[sql: string, path: Path]>([
  ['create table t (a int)', plain],
  ['alter table t add column b int', plain],
  ['create index i on t (a)', plain],
  ['alter type mood add value $$ok$$', plain],
  ['insert into t select concurrently from x', plain],
  ['drop index i', plain],
  ['reindex table t', plain],
  ['alter table t detach partition p', plain],
  ['refresh materialized view concurrently v', plain],
  ['copy t from program $$true$$', plain],
  ['do $$ begin commit; end $$', plain],
  [
    'CREATE UNIQUE INDEX /* now */ CONCURRENTLY "I x" ON App.T USING btree (a)',
    {
      kind: 'create-index',
      index: { schema: 'app', name: 'I x' },
      table: { schema: 'app', name: 't' },
      ifNotExists: false,
    },
  ],
  [
    'create index concurrently if not exists i on only "T""q" (a)',
    { kind: 'create-index', index: { name: 'i' }, table: { name: 'T"q' }, ifNotExists: true },
  ],
  ['drop index concurrently if exists s.i', { kind: 'drop-index', index: { schema: 's', name: 'i' } }],
  ['reindex index concurrently i', { kind: 'reindex', target: 'index', name: { name: 'i' } }],
  ['REINDEX TABLE CONCURRENTLY s.t', { kind: 'reindex', target: 'table', name: { schema: 's', name: 't' } }],
  [
    'alter table only parent detach partition s.part concurrently',
    { kind: 'detach', parent: { name: 'parent' }, partition: { schema: 's', name: 'part' } },
  ],
  [
    'alter table parent detach partition part finalize',
    { kind: 'detach', parent: { name: 'parent' }, partition: { name: 'part' } },
  ],
  ['vacuum (analyze) t', { kind: 'vacuum' }],
])('%s', (sql, path) => {
  expect(read(sql)).toEqual({ ok: true, value: path })
})

test.each<[sql: string, why: RegExp]>([
  ['begin', /transaction/],
  ['START TRANSACTION', /transaction/],
  ['commit', /transaction/],
  ['savepoint a', /transaction/],
  ["set lock_timeout = '1h'", /session/],
  ['set local search_path to x', /session/],
  ['reset all', /session/],
  ['create temp table x (a int)', /session/],
  ['prepare p as select 1', /session/],
  ['copy t (a, b) from stdin with (format csv)', /COPY/],
  ['COPY t FROM STDIN', /COPY/],
  ['copy t to stdout', /COPY/],
  ['\\set x 1', /psql/],
  ['select 1 \\gexec', /psql/],
  ['create database x', /server or database/],
  ['alter system set x = 1', /server or database/],
  ['reindex database x', /server or database/],
  ['reindex (concurrently) table t', /parentheses/],
  ['create index concurrently on t (a)', /no name/],
])('%s is refused', (sql, why) => {
  expect(read(sql)).toMatchObject({ ok: false, fault: { cause: expect.stringMatching(why) } })
})
