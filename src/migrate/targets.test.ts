import { expect, test } from 'vitest'
import { parseMigrations } from './folder.ts'
import { targets } from './targets.ts'

function read(sql: string): string[] {
  const parsed = parseMigrations('m', [{ file: '0001_a.sql', text: sql }])
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  const [statement] = parsed.value[0]?.statements ?? []
  if (statement === undefined) throw new Error('no statement')
  return targets(statement).map(({ table, mode, also, constraint }) =>
    [[table.schema, table.name].filter(Boolean).join('.'), mode, also, constraint]
      .filter(Boolean)
      .join(' | '),
  )
}

const ae = 'ACCESS EXCLUSIVE'
const srx = 'SHARE ROW EXCLUSIVE'
const sue = 'SHARE UPDATE EXCLUSIVE'

test.each<[sql: string, expected: string[]]>([
  ['alter table t add column a int', [`t | ${ae}`]],
  ['ALTER TABLE IF EXISTS ONLY "S"."T""x" ADD a int', [`S.T"x | ${ae}`]],
  ['alter table t validate constraint c', [`t | ${sue}`]],
  ['alter table t alter a set statistics 9', [`t | ${sue}`]],
  ['alter table t alter a set statistics 9, add b numeric(3, 2)', [`t | ${ae}`]],
  ['alter table t disable trigger all', [`t | ${srx}`]],
  [
    'alter table c add constraint f foreign key (a, b) references p.q (a, b) not valid',
    [`c | ${srx}`, `p.q | ${srx}`],
  ],
  ['alter table c add column a int references p', [`c | ${ae}`, `p | ${srx}`]],
  ['alter table c drop constraint if exists f', [`c | ${ae}`, `c | ${ae} | referenced | f`]],
  ['alter table p attach partition c default', [`p | ${sue} | default-partition`, `c | ${ae}`]],
  ['alter table p detach partition c', [`p | ${ae} | default-partition`, `c | ${ae}`]],
  ['drop table if exists a, b.c cascade', [`a | ${ae} | neighbours`, `b.c | ${ae} | neighbours`]],
  ['truncate only a, b restart identity', [`a | ${ae}`, `b | ${ae}`]],
  ['create unique index i on only t (a)', ['t | SHARE']],
  ['create or replace trigger g after insert on t execute function f()', [`t | ${srx}`]],
  ['drop policy p on t', [`t | ${ae}`]],
  ['create table c partition of p for values in (1)', [`p | ${ae} | default-partition`]],
  ['create table c (a int references p (id))', [`p | ${srx}`]],
  ['create index concurrently i on t (a)', []],
  ["do $$begin execute 'drop table t'; end$$", []],
  ['select 1', []],
])('%s', (sql, expected) => {
  expect(read(sql)).toEqual(expected)
})
