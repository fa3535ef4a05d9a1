import { identifier, markDone } from './journal.ts'
import type { Attempt, RunContext } from './run-context.ts'
import { passes, sqlError } from './sql-error.ts'
import type { Migration, MigrationStatement } from './types.ts'

/** A server whose client is gone stops after this long instead of finishing under locks that nobody watches. */
const goneClientMs = 1_000
/** A machine that is put to sleep in the middle keeps its locks no longer than this. */
const idleMs = 5_000
/** How far the server's clock for statement_timeout may seem ahead of ours. */
const slackMs = 50

/**
 * One attempt: a transaction of its own with a short bound on every wait for a lock, which also turns the
 * statement's line in the journal to `done`. So the statement and the record of it stand both or not at all.
 */
export async function attemptInTransaction(
  context: RunContext,
  migration: Migration,
  statement: MigrationStatement,
  options: { readonly attempt: number; readonly boundMs: number },
): Promise<Attempt> {
  const { database, schema, limits, clock } = context
  const { work } = database
  const began = clock.now().getTime()
  try {
    await work.query(
      `begin;
       set local lock_timeout = ${limits.lockTimeoutMs};
       set local statement_timeout = ${options.boundMs};
       set local idle_in_transaction_session_timeout = ${idleMs};
       set local client_connection_check_interval = ${goneClientMs};
       set local search_path = ${identifier(schema)}`,
    )
    await work.query(statement.sql, undefined, options.boundMs + 30_000)
    if (!(await markDone(work, schema, migration, statement, options.attempt))) {
      await work.query('rollback')
      return { kind: 'not-effective', why: 'its line in the journal was changed by somebody else meanwhile' }
    }
    await work.query('commit')
    return { kind: 'done' }
  } catch (thrown) {
    const error = sqlError(thrown)
    if (!error.answered) return { kind: 'lost', error }
    try {
      await work.query('rollback')
    } catch (lost) {
      return { kind: 'lost', error: sqlError(lost) }
    }
    if (context.signal.aborted) return { kind: 'cancelled' }
    const spent = clock.now().getTime() - began
    if (error.code === '57014' && spent >= options.boundMs - slackMs) return { kind: 'too-long' }
    return passes(error) ? { kind: 'again', error } : { kind: 'failed', error }
  }
}
