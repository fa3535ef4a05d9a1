import pg from 'pg'
import type { Written } from './statements.ts'

export interface Measured {
  readonly table_locks: Readonly<Record<string, string>>
  readonly rewrites: readonly string[]
  readonly index_rebuilds: readonly string[]
  readonly rows_scanned: Readonly<Record<string, number>>
}

export type Outcome = Measured | { readonly summary: string }

/** Weakest first, as pg_locks names them without the word Lock. */
const strength = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
]

interface Known {
  readonly oid: string
  /** Schema and name. */
  readonly path: string
  readonly name: string
  readonly kind: string
  readonly file: string | null
}

const relations = `
  select c.oid::text, n.nspname || '.' || c.relname as path, c.relname as name, c.relkind::text as kind, pg_relation_filenode(c.oid)::text as file
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_temp'`

interface Scan {
  readonly oid: string
  readonly rows: string
}

const scanned =
  'select relid::text as oid, seq_tup_read::text as rows from pg_stat_xact_user_tables where seq_tup_read > 0'

/** Runs one statement in a transaction of its own and reads what it did before it is rolled back. */
export async function measureCase(client: pg.Client, { sql }: Written): Promise<Outcome> {
  const before = (await client.query<Known>(relations)).rows
  await client.query('begin')
  try {
    // Counts of earlier transactions stay in this view until they are flushed, at most once a second.
    const earlier = new Map(
      (await client.query<Scan>(scanned)).rows.map(({ oid, rows }) => [oid, Number(rows)]),
    )
    await client.query(sql)
    const locks = await client.query<{ oid: string; mode: string }>(
      `select relation::text as oid, mode from pg_locks
       where locktype = 'relation' and granted and pid = pg_backend_pid()
         and database = (select oid from pg_database where datname = current_database())`,
    )
    const scans = (await client.query<Scan>(scanned)).rows
      .map(({ oid, rows }) => ({ oid, rows: Number(rows) - (earlier.get(oid) ?? 0) }))
      .filter(({ rows }) => rows > 0)
    // By name: a type change drops an index and creates it again under its name.
    const after = new Map((await client.query<Known>(relations)).rows.map(({ path, file }) => [path, file]))
    return summarise(before, locks.rows, scans, after)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return { summary: `ERR ${error.code} ${error.message}` }
  } finally {
    await client.query('rollback')
  }
}

function summarise(
  before: readonly Known[],
  locks: readonly { oid: string; mode: string }[],
  scans: readonly { oid: string; rows: number }[],
  after: ReadonlyMap<string, string | null>,
): Measured {
  const named = new Map(before.map((known) => [known.oid, known]))
  const strongest: Record<string, string> = {}
  for (const { oid, mode } of locks) {
    const known = named.get(oid)
    if (known === undefined || !'rpvmf'.includes(known.kind)) continue
    const lock = mode.replace(/Lock$/, '')
    const held = strongest[known.name]
    if (held === undefined || strength.indexOf(held) < strength.indexOf(lock)) strongest[known.name] = lock
  }
  const changed = before.filter(({ path, file }) => after.has(path) && after.get(path) !== file)
  const names = (kinds: string) => changed.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name)
  return {
    table_locks: sorted(strongest),
    rewrites: names('rm').sort(),
    index_rebuilds: names('i').sort(),
    rows_scanned: sorted(
      Object.fromEntries(
        scans.flatMap(({ oid, rows }) => {
          const known = named.get(oid)
          return known === undefined ? [] : [[known.name, rows]]
        }),
      ),
    ),
  }
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
