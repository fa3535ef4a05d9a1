/** What one statement really did, read from the server before its transaction ends. */
import type { Reader } from '../hazards/index.ts'

export interface Measured {
  /** Strongest granted mode on each relation that existed before, as pg_locks names them without the word Lock. */
  readonly table_locks: Readonly<Record<string, string>>
  readonly rewrites: readonly string[]
  readonly index_rebuilds: readonly string[]
  readonly rows_scanned: Readonly<Record<string, number>>
}

export type Outcome = Measured | { readonly summary: string }

export interface MeasureOptions {
  /** Name a relation by schema and name; without, by its name alone. */
  readonly qualified?: boolean
  readonly keep?: boolean
}

/** Weakest first. */
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

const held = `select relation::text as oid, mode from pg_locks
  where locktype = 'relation' and granted and pid = pg_backend_pid()
    and database = (select oid from pg_database where datname = current_database())`

/** Runs one statement in a transaction of its own and reads what it did; rolled back unless it is to be kept. */
export async function measureStatement(
  session: Reader,
  sql: string,
  { qualified = false, keep = false }: MeasureOptions = {},
): Promise<Outcome> {
  const rows = async <T>(query: string) => (await session.query(query)) as readonly T[]
  const before = await rows<Known>(relations)
  await session.query('begin')
  let good = false
  try {
    // Counts of earlier transactions stay in this view until they are flushed, at most once a second.
    const earlier = new Map((await rows<Scan>(scanned)).map(({ oid, rows: count }) => [oid, Number(count)]))
    await session.query(sql)
    const locks = await rows<{ oid: string; mode: string }>(held)
    const scans = (await rows<Scan>(scanned))
      .map(({ oid, rows: count }) => ({ oid, rows: Number(count) - (earlier.get(oid) ?? 0) }))
      .filter(({ rows: count }) => count > 0)
    // By name: a type change drops an index and creates it again under its name.
    const after = new Map((await rows<Known>(relations)).map(({ path, file }) => [path, file]))
    good = true
    return summarise(before, locks, scans, after, qualified)
  } catch (error) {
    return { summary: refusal(error) }
  } finally {
    await session.query(good && keep ? 'commit' : 'rollback')
  }
}

/** A statement that runs in no transaction: what it holds meanwhile cannot be read by itself. */
export async function measureAlone(
  session: Reader,
  sql: string,
): Promise<Pick<Measured, 'rewrites' | 'index_rebuilds'> | { readonly summary: string }> {
  const before = (await session.query(relations)) as unknown as readonly Known[]
  try {
    await session.query(sql)
  } catch (error) {
    return { summary: refusal(error) }
  }
  const after = (await session.query(relations)) as unknown as readonly Known[]
  return changedFiles(before, new Map(after.map(({ path, file }) => [path, file])), ({ path }) => path)
}

/** What the server refused; what is not from the server is a defect or a lost connection. */
function refusal(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
  return `ERR ${code} ${String(message)}`
}

function summarise(
  before: readonly Known[],
  locks: readonly { oid: string; mode: string }[],
  scans: readonly { oid: string; rows: number }[],
  after: ReadonlyMap<string, string | null>,
  qualified: boolean,
): Measured {
  const label = (known: Known) => (qualified ? known.path : known.name)
  const named = new Map(before.map((known) => [known.oid, known]))
  const strongest: Record<string, string> = {}
  for (const { oid, mode } of locks) {
    const known = named.get(oid)
    if (known === undefined || !'rpvmf'.includes(known.kind)) continue
    const lock = mode.replace(/Lock$/, '')
    const old = strongest[label(known)]
    if (old === undefined || strength.indexOf(old) < strength.indexOf(lock)) strongest[label(known)] = lock
  }
  return {
    table_locks: sorted(strongest),
    ...changedFiles(before, after, label),
    rows_scanned: sorted(
      Object.fromEntries(
        scans.flatMap(({ oid, rows }) => {
          const known = named.get(oid)
          return known === undefined ? [] : [[label(known), rows]]
        }),
      ),
    ),
  }
}

function changedFiles(
  before: readonly Known[],
  after: ReadonlyMap<string, string | null>,
  label: (known: Known) => string,
): Pick<Measured, 'rewrites' | 'index_rebuilds'> {
  const changed = before.filter(({ path, file }) => after.has(path) && after.get(path) !== file)
  const names = (kinds: string) =>
    changed
      .filter(({ kind }) => kinds.includes(kind))
      .map(label)
      .sort()
  return { rewrites: names('rm'), index_rebuilds: names('i') }
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
