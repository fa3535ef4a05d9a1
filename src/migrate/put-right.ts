import { err, ok, type Result } from '../release/index.ts'
import type { ApplyOptions } from './apply.ts'
import { lock, readStanding } from './apply.ts'
import { journalFault } from './end-fault.ts'
import { blessComments } from './journal.ts'
import { tidyUp } from './repair.ts'
import { label } from './run-context.ts'
import { sqlError } from './sql-error.ts'

/**
 * Puts right what may be: checksums of files whose comments alone were edited, and what statements outside of
 * transactions left behind. A changed statement is never blessed, and nothing is called done that was not.
 */
export async function putRight(options: ApplyOptions): Promise<Result<readonly string[]>> {
  const { database, schema } = options
  const locked = await lock(options)
  if (!locked.ok) return locked
  const standing = await readStanding(options)
  if (!standing.ok) return standing
  const did: string[] = []
  try {
    for (const file of standing.value.commentsEdited) {
      const migration = options.migrations.find((one) => one.file === file)
      if (migration === undefined) continue
      await blessComments(database.work, schema, migration)
      did.push(`${file}: its comments were edited; the journal has the new text's checksum`)
    }
    for (const { migration, statement, intent } of standing.value.pending) {
      if (intent === undefined || intent.checksum !== statement.checksum) continue
      const tidied = await tidyUp(options, statement.path)
      const name = label(migration, statement)
      if (tidied.left !== undefined) did.push(`${name}: could not remove ${tidied.left}`)
      else if (tidied.dropped !== undefined) did.push(`${name}: dropped ${tidied.dropped}`)
    }
  } catch (thrown) {
    return err(journalFault(sqlError(thrown)))
  }
  return ok(did)
}
