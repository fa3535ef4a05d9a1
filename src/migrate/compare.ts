import { err, type Fault, ok, type Result } from '../release/index.ts'
import type { JournalRow } from './journal.ts'
import type { Migration, MigrationStatement } from './types.ts'

export interface PendingStatement {
  readonly migration: Migration
  readonly statement: MigrationStatement
  /** An earlier run began with this place and did not finish it. */
  readonly intent?: JournalRow
}

/** Where a database stands against a folder. */
export interface Standing {
  /** Highest number whose file was applied whole; 0 before the first. */
  readonly level: number
  readonly applied: readonly string[]
  /** Applied files whose comments or white space were edited since. No fault. */
  readonly commentsEdited: readonly string[]
  readonly pending: readonly PendingStatement[]
}

/** Compares by checksum of the statements. Anything that is not "the journal is a beginning of the folder" is a fault. */
export function compare(
  folder: string,
  migrations: readonly Migration[],
  journal: readonly JournalRow[],
): Result<Standing> {
  const byNumber = new Map<number, JournalRow[]>()
  for (const row of journal) byNumber.set(row.number, [...(byNumber.get(row.number) ?? []), row])
  const lost = missing(folder, migrations, byNumber)
  if (lost !== undefined) return err(lost)

  const applied: Migration[] = []
  const commentsEdited: string[] = []
  const pending: PendingStatement[] = []
  for (const migration of migrations) {
    const rows = byNumber.get(migration.number) ?? []
    const done = rows.filter((row) => row.state === 'done')
    const edited = differs(folder, migration, done)
    if (edited !== undefined) return err(edited)
    const [early] = pending
    if (early !== undefined && done.length > 0) return err(late(folder, early.migration, migration))
    if (done.length === migration.statements.length) {
      applied.push(migration)
      if (done.some((row) => row.textChecksum !== migration.textChecksum)) commentsEdited.push(migration.file)
      continue
    }
    for (const statement of migration.statements.slice(done.length)) {
      const intent = rows.find((row) => row.position === statement.position)
      pending.push({ migration, statement, ...(intent === undefined ? {} : { intent }) })
    }
  }
  return ok({
    level: applied.at(-1)?.number ?? 0,
    applied: applied.map((migration) => migration.file),
    commentsEdited,
    pending,
  })
}

/** What is done has to stand unchanged at the beginning of the file; a file that was done whole may not grow either. */
function differs(folder: string, migration: Migration, done: readonly JournalRow[]): Fault | undefined {
  const at = { file: `${folder}/${migration.file}` }
  for (const [index, row] of done.entries()) {
    const statement = migration.statements[index]
    if (statement?.checksum === row.checksum && row.position === statement.position) continue
    return edited(
      `Statement ${row.position} of ${migration.file} is not the one that this database applied.`,
      statement === undefined ? at : { ...at, line: statement.line, column: statement.column },
    )
  }
  const whole = done.length > 0 && done.length === done.at(-1)?.statements
  if (!whole || migration.statements.length === done.length) return undefined
  const [added] = migration.statements.slice(done.length)
  return edited(`${migration.file} has statements that it had not when this database applied it.`, {
    ...at,
    ...(added === undefined ? {} : { line: added.line, column: added.column }),
  })
}

function missing(
  folder: string,
  migrations: readonly Migration[],
  journal: ReadonlyMap<number, readonly JournalRow[]>,
): Fault | undefined {
  const highest = migrations.at(-1)?.number ?? 0
  for (const [number, rows] of journal) {
    if (migrations.some((migration) => migration.number === number)) continue
    const file = rows[0]?.file ?? String(number)
    if (number > highest) {
      return {
        blame: 'user',
        reason: 'database-ahead',
        cause: `This database has ${file}, which is newer than every file in ${folder}.`,
        likely: 'The commit that was checked out is older than the release that migrated this database.',
        next: 'Check out a commit that has this file. A schema does not go back; older releases run on it.',
      }
    }
    return {
      blame: 'user',
      reason: 'migration-missing',
      cause: `This database applied ${file}, which is not in ${folder}.`,
      likely: 'The file was deleted or renumbered after it was applied.',
      next: `Put ${file} back as it was; what undoes it is a new migration.`,
    }
  }
  return undefined
}

function edited(cause: string, at: NonNullable<Fault['at']>): Fault {
  return {
    blame: 'user',
    reason: 'migration-edited',
    cause,
    likely:
      'The file was changed after it was merged; databases that applied it before would not get the change.',
    next: 'Put the file back as it was, and write the change as a new migration.',
    at,
  }
}

function late(folder: string, early: Migration, applied: Migration): Fault {
  return {
    blame: 'user',
    reason: 'migration-missing',
    cause: `${early.file} is not applied here, and ${applied.file} after it is.`,
    likely: 'The file was added below a number that was out already.',
    next: 'Give it the next free number, so that every database applies the files in one order.',
    at: { file: `${folder}/${early.file}` },
  }
}
