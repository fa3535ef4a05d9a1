import { expect, test } from 'vitest'
import {
  type Catalogue,
  catalogueFromSql,
  emptyCatalogue,
  lint,
  loadGrammar,
  type Major,
  type RuleId,
  rules,
} from './index.ts'
import { milliseconds } from './rules/settings.ts'

const schema = `
  create table parent (id bigint primary key);
  insert into parent select n from generate_series(1, 1000) n;
  create table t (id bigint primary key, a int, b varchar(20), p bigint references parent (id), c int check (c > 0));
  insert into t (id) select n from generate_series(1, 1000) n;
  create index t_b on t (b);
  create table empty (id int, a int);
  create domain positive as int check (value > 0);
  create view v as select a from t;
  create table parts (id int, d date not null) partition by range (d);
  create table parts_rest partition of parts default;
  insert into parts_rest values (1, '2030-01-01');
  create function mine() returns int language sql stable as 'select 1';`

async function judge(sql: string, known: boolean, version: Major = 18, inTransaction = true) {
  const grammar = await loadGrammar(version)
  let catalogue: Catalogue = emptyCatalogue(false)
  if (known) {
    const made = catalogueFromSql(grammar, schema)
    if (!made.ok) throw new Error(made.fault.message)
    catalogue = made.catalogue
  }
  return lint(grammar, sql, {
    version,
    catalogue,
    inTransaction,
    timeouts: 'runner',
    newest: await loadGrammar(18),
  })
}

const mattering = new Set(['blocks', 'breaks', 'loses', 'fails', 'stalls'])

async function found(...from: Parameters<typeof judge>): Promise<RuleId[]> {
  return [...new Set((await judge(...from)).map(({ rule }) => rule))].filter((rule) =>
    mattering.has(rules[rule].danger),
  )
}

test.each<[string, RuleId[]]>([
  ['alter table t add x int default 1', []],
  ['alter table t add x int default mine()', []],
  ['alter table t add x float8 default random()', ['add-column-volatile-default']],
  ['alter table t add x bigserial', ['add-column-serial']],
  ['alter table t add x positive', ['add-column-of-constrained-domain']],
  ['alter table t add x int not null', ['add-column-not-null-no-default']],
  ['alter table t add x int check (x > 0)', ['add-column-inline-check']],
  ['alter table t add x json', ['add-column-json']],
  ['alter table t alter b type varchar(40)', []],
  ['alter table t alter b type varchar(10)', ['change-type-rewrite', 'change-type-narrowing']],
  ['alter table t alter c type int', ['change-type-with-check']],
  ['alter table t alter b type text collate "C"', ['change-type-index-rebuild', 'change-type']],
  ['alter table t alter a type bigint', ['change-type-used-by-view', 'change-type-rewrite', 'change-type']],
  ['alter table t alter id set not null', []],
  ['alter table t alter b set not null', ['set-not-null']],
  ['alter table empty alter a set not null', []],
  ['alter table empty add primary key (id)', []],
  ['alter table t drop constraint t_p_fkey', ['drop-fk', 'exclusive-locks-on-several-tables']],
  [
    'drop table t cascade',
    ['drop-table', 'drop-table-with-fk', 'drop-cascade', 'exclusive-locks-on-several-tables'],
  ],
  ['create index on t (a)', ['create-index']],
  [
    'create table fresh (id int); create index on fresh (id); alter table fresh add x float8 default random()',
    [],
  ],
  [
    "create table parts_27 partition of parts for values from ('2027-01-01') to ('2028-01-01')",
    ['create-table-partition-of', 'exclusive-locks-on-several-tables'],
  ],
  ['do $$ begin create index i on t (a); end $$', ['create-index']],
  ['vacuum t', ['concurrently-in-transaction']],
  ['update t set a = 1', ['unbatched-change']],
  ['update t set a = 1 where id = 4', []],
  ["alter type mood add value 'x'; select 'x'", ['enum-value-in-same-transaction']],
  ['set lock_timeout = 0', ['lock-timeout-overridden']],
  ['\\d t', ['not-sql']],
])('with a catalogue, %s: %j', async (sql, expected) => {
  expect(await found(sql, true)).toEqual(expected)
})

test.each<[string, RuleId]>([
  ['alter table t alter b type varchar(40)', 'change-type-rewrite'],
  ['alter table t alter b set not null', 'set-not-null'],
  ['alter table t add x int default ours()', 'add-column-volatile-default'],
])('without a catalogue, %s is assumed to be the worse', async (sql, rule) => {
  const all = await judge(sql, false)
  const hit = all.find((one) => one.rule === rule)
  expect(hit?.certainty).toBe('assumed')
})

test('what is sure without a catalogue is not called assumed', async () => {
  const [first] = (await judge('create index i on t (a)', false)).filter(
    ({ rule }) => rule === 'create-index',
  )
  expect(first).toMatchObject({
    certainty: 'unsafe',
    instead: 'create INDEX CONCURRENTLY i on t (a);',
    line: 1,
    column: 1,
  })
})

test.each<[Major, RuleId[]]>([
  [16, ['newer-syntax']],
  [17, ['newer-syntax']],
  [18, []],
])('on %i a virtual column is %j', async (version, expected) => {
  expect(await found('alter table t add x int generated always as (a + 1) virtual', true, version)).toEqual(
    expected,
  )
})

test('VALIDATE beside ADD NOT VALID is only a fault in one transaction', async () => {
  const sql = 'alter table t add constraint k check (a > 0) not valid; alter table t validate constraint k'
  expect(await found(sql, true, 18, true)).toContain('validate-in-same-transaction')
  expect(await found(sql, true, 18, false)).not.toContain('validate-in-same-transaction')
})

test.each([
  ['0', 0],
  ['300', 300],
  ['300ms', 300],
  ['5 s', 5_000],
  ['2min', 120_000],
  ['1h', 3_600_000],
  ['soon', undefined],
])('the server reads %s as %s ms', (text, expected) => {
  expect(milliseconds(text)).toBe(expected)
})
