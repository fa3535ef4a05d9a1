import pg from 'pg'

/** Everything of a database that a second run of a statement, or one left out, would change. */
const questions = [
  `select c.relname, c.relkind, c.relrowsecurity, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
     pg_get_expr(d.adbin, d.adrelid)
   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and c.relkind <> 'i' order by 1, a.attnum`,
  `select c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready from pg_index i
   join pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace order by 1`,
  `select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated from pg_constraint
   where connamespace = 'public'::regnamespace order by 1, 2`,
  `select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1, 2`,
  `select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  `select viewname, definition from pg_views where schemaname = 'public' order by 1`,
  `select t.typname, e.enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid order by 1, e.enumsortorder`,
  `select tablename, policyname, qual from pg_policies order by 1, 2`,
  `select inhrelid::regclass::text, inhparent::regclass::text, inhdetachpending from pg_inherits order by 1`,
  `select relname, relacl::text from pg_class where relnamespace = 'public'::regnamespace and relacl is not null order by 1`,
  `select tag, object, count(*) from ddl_log group by 1, 2 order by 1, 2`,
  `select number, position, state, checksum from tuesday_migrations order by 1, 2`,
]

/** As one text: equal texts are equal databases. */
export async function stateOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const parts: unknown[] = []
    for (const question of questions)
      parts.push((await client.query({ text: question, rowMode: 'array' })).rows)
    const tables = await client.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm')
       and relname not in ('tuesday_migrations', 'ddl_log') order by 1`,
    )
    for (const { relname } of tables.rows) {
      const rows = await client.query(
        `select count(*)::int, md5(string_agg(t::text, '|' order by t::text)) from "${relname}" t`,
      )
      parts.push([relname, rows.rows[0]])
    }
    return JSON.stringify(parts, undefined, 1)
  } finally {
    await client.end()
  }
}
