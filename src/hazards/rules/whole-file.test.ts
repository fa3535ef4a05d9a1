/** What statements of one file are to each other: bounds that hold or ended, what is left at the end. */
import { expect, test } from 'vitest'
import { emptyCatalogue, lint, loadGrammar, type RuleId } from '../index.ts'

async function found(sql: string, timeouts: 'runner' | 'file' = 'runner'): Promise<readonly string[]> {
  const findings = lint(await loadGrammar(18), sql, {
    version: 18,
    catalogue: emptyCatalogue(false),
    inTransaction: false,
    timeouts,
  })
  return findings.map(({ rule, certainty }) => (certainty === 'assumed' ? `${rule}?` : rule))
}

const change = 'alter table public.t add column c int;'
const both = "set lock_timeout = '1s'; set statement_timeout = '5s';"

test.each<[string, boolean]>([
  [`${both} ${change}`, true],
  [`${both} commit; ${change}`, true],
  [`begin; ${both} rollback; ${change}`, false],
  [`begin; set local lock_timeout = '1s'; set local statement_timeout = '5s'; ${change} commit;`, true],
  [`begin; set local lock_timeout = '1s'; set local statement_timeout = '5s'; commit; ${change}`, false],
  [`${both} reset all; ${change}`, false],
  [
    `select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '5s', true); ${change}`,
    true,
  ],
  [
    `begin; select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '5s', true); commit; ${change}`,
    false,
  ],
])('%s is bounded: %s', async (sql, bounded) => {
  const rules = await found(sql, 'file')
  expect(!rules.includes('no-lock-timeout') && !rules.includes('no-statement-timeout')).toBe(bounded)
})

test.each<[string, RuleId, boolean]>([
  [
    "set lock_timeout = '1s'; set statement_timeout = '2h'; alter table public.t add c int",
    'no-statement-timeout',
    true,
  ],
  // Nobody but other maintenance queues behind it.
  ['vacuum public.t', 'no-lock-timeout', false],
  ['vacuum (full) public.t', 'no-lock-timeout', true],
  ['reindex table concurrently public.t', 'no-lock-timeout', false],
  ['reindex (concurrently off) table public.t', 'no-lock-timeout', true],
])('%s: %s is %s', async (sql, rule, there) => {
  expect((await found(sql, 'file')).includes(rule)).toBe(there)
})

test.each<[string, string, boolean]>([
  ['reindex (concurrently false) index i', 'reindex', true],
  ['reindex (concurrently) index i', 'reindex', false],
  ['reindex system', 'reindex-system', true],
  ['reindex system', 'reindex', false],
  ['vacuum (full 0) t', 'vacuum-full-or-cluster', false],
  ['alter table t add c timestamptz default now()', 'add-column-volatile-default?', false],
  ['alter table t add c timestamptz default now(3)', 'add-column-volatile-default?', true],
  ['refresh materialized view v with no data', 'refresh-matview-without-data', true],
  ['alter domain d add constraint k not null', 'alter-domain-set-not-null', true],
  ['create unique index concurrently i on t (a, b, c, d)', 'wide-index', false],
  ['create index concurrently i on t (a, b, c, d)', 'wide-index', true],
  ['alter table t disable row level security', 'change-rule-or-policy', true],
  ['drop table t', 'unqualified-name', true],
  ['drop table public.t', 'unqualified-name', false],
  ['create table public.t (id bigint primary key, j json)', 'style-json', true],
  ['create table public.t (id smallint primary key)', 'style-smallint', true],
  ['create table public.t (id smallint primary key)', 'style-bigint', false],
  ['create table t (id int); alter table t add primary key (id)', 'no-primary-key', false],
  ['create table t (id int primary key); alter table t drop constraint t_pkey', 'no-primary-key', true],
  ['create table t (id int); drop table t', 'no-primary-key', false],
  ['create table t (id int primary key, p int references p)', 'fk-without-supporting-index', true],
  [
    'create table t (id int primary key, p int references p); create index i on t (p)',
    'fk-without-supporting-index',
    false,
  ],
  ['alter table t add foreign key (a) references p not valid', 'fk-without-supporting-index?', true],
  [
    'create table t (id int); insert into t values (1); alter table t add c int not null',
    'add-column-not-null-no-default',
    true,
  ],
  ['create table t (id int); alter table t add c int not null', 'add-column-not-null-no-default', false],
  [
    'create table t (id int); insert into t values (1); alter table t add c int not null default 1',
    'add-column-not-null-no-default',
    false,
  ],
])('%s: %s is %s', async (sql, rule, there) => {
  expect((await found(sql)).includes(rule)).toBe(there)
})

test('a name is told once a file', async () => {
  const rules = await found('alter table t add a int; alter table t add b int; alter table u add a int')
  expect(rules.filter((rule) => rule === 'unqualified-name')).toHaveLength(2)
})
