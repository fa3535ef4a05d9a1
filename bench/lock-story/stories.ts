/** One way in which a change meets an open transaction: tables before, the change, and what holds it up. */
export interface Story {
  readonly name: string
  readonly setup: string
  readonly change: string
  /** Tables that the open transaction has read; customers read them all the while. */
  readonly held: readonly string[]
  /** How many transactions, one after the other. */
  readonly blockers: number
  /** Between two new connections of customers. */
  readonly everyMs: number
  /** A query that says `t` when the change is there. */
  readonly landed: string
}

const accounts =
  'create table accounts (id int primary key, name text); insert into accounts select g, g::text from generate_series(1, 100000) g;'

const column = (name: string) =>
  `select exists (select from pg_attribute where attrelid = to_regclass('accounts') and attname = '${name}')`

const alter: Story = {
  name: 'ALTER TABLE ADD COLUMN',
  setup: accounts,
  change: 'alter table accounts add column nick text',
  held: ['accounts'],
  blockers: 1,
  everyMs: 100,
  landed: column('nick'),
}

/** The story of the outage; every runner goes through it. */
export const theStory = alter

export const stories: readonly Story[] = [
  { ...alter, name: 'ALTER TABLE, 50 connections/s', everyMs: 20 },
  { ...alter, name: 'ALTER TABLE, three blockers in turn', blockers: 3 },
  {
    ...alter,
    name: 'FOREIGN KEY NOT VALID',
    setup: `${accounts} create table orders (id int primary key, account int); insert into orders select g, g from generate_series(1, 100000) g;`,
    change:
      'alter table orders add constraint orders_account foreign key (account) references accounts (id) not valid',
    held: ['accounts', 'orders'],
    landed: `select exists (select from pg_constraint where conname = 'orders_account')`,
  },
  {
    ...alter,
    name: 'ATTACH PARTITION',
    setup: `create table accounts (id int, name text) partition by range (id);
      create table accounts_1 partition of accounts for values from (1) to (1000);
      create table accounts_rest partition of accounts default;
      create table accounts_2 (id int check (id >= 1000 and id < 2000) not null, name text);
      insert into accounts select g, '' from generate_series(1, 999) g;`,
    change: 'alter table accounts attach partition accounts_2 for values from (1000) to (2000)',
    held: ['accounts', 'accounts_2'],
    landed: `select exists (select from pg_inherits where inhrelid = 'accounts_2'::regclass)`,
  },
  {
    ...alter,
    name: 'DROP TABLE',
    setup: `${accounts} create table old (id int primary key, account int references accounts (id));`,
    change: 'drop table old',
    landed: `select to_regclass('old') is null`,
  },
  {
    ...alter,
    name: 'SET NOT NULL',
    change: 'alter table accounts alter column name set not null',
    landed: `select exists (select from pg_attribute where attrelid = 'accounts'::regclass and attname = 'name' and attnotnull)`,
  },
]
