import { err, type Fault, ok, type Result } from '../release/index.ts'
import { user } from './faults.ts'
import type { Row, Session } from './session.ts'
import type { Migration } from './types.ts'

export const foreignTools = ['flyway', 'prisma', 'node-pg-migrate', 'knex', 'sqitch'] as const
export type ForeignTool = (typeof foreignTools)[number]

/** One line of another runner's history, in the order in which it applied them. */
export interface ForeignEntry {
  readonly name: string
  readonly state: 'applied' | 'failed'
  /** Over the file as that runner counts it. */
  readonly checksum?: { readonly kind: 'sha256' | 'crc32'; readonly value: string }
}

interface History {
  /** Its table; a schema of its own where the tool has one. */
  readonly schema?: string
  readonly table: string
  /** Rows in the order of application. */
  readonly sql: (table: string) => string
  readonly entry: (row: Row) => ForeignEntry
}

/** As the tools write them: their sources are named in migrations reference §2 and §6. */
const histories: Readonly<Record<ForeignTool, History>> = {
  flyway: {
    table: 'flyway_schema_history',
    // The last row of a version counts: an undone or deleted one is not applied. Repeatable files have no version.
    sql: (table) =>
      `select * from (select distinct on (version) script as name, checksum::text as checksum, success, type, installed_rank
         from ${table} where version is not null order by version, installed_rank desc) as last
        where type not in ('DELETE', 'BASELINE', 'SCHEMA') and type not like 'UNDO%' order by installed_rank`,
    entry: ({ name, checksum, success }) => ({
      name: String(name),
      state: success === true ? 'applied' : 'failed',
      ...(checksum === null ? {} : { checksum: { kind: 'crc32' as const, value: String(checksum) } }),
    }),
  },
  prisma: {
    table: '_prisma_migrations',
    sql: (table) =>
      `select migration_name as name, checksum, finished_at is not null as finished
         from ${table} where rolled_back_at is null order by started_at`,
    entry: ({ name, checksum, finished }) => ({
      name: String(name),
      state: finished === true ? 'applied' : 'failed',
      checksum: { kind: 'sha256', value: String(checksum) },
    }),
  },
  'node-pg-migrate': {
    table: 'pgmigrations',
    sql: (table) => `select name from ${table} order by run_on, id`,
    entry: ({ name }) => ({ name: String(name), state: 'applied' }),
  },
  knex: {
    table: 'knex_migrations',
    sql: (table) => `select name from ${table} order by id`,
    entry: ({ name }) => ({ name: String(name), state: 'applied' }),
  },
  sqitch: {
    schema: 'sqitch',
    table: 'changes',
    sql: (table) => `select change as name from ${table} order by committed_at`,
    entry: ({ name }) => ({ name: String(name), state: 'applied' }),
  },
}

export async function readForeignHistory(
  session: Session,
  schema: string,
  tool: ForeignTool,
): Promise<Result<readonly ForeignEntry[]>> {
  const history = histories[tool]
  const table = `"${(history.schema ?? schema).replaceAll('"', '""')}".${history.table}`
  const [found] = await session.query('select to_regclass($1) is not null as there', [table])
  if (found?.there !== true) {
    return err(
      user('history-missing', `There is no history of ${tool} (${table}) in this database.`, {
        likely: 'It lies in another schema, or this database was migrated by another tool.',
        next: 'Set `migrations.schema` to the schema of its history, or use baseline.',
      }),
    )
  }
  return ok((await session.query(history.sql(table))).map(history.entry))
}

/** Which files of the folder the other runner has applied. */
export interface Adoption {
  /** Number of the last of them. */
  readonly through: number
  /** Files whose text is not the one that the other runner recorded. */
  readonly differing: readonly string[]
}

/** Name by name, in order: one that does not fit means that the folder is not what this database was made by. */
export function matchHistory(
  folder: string,
  migrations: readonly Migration[],
  entries: readonly ForeignEntry[],
): Result<Adoption> {
  const failed = entries.find(({ state }) => state === 'failed')
  if (failed !== undefined) {
    return err(
      user('history-mismatch', `The history says that ${failed.name} failed half-way.`, {
        next: 'Repair the database and its history with the tool that wrote it, then adopt it.',
      }),
    )
  }
  const differing: string[] = []
  for (const [index, entry] of entries.entries()) {
    const migration = migrations[index]
    if (migration === undefined || plainName(migration.file) !== plainName(entry.name))
      return err(unlike(folder, entry, migration))
    if (entry.checksum !== undefined && entry.checksum.value !== checksumOf(migration, entry.checksum.kind))
      differing.push(migration.file)
  }
  return ok({ through: migrations[entries.length - 1]?.number ?? 0, differing })
}

function checksumOf({ textChecksum, lineChecksum }: Migration, kind: 'sha256' | 'crc32'): string {
  return kind === 'sha256' ? textChecksum : String(lineChecksum)
}

/** `V2_1__add_city.sql`, `20240102030405_add_city`, `0007_add-city.sql`: add_city. */
export function plainName(name: string): string {
  return name
    .replace(/\.(sql|js|ts|mjs|cjs|mts|cts)$/i, '')
    .replace(/^(V[0-9][0-9._]*?__|[0-9]+[-_])/i, '')
    .toLowerCase()
    .replaceAll(/[-\s]+/g, '_')
}

function unlike(folder: string, entry: ForeignEntry, migration: Migration | undefined): Fault {
  const where =
    migration === undefined ? `${folder} has no file for it` : `${folder} has ${migration.file} there`
  return user('history-mismatch', `The history has ${entry.name}, and ${where}.`, {
    likely: 'The files were not all carried over, or stand in another order.',
    next: `Name the files 0001_… in the order of the history and keep their names behind the number: …_${plainName(entry.name)}.sql.`,
  })
}
