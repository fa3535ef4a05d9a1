import { err, type Fault, ok, type Result } from '../release/index.ts'
import { user } from './faults.ts'
import type { Session } from './session.ts'
import type { Migration, MigrationStatement } from './types.ts'

/**
 * One row per statement, written before the statement runs (`intent`) and turned to `done` in the statement's own
 * transaction. Where a statement cannot run in one, an intent tells the next run to look into the catalogue.
 */
export interface JournalRow {
  readonly number: number
  readonly position: number
  /** How many statements the file had when this one ran. */
  readonly statements: number
  readonly file: string
  readonly checksum: string
  readonly textChecksum: string
  readonly state: 'intent' | 'done'
  readonly attempts: number
  /** The statement, shortened. */
  readonly sql: string
}

const table = 'tuesday_migrations'
const version = 2
const mark = `Journal of migrations, kept by Tuesday. Version ${version}.`
const keptSql = 4_000

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function journalTable(schema: string): string {
  return `${identifier(schema)}.${table}`
}

/** Undefined where there is none yet. */
export async function readJournal(
  session: Session,
  schema: string,
): Promise<Result<readonly JournalRow[] | undefined>> {
  const [found] = await session.query(
    `select n.oid is not null as schema, c.oid is not null as journal, obj_description(c.oid, 'pg_class') as mark
       from (values ($1::name)) as wanted (name)
       left join pg_namespace n on n.nspname = wanted.name
       left join pg_class c on c.relnamespace = n.oid and c.relname = $2`,
    [schema, table],
  )
  if (found?.schema !== true) return err(schemaMissing(schema))
  if (found.journal !== true) return ok(undefined)
  if (found.mark !== mark) return err(foreign(schema, found.mark))
  const rows = await session.query(
    `select number, position, statements, file, checksum, text_checksum, state, attempts, sql
       from ${journalTable(schema)} order by number, position`,
  )
  return ok(rows.map(toRow))
}

export async function createJournal(session: Session, schema: string, lockTimeoutMs: number): Promise<void> {
  const name = journalTable(schema)
  await session.query(
    `begin;
     set local lock_timeout = ${lockTimeoutMs};
     create table ${name} (
       number integer not null,
       position integer not null,
       statements integer not null,
       file text not null,
       checksum text not null,
       text_checksum text not null,
       state text not null check (state in ('intent', 'done')),
       attempts integer not null default 0,
       sql text not null,
       progress text,
       run text not null,
       started_at timestamptz not null default clock_timestamp(),
       finished_at timestamptz,
       primary key (number, position)
     );
     comment on table ${name} is '${mark}';
     commit`,
  )
}

/** Writes that the statement is about to run. An earlier intent of the same place is overwritten: it came to nothing. */
export async function writeIntent(
  session: Session,
  schema: string,
  migration: Migration,
  statement: MigrationStatement,
  run: string,
): Promise<void> {
  await session.query(
    `insert into ${journalTable(schema)} as journal
       (number, position, statements, file, checksum, text_checksum, state, sql, run)
     values ($1, $2, $3, $4, $5, $6, 'intent', $7, $8)
     on conflict (number, position) do update
       set statements = excluded.statements, file = excluded.file, checksum = excluded.checksum,
           text_checksum = excluded.text_checksum, sql = excluded.sql, run = excluded.run,
           started_at = clock_timestamp(),
           progress = case when journal.checksum = excluded.checksum then journal.progress end
       where journal.state = 'intent'`,
    [
      ...[migration.number, statement.position, migration.statements.length, migration.file],
      ...[statement.checksum, migration.textChecksum, statement.sql.slice(0, keptSql), run],
    ],
  )
}

/** For the end of the statement's own transaction, or after its effect was read back. False: somebody else did it. */
export async function markDone(
  session: Session,
  schema: string,
  migration: Migration,
  statement: MigrationStatement,
  attempts: number,
): Promise<boolean> {
  const rows = await session.query(
    `update ${journalTable(schema)}
        set state = 'done', finished_at = clock_timestamp(), attempts = attempts + $3
      where number = $1 and position = $2 and state = 'intent' returning 1`,
    [migration.number, statement.position, attempts],
  )
  return rows.length === 1
}

