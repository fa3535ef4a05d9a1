/** Twenty migrations, one of every kind that is run in a way of its own, over one small shop. */

export interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** The table that another session writes to, so that CONCURRENTLY has to wait and can be killed in the middle. */
  readonly waitsFor?: string
}

/** What is made CONCURRENTLY has a name that begins with `c_`: after a crash it may be begun twice, and counts once. */
export const base = `
  create table country (id int primary key, label text);
  insert into country select n, 'country ' || n from generate_series(1, 20) n;
  create table item (id int primary key, label text, price int, country_id int, code varchar(20), gone text);
  insert into item select n, 'item ' || n, n, 1 + n % 20, 'c' || n, 'x' from generate_series(1, 300) n;
  create index c_old on item (label);
  create table part (id int, day date) partition by range (day);
  create table part_25 partition of part for values from ('2025-01-01') to ('2026-01-01');
  create table part_26 (id int, day date);
  insert into part_26 select n, '2026-05-05' from generate_series(1, 50) n;
  create table c_log (id int, day date) partition by range (day);
  create table c_log_25 partition of c_log for values from ('2025-01-01') to ('2026-01-01');
  insert into c_log_25 select n, '2025-05-05' from generate_series(1, 50) n;
  create type mood as enum ('calm');
  create materialized view sums as select country_id, count(*) from item group by 1;
  create unique index sums_key on sums (country_id);
  create table ddl_log (tag text, object text);
  create function log_ddl() returns event_trigger language plpgsql as $$ begin
    insert into ddl_log select command_tag, object_identity from pg_event_trigger_ddl_commands()
      where object_identity !~ 'tuesday_migrations|\\mc_' and command_tag <> 'REFRESH MATERIALIZED VIEW';
  end $$;
  create function log_drop() returns event_trigger language plpgsql as $$ begin
    insert into ddl_log select tg_tag || ' of', object_identity from pg_event_trigger_dropped_objects()
      where original and object_identity !~ 'tuesday_migrations|\\mc_';
  end $$;
  create event trigger log_ddl on ddl_command_end execute function log_ddl();
  create event trigger log_drop on sql_drop execute function log_drop();`

const one = (name: string, sql: string, waitsFor?: string): Case => ({
  name,
  files: { '0001_change.sql': sql },
  ...(waitsFor !== undefined && { waitsFor }),
})

export const cases: readonly Case[] = [
  one(
    'create table',
    'create table n (id int primary key); insert into n values (1); insert into n values (2)',
  ),
  one('add column', 'alter table item add column seen int default 7; insert into item (id) values (1001)'),
  one(
    'backfill',
    `alter table item add column total int;
-- tuesday:backfill table=item key=id batch=60 pause=1ms
update item set total = coalesce(total, 0) + price where id between $1 and $2;
insert into item (id) values (1002)`,
  ),
  one(
    'create index concurrently',
    'create index concurrently c_price on item (price); insert into item (id) values (1003)',
    'item',
  ),
  one('create unique index concurrently', 'create unique index concurrently c_code on item (code)', 'item'),
  one(
    'drop index concurrently',
    'drop index concurrently c_old; insert into item (id) values (1004)',
    'item',
  ),
  one(
    'reindex concurrently',
    'reindex index concurrently c_old; insert into item (id) values (1005)',
    'item',
  ),
  one(
    'check',
    'alter table item add constraint k check (price > 0) not valid; alter table item validate constraint k',
  ),
  one(
    'foreign key',
    `alter table item add constraint f foreign key (country_id) references country (id) not valid;
alter table item validate constraint f`,
  ),
  one(
    'required',
    `alter table item add constraint k check (price is not null) not valid;
alter table item validate constraint k;
alter table item alter column price set not null;
alter table item drop constraint k`,
  ),
  one(
    'unique by an index',
    'create unique index concurrently c_unique on item (code); alter table item add constraint c_unique unique using index c_unique',
    'item',
  ),
  one(
    'wider type',
    'alter table item alter column code type varchar(40); insert into item (id) values (1006)',
  ),
  one(
    'partition',
    `alter table part_26 add constraint inside check (day is not null and day >= '2026-01-01' and day < '2027-01-01') not valid;
alter table part_26 validate constraint inside;
alter table part attach partition part_26 for values from ('2026-01-01') to ('2027-01-01')`,
  ),
  one(
    'detach concurrently',
    'alter table c_log detach partition c_log_25 concurrently; insert into item (id) values (1007)',
    'c_log',
  ),
  one(
    'views',
    'create view v as select id from item; create or replace view v as select id, label from item; refresh materialized view concurrently sums',
  ),
  one(
    'function and trigger',
    `create function touch() returns trigger language plpgsql as $$ begin new.label := new.label || '!'; return new; end $$;
create trigger touched before insert on item for each row execute function touch();
insert into item (id, label) values (1008, 'new')`,
  ),
  {
    name: 'enum in two files',
    files: {
      '0001_value.sql': "alter type mood add value 'busy'",
      '0002_use.sql': "create table felt (m mood); insert into felt values ('busy')",
    },
  },
  one('renames', 'alter table country rename column label to name; alter table country rename to land'),
  one('drops', 'alter table item drop column gone; drop table part_26; insert into item (id) values (1009)'),
  one(
    'block, policy and rights',
    `do $$ begin alter table country add column more int; insert into country values (99, 'made'); end $$;
create policy all_rows on country using (true);
alter table country enable row level security;
grant select on country to public;
update country set label = label || '.'`,
  ),
]
