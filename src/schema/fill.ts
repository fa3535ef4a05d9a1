/** Rows for the tables of a scratch database, so that what a statement reads and rewrites shows. */
import type { Reader } from '../hazards/index.ts'

export interface Filled {
  readonly rows: Readonly<Record<string, number>>
  /** Tables that took no made-up row, with the server's reason. */
  readonly empty: readonly { readonly table: string; readonly why: string }[]
}

export interface FillOptions {
  /** Rows of the target by `schema.name`; a table without a figure is taken as large. */
  readonly rows: Readonly<Record<string, number>>
  /** Rows a table gets for each row of the target. */
  readonly scale: number
  /** Most rows a table gets. */
  readonly most: number
}

interface Column {
  readonly table: string
  readonly path: string
  readonly column: string
  readonly type: string
  readonly category: string
  readonly label: string | null
  readonly width: number
  readonly required: boolean
}

const columns = `
  select c.oid::regclass::text as table, n.nspname || '.' || c.relname as path, quote_ident(a.attname) as column,
    format_type(a.atttypid, a.atttypmod) as type, b.typcategory as category, a.attnotnull as required,
    case when a.atttypmod > 4 and b.typname in ('varchar', 'bpchar') then a.atttypmod - 4 else 1000 end as width,
    (select enumlabel from pg_enum e where e.enumtypid = b.oid order by enumsortorder limit 1) as label
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  join pg_type t on t.oid = a.atttypid
  join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
  where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by c.oid, a.attnum`

/** Foreign keys and triggers are off meanwhile: the role has to be a superuser of the scratch server. */
export async function fillTables(session: Reader, { rows, scale, most }: FillOptions): Promise<Filled> {
  const all = (await session.query(columns)) as unknown as readonly Column[]
  const tables = Map.groupBy(all, ({ path }) => path)
  const filled: Record<string, number> = {}
  const empty: { table: string; why: string }[] = []
  await session.query('set session_replication_role = replica')
  for (const [path, own] of tables) {
    const known = rows[path]
    const count = known === 0 ? 0 : Math.min(most, Math.max(200, Math.round((known ?? most) * scale)))
    if (count === 0) continue
    const why = await fill(session, own, count)
    if (why === undefined) filled[path] = count
    else empty.push({ table: path, why })
  }
  await session.query('set session_replication_role = origin')
  await session.query('analyze')
  return { rows: filled, empty }
}

/** First with a value in every column, then with only those that are required; the reason when neither is taken. */
async function fill(
  session: Reader,
  columnsOf: readonly Column[],
  count: number,
): Promise<string | undefined> {
  let why: string | undefined
  for (const chosen of [columnsOf, columnsOf.filter(({ required }) => required)]) {
    const table = columnsOf[0]?.table ?? ''
    const names = chosen.map(({ column }) => column).join(', ')
    const values = chosen.map(madeUp).join(', ')
    const sql =
      chosen.length === 0
        ? `insert into ${table} default values`
        : `insert into ${table} (${names}) select ${values} from generate_series(1, ${count}) n`
    try {
      await session.query(sql)
      return undefined
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
  }
  return why
}

/** A value that differs from row to row where the type can. */
function madeUp({ type, category, label, width }: Column): string {
  if (label !== null) return `'${label.replaceAll("'", "''")}'::${type}`
  const base = type.replace(/\(.*/, '').replace(/\[\]$/, '')
  if (category === 'A') return `'{}'::${type}`
  if (category === 'B') return 'n % 2 = 0'
  if (base === 'uuid') return 'gen_random_uuid()'
  if (/^json/.test(base)) return `('{"n": ' || n || '}')::${type}`
  if (base === 'smallint') return '(n % 30000)::smallint'
  if (base === 'numeric') return '(n % 10)'
  if (category === 'N') return `n::${type}`
  if (category === 'D') return `(timestamp '2026-01-01' + n * interval '1 minute')::${type}`
  if (category === 'T') return `(n * interval '1 minute')::${type}`
  if (category === 'S') return `right(n::text, ${width})::${type}`
  if (base === 'bytea') return `decode(lpad(to_hex(n), 8, '0'), 'hex')`
  if (base === 'inet' || base === 'cidr') return `('10.0.0.0'::inet + n)::${type}`
  return 'null'
}
