/** Each query answers rows of one column, `sql`; together and in this order they make the schema. */

const own = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
/** What an extension brought is not the migration's to change. */
const notOfExtension = (oid: string) =>
  `not exists (select from pg_depend e where e.objid = ${oid} and e.deptype = 'e')`
const table = `quote_ident(n.nspname) || '.' || quote_ident(c.relname)`
const joined = 'pg_class c join pg_namespace n on n.oid = c.relnamespace'

export function snapshotQueries(version: number): readonly string[] {
  const enforced = version >= 180000
  return [
    `select 'create schema ' || quote_ident(n.nspname) as sql from pg_namespace n where ${own}`,
    `select 'create extension ' || quote_ident(extname) as sql from pg_extension where extname <> 'plpgsql'`,
    types,
    domains(),
    functions,
    sequences,
    tables(version),
    `select 'alter table ' || p.oid::regclass || ' attach partition ' || c.oid::regclass || ' '
       || pg_get_expr(c.relpartbound, c.oid) as sql
     from ${joined} join pg_inherits h on h.inhrelid = c.oid join pg_class p on p.oid = h.inhparent
     where c.relispartition and c.relkind in ('r', 'p', 'f') and ${own} order by c.oid`,
    `select 'alter table ' || c.oid::regclass || ' inherit ' || h.inhparent::regclass as sql
     from ${joined} join pg_inherits h on h.inhrelid = c.oid
     where not c.relispartition and c.relkind in ('r', 'f') and ${own} order by c.oid`,
    `select pg_get_indexdef(i.indexrelid) as sql from pg_index i join pg_class c on c.oid = i.indrelid
     join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and ${own} and not i.indisexclusion order by i.indexrelid`,
    `select 'alter index ' || h.inhparent::regclass || ' attach partition ' || h.inhrelid::regclass as sql
     from pg_inherits h join ${joined} on c.oid = h.inhrelid where c.relkind in ('i', 'I') and ${own}`,
    `select 'alter table only ' || ${table} || ' add constraint ' || quote_ident(k.conname) || ' ' ||
       case k.contype when 'p' then 'primary key using index ' || quote_ident(k.conname)
         when 'u' then 'unique using index ' || quote_ident(k.conname) else pg_get_constraintdef(k.oid) end as sql
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype in ('c', 'p', 'u', 'x', 'f'${enforced ? ", 'n'" : ''}) and ${own}
       ${enforced ? `and (k.contype <> 'n' or not k.convalidated)` : ''}
     order by k.contype = 'f', k.oid`,
    `select 'create ' || case c.relkind when 'm' then 'materialized view ' else 'view ' end || ${table} || ' as '
       || rtrim(pg_get_viewdef(c.oid), ';') as sql
     from ${joined} where c.relkind in ('v', 'm') and ${own} and ${notOfExtension('c.oid')} order by c.oid`,
    `select pg_get_indexdef(i.indexrelid) as sql from pg_index i join pg_class c on c.oid = i.indrelid
     join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'm' and ${own} order by i.indexrelid`,
    `select pg_get_triggerdef(t.oid) as sql from pg_trigger t join pg_class c on c.oid = t.tgrelid
     join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and ${own} order by t.oid`,
    `select pg_get_ruledef(r.oid) as sql from pg_rewrite r join pg_class c on c.oid = r.ev_class
     join pg_namespace n on n.oid = c.relnamespace where r.rulename <> '_RETURN' and ${own}`,
    `select 'create policy ' || quote_ident(y.polname) || ' on ' || ${table} as sql from pg_policy y
     join pg_class c on c.oid = y.polrelid join pg_namespace n on n.oid = c.relnamespace where ${own}`,
    `select 'alter table ' || ${table} || ' enable row level security' as sql
     from ${joined} where c.relrowsecurity and ${own}`,
    `select 'alter table ' || ${table} || ' replica identity ' ||
       case c.relreplident when 'f' then 'full' else 'nothing' end as sql
     from ${joined} where c.relreplident in ('f', 'n') and c.relkind in ('r', 'p') and ${own}`,
    `select 'alter table ' || ${table} || ' cluster on ' || quote_ident(x.relname) as sql
     from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
     join pg_namespace n on n.oid = c.relnamespace where i.indisclustered and ${own}`,
    `select pg_get_statisticsobjdef(s.oid) as sql from pg_statistic_ext s
     join pg_namespace n on n.oid = s.stxnamespace where ${own}`,
    `select 'create publication ' || quote_ident(p.pubname) || coalesce(' for table ' ||
       (select string_agg(r.prrelid::regclass::text, ', ') from pg_publication_rel r where r.prpubid = p.oid), '') as sql
     from pg_publication p`,
    `select 'alter sequence ' || c.oid::regclass || ' owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname) as sql
     from ${joined} join pg_depend d on d.objid = c.oid and d.deptype = 'a' and d.refclassid = 'pg_class'::regclass
     join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where c.relkind = 'S' and ${own}`,
  ]
}

const types = `
  select 'create type ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) ||
    case t.typtype when 'e' then ' as enum (' || coalesce((select string_agg(quote_literal(e.enumlabel), ', '
      order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '') || ')'
    else ' as (' || coalesce((select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
      order by a.attnum) from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') || ')' end as sql
  from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
  where ${own} and ${notOfExtension('t.oid')} and (t.typtype = 'e' or (t.typtype = 'c' and c.relkind = 'c')) order by t.oid`

function domains(): string {
  return `
  select 'create domain ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) || ' as '
    || format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end
    || coalesce((select string_agg(' constraint ' || quote_ident(k.conname) || ' '
      || replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), '') from pg_constraint k
      where k.contypid = t.oid and k.contype = 'c'), '') as sql
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype = 'd' and ${own} and ${notOfExtension('t.oid')} order by t.oid`
}

/** Of a function only its name and volatility are used. */
const functions = `
  select 'create function ' || quote_ident(n.nspname) || '.' || quote_ident(f.proname) || '() returns void language internal '
    || case f.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end || ' as ''x''' as sql
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace where ${own} and f.prokind = 'f' order by f.oid`

/** The sequence of an identity column comes with its column. */
const sequences = `
  select 'create sequence ' || ${table} as sql from ${joined}
  where c.relkind = 'S' and ${own}
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')`

function tables(version: number): string {
  const invalid =
    version >= 180000
      ? `and not exists (select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'n'
          and not k.convalidated and k.conkey = array[a.attnum])`
      : ''
  return `
  select 'create ' || case c.relpersistence when 'u' then 'unlogged ' else '' end || 'table ' || ${table} || ' (' ||
    coalesce((select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attcollation <> t.typcollation and a.attcollation <> 0
           then ' collate ' || (select quote_ident(l.collname) from pg_collation l where l.oid = a.attcollation) else '' end
      || case when a.attidentity <> '' then ' generated ' || case a.attidentity when 'a' then 'always' else 'by default' end
           || ' as identity' else '' end
      || case when a.attgenerated <> '' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') '
           || case a.attgenerated when 's' then 'stored' else 'virtual' end
           when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end
      || case when a.attnotnull ${invalid} then ' not null' else '' end, ', ' order by a.attnum)
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '') || ')'
    || case c.relkind when 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end as sql
  from ${joined} where c.relkind in ('r', 'p', 'f') and ${own} and ${notOfExtension('c.oid')} order by c.oid`
}
