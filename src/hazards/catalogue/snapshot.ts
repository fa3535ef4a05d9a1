/**
 * The catalogue of a database as SQL that would make it: a person can read it, a repository can keep it, and what
 * follows a migration's statements reads it too.
 */
import type { Grammar } from '../grammar.ts'
import { parseFile } from '../parse.ts'
import { follow } from './follow.ts'
import { settle } from './from-sql.ts'
import { type Catalogue, emptyCatalogue } from './model.ts'
import { snapshotQueries } from './snapshot-queries.ts'

export interface Snapshot {
  /** server_version_num: 160014. */
  readonly version: number
  readonly searchPath: readonly string[]
  readonly timeZone: string
  readonly statements: readonly string[]
  /** Estimated rows by `schema.name`; a table without one was never analysed. */
  readonly rows: Readonly<Record<string, number>>
  /** Indexes that a failed CONCURRENTLY left behind, `schema.name`. */
  readonly invalidIndexes: readonly string[]
}

/** One connection; what `src/migrate` calls a session has this shape. */
export interface Reader {
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** Reads a snapshot in a few queries; it takes no lock but AccessShare on the server's own catalogue. */
export async function readSnapshot(reader: Reader): Promise<Snapshot> {
  const [first] = await reader.query(
    `select current_setting('server_version_num')::int as version, current_setting('TimeZone') as zone,
       current_schemas(false)::text[] as path, current_setting('search_path') as written`,
  )
  // With an empty path every name in the server's answers carries its schema.
  await reader.query(`select set_config('search_path', '', false)`)
  try {
    const version = Number(first?.version)
    const statements: string[] = []
    for (const query of snapshotQueries(version))
      for (const { sql } of await reader.query(query)) if (typeof sql === 'string') statements.push(sql)
    const sizes = await reader.query(
      `select n.nspname || '.' || c.relname as name, c.reltuples::float8 as tuples, pg_relation_size(c.oid)::float8 as size
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
    )
    const invalid = await reader.query(
      `select n.nspname || '.' || c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
       join pg_namespace n on n.oid = c.relnamespace where not i.indisvalid and n.nspname !~ '^pg_'`,
    )
    return {
      version,
      searchPath: first?.path as readonly string[],
      timeZone: String(first?.zone),
      statements,
      rows: Object.fromEntries(sizes.flatMap((row) => estimate(row))),
      invalidIndexes: invalid.map(({ name }) => String(name)),
    }
  } finally {
    await reader.query(
      `select set_config('search_path', '${String(first?.written).replaceAll("'", "''")}', false)`,
    )
  }
}

/** An empty file has no rows for certain; an estimate of none over a file with pages is only old. */
function estimate(row: Readonly<Record<string, unknown>>): [string, number][] {
  const [name, tuples, size] = [String(row.name), Number(row.tuples), Number(row.size)]
  if (size === 0) return [[name, 0]]
  return tuples > 0 ? [[name, Math.round(tuples)]] : []
}

/** Throws when a statement of the snapshot does not parse: the server itself wrote it. */
export function catalogueFromSnapshot(grammar: Grammar, snapshot: Snapshot): Catalogue {
  const parsed = parseFile(grammar, `${snapshot.statements.join(';\n')};`)
  if (!parsed.ok) throw new Error(`catalogue snapshot, line ${parsed.fault.line}: ${parsed.fault.message}`)
  const catalogue = emptyCatalogue(true)
  for (const { node } of parsed.statements) follow(catalogue, node)
  catalogue.searchPath = snapshot.searchPath
  catalogue.timeZone = snapshot.timeZone
  for (const relation of catalogue.relations) {
    relation.rows = snapshot.rows[`${relation.schema}.${relation.name}`]
    for (const index of relation.indexes)
      index.valid = !snapshot.invalidIndexes.includes(`${relation.schema}.${index.name}`)
  }
  settle(catalogue)
  return catalogue
}
