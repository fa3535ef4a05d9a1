import { Interrupted, interruptible } from './interrupt.ts'
import { identifier, markDone } from './journal.ts'
import { letsTrafficPass, lockStatements, type TableLock } from './locks.ts'
import { type Attempt, label, type RunContext } from './run-context.ts'
import { passes, type SqlError, sqlError } from './sql-error.ts'
import type { Migration, MigrationStatement } from './types.ts'
import { nothingSeen, type Seen, underWatch } from './watch.ts'

/** A server whose client is gone stops after this long instead of finishing under locks that nobody watches. */
const goneClientMs = 1_000
/** A machine that is put to sleep in the middle keeps its locks no longer than this. */
const idleMs = 5_000
/** How far the server's clock for statement_timeout may seem ahead of ours. */
const slackMs = 50
/** Where traffic passes a waiting request, it may wait for other changes and for autovacuum to give way. */
const patientMs = 3_000

export interface Bounds {
  readonly attempt: number
  readonly boundMs: number
  readonly locks: readonly TableLock[]
}

/**
 * One attempt: a transaction of its own that takes the locks first, with a short bound on the whole wait, and turns
 * the statement's line in the journal to `done`. So the statement and the record of it stand both or not at all.
 */
export async function attemptInTransaction(
  context: RunContext,
  migration: Migration,
  statement: MigrationStatement,
  options: Bounds,
): Promise<Attempt> {
  const { work } = context.database
  return inTransaction(context, label(migration, statement), options, async () => {
    await work.query(statement.sql, undefined, options.boundMs + 30_000)
    return (await markDone(work, context.schema, migration, statement, options.attempt))
      ? { kind: 'done' }
      : { kind: 'not-effective', why: 'its line in the journal was changed by somebody else meanwhile' }
  })
}

/** A short transaction under watch around `body`; it is committed when `body` says done. */
export async function inTransaction(
  context: RunContext,
  name: string,
  { boundMs, locks }: Omit<Bounds, 'attempt'>,
  body: () => Promise<Extract<Attempt, { kind: 'done' | 'not-effective' }>>,
): Promise<Attempt> {
  const { database, clock } = context
  const { work } = database
  const began = clock.now().getTime()
  const all = async (): Promise<Attempt> => {
    try {
      await work.query(opening(context, boundMs, locks))
      const end = await body()
      await work.query(end.kind === 'done' ? 'commit' : 'rollback')
      return end
    } catch (thrown) {
      const tooLong = clock.now().getTime() - began >= boundMs - slackMs
      return undone(context, thrown, tooLong)
    }
  }
  try {
    const { value, seen } = await underWatch(context, { name, blind: 'take-back' }, () =>
      interruptible(context, all),
    )
    return value.kind === 'again' || value.kind === 'done' ? { ...value, seen } : value
  } catch (thrown) {
    if (thrown instanceof Interrupted) return { kind: 'cancelled' }
    throw thrown
  }
}

function opening({ limits, schema }: RunContext, boundMs: number, locks: readonly TableLock[]): string {
  const asks = lockStatements(locks)
  const wait = letsTrafficPass(locks) ? Math.max(limits.lockTimeoutMs, patientMs) : limits.lockTimeoutMs
  const each = Math.max(10, Math.floor(wait / Math.max(1, asks.length)))
  return [
    'begin',
    `set local lock_timeout = ${each}`,
    `set local idle_in_transaction_session_timeout = ${idleMs}`,
    `set local client_connection_check_interval = ${goneClientMs}`,
    `set local search_path = ${identifier(schema)}`,
    // lock_timeout bounds every table of a list by itself; this bounds them together.
    `set local statement_timeout = ${each + slackMs}`,
    ...asks,
    `set local statement_timeout = ${boundMs}`,
  ].join(';\n')
}

async function undone(context: RunContext, thrown: unknown, tooLong: boolean): Promise<Attempt> {
  const error: SqlError = sqlError(thrown)
  if (!error.answered) return { kind: 'lost', error }
  try {
    await context.database.work.query('rollback')
  } catch (lost) {
    return { kind: 'lost', error: sqlError(lost) }
  }
  if (context.signal.aborted) return { kind: 'cancelled' }
  if (error.code === '57014' && tooLong) return { kind: 'too-long' }
  return passes(error) ? { kind: 'again', error, seen: nothingSeen } : { kind: 'failed', error }
}

/** For attempts that end before the server was asked for anything. */
export function busy(why: string): Attempt {
  const seen: Seen = nothingSeen
  return { kind: 'again', error: { code: '', message: why, answered: true }, seen }
}
