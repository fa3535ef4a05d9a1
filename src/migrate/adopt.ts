import { type Clock, err, type Logger, ok, type Result } from '../release/index.ts'
import { readStanding } from './apply.ts'
import { journalFault } from './end-fault.ts'
import { user } from './faults.ts'
import { type ForeignTool, matchHistory, readForeignHistory } from './foreign-history.ts'
import { createJournal, readJournal, writeAdopted } from './journal.ts'
import { takeRunnerLock } from './runner-lock.ts'
import type { Database } from './session.ts'
import { sqlError } from './sql-error.ts'
import type { Migration } from './types.ts'

export interface AdoptOptions {
  readonly database: Database
  readonly folder: string
  readonly migrations: readonly Migration[]
  readonly schema: string
  readonly lockTimeoutMs: number
  readonly runnerLockWaitMs: number
  readonly run: string
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** What was written into the journal without running anything. */
export interface Adopted {
  readonly level: number
  readonly files: readonly string[]
  readonly differing: readonly string[]
}

/** `through`: the last file that the database has already, or the tool whose history tells. */
export async function adopt(
  options: AdoptOptions,
  from: { readonly through: number } | { readonly tool: ForeignTool },
): Promise<Result<Adopted>> {
  const { database, schema, migrations, folder, clock, signal, logger } = options
  try {
    const locked = await takeRunnerLock(database.work, schema, {
      clock,
      signal,
      waitMs: options.runnerLockWaitMs,
      logger,
    })
    if (!locked.ok) return locked
    const journal = await readJournal(database.work, schema)
    if (!journal.ok) return journal
    if ((journal.value ?? []).length > 0) return err(begun(schema))
    const wanted =
      'through' in from ? ok({ through: from.through, differing: [] }) : await matched(options, from.tool)
    if (!wanted.ok) return wanted
    const files = migrations.filter(({ number }) => number <= wanted.value.through)
    if ('through' in from && files.at(-1)?.number !== from.through)
      return err(
        user('migration-missing', `${folder} has no migration ${from.through}.`, {
          next: 'Name the number of the last file that this database has already.',
        }),
      )
    if (journal.value === undefined) await createJournal(database.work, schema, options.lockTimeoutMs)
    const origin = 'through' in from ? 'baseline' : `adopted from ${from.tool}`
    await writeAdopted(database.work, schema, files, `${origin}, ${options.run}`)
    const standing = await readStanding(options)
    if (!standing.ok) return standing
    return ok({
      level: standing.value.level,
      files: files.map(({ file }) => file),
      differing: wanted.value.differing,
    })
  } catch (thrown) {
    return err(journalFault(sqlError(thrown)))
  }
}

async function matched({ database, schema, folder, migrations }: AdoptOptions, tool: ForeignTool) {
  const entries = await readForeignHistory(database.work, schema, tool)
  return entries.ok ? matchHistory(folder, migrations, entries.value) : entries
}

function begun(schema: string) {
  return user('journal-begun', `The journal in schema ${schema} has entries already.`, {
    likely: 'The database was adopted before, or Tuesday has migrated it from the beginning.',
    next: 'Nothing has to be adopted: use plan to see what is left.',
  })
}