/** Marks whole files as done without running them: the database has them from elsewhere. */
export async function writeAdopted(
  session: Session,
  schema: string,
  migrations: readonly Migration[],
  run: string,
): Promise<void> {
  const all = migrations.flatMap((migration) =>
    migration.statements.map((statement) => ({ migration, statement })),
  )
  await session.query(
    `insert into ${journalTable(schema)}
       (number, position, statements, file, checksum, text_checksum, state, sql, run, finished_at)
     select number, position, statements, file, checksum, text_checksum, 'done', sql, $8, clock_timestamp()
       from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])
         as adopted (number, position, statements, file, checksum, text_checksum, sql)`,
    [
      all.map(({ migration }) => migration.number),
      all.map(({ statement }) => statement.position),
      all.map(({ migration }) => migration.statements.length),
      all.map(({ migration }) => migration.file),
      all.map(({ statement }) => statement.checksum),
      all.map(({ migration }) => migration.textChecksum),
      all.map(({ statement }) => statement.sql.slice(0, keptSql)),
      run,
    ],
  )
}

/** For a file whose statements are the same and whose comments are not. */
export async function blessComments(session: Session, schema: string, migration: Migration): Promise<void> {
  await session.query(
    `update ${journalTable(schema)} set text_checksum = $2 where number = $1 and text_checksum <> $2`,
    [migration.number, migration.textChecksum],
  )
}

/** How far a backfill has come: its last key. */
export async function readProgress(
  session: Session,
  schema: string,
  migration: Migration,
  statement: MigrationStatement,
): Promise<string | undefined> {
  const [row] = await session.query(
    `select progress from ${journalTable(schema)} where number = $1 and position = $2`,
    [migration.number, statement.position],
  )
  return typeof row?.progress === 'string' ? row.progress : undefined
}

/** For the end of a batch's own transaction. False: somebody else changed the line. */
export async function writeProgress(
  session: Session,
  schema: string,
  migration: Migration,
  statement: MigrationStatement,
  progress: string,
): Promise<boolean> {
  const rows = await session.query(
    `update ${journalTable(schema)} set progress = $3, attempts = attempts + 1
      where number = $1 and position = $2 and state = 'intent' returning 1`,
    [migration.number, statement.position, progress],
  )
  return rows.length === 1
}

function toRow(row: Readonly<Record<string, unknown>>): JournalRow {
  return {
    number: Number(row.number),
    position: Number(row.position),
    statements: Number(row.statements),
    file: String(row.file),
    checksum: String(row.checksum),
    textChecksum: String(row.text_checksum),
    state: row.state === 'done' ? 'done' : 'intent',
    attempts: Number(row.attempts),
    sql: String(row.sql),
  }
}

function schemaMissing(schema: string): Fault {
  return user('database-missing', `The database has no schema ${schema}.`, {
    likely: '`migrations.schema` in tuesday.yaml names another one, or the database is not set up yet.',
    next: `Create it once, as its owner: CREATE SCHEMA ${identifier(schema)}.`,
  })
}

function foreign(schema: string, found: unknown): Fault {
  const other = Number(/kept by Tuesday\. Version (\d+)\.$/.exec(String(found))?.[1] ?? Number.NaN)
  if (other < version)
    return user(
      'journal-foreign',
      `The journal ${table} in schema ${schema} is of version ${other}, and this Tuesday keeps version ${version}.`,
      {
        likely: 'An older Tuesday, from before the first release, wrote it.',
        next: 'Look up in it how far it came, rename it, and take the database over with mode: baseline.',
      },
    )
  const what = other > version ? `a journal of version ${other}` : 'not ours'
  return user('journal-foreign', `The table ${table} in schema ${schema} is ${what}.`, {
    likely: 'A newer Tuesday wrote it, or another program uses this name.',
    next: 'Use the version of Tuesday that last migrated this database; rename the table if it is not a journal.',
  })
}
