import type { PendingStatement } from './compare.ts'
import { identifier, markDone } from './journal.ts'
import { effectMissing, prepare, tidyUp } from './repair.ts'
import type { Attempt, RunContext } from './run-context.ts'
import { passes, sqlError } from './sql-error.ts'
import type { Path } from './types.ts'

/**
 * One attempt at a statement that cannot run in a transaction. First what an earlier attempt may have left is read
 * from the catalogue and repaired, then the statement runs, then its effect is read back, then the journal says done.
 */
export async function attemptOutside(
  context: RunContext,
  { migration, statement, intent }: PendingStatement,
  options: { readonly attempt: number; readonly boundMs: number },
): Promise<Attempt> {
  const { work } = context.database
  const { path } = statement
  try {
    // From the second attempt on, the intent is our own.
    const before = await prepare(context, statement, options.attempt > 1 || intent !== undefined)
    if (before.kind === 'busy')
      return { kind: 'again', error: { code: '', message: before.why, answered: true } }
    if (before.kind === 'run') {
      const stopped = await run(context, before.sql, path, options.boundMs)
      if (stopped !== undefined) return stopped
    }
    const missing = await effectMissing(context, path)
    if (missing !== undefined) return { kind: 'not-effective', why: missing }
    await markDone(work, context.schema, migration, statement, options.attempt)
    return { kind: 'done', ...(before.repaired === undefined ? {} : { repaired: before.repaired }) }
  } catch (thrown) {
    const error = sqlError(thrown)
    if (!error.answered) return { kind: 'lost', error }
    return context.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error }
  }
}

/** Undefined when it went through. */
async function run(
  context: RunContext,
  sql: string,
  path: Path,
  boundMs: number,
): Promise<Attempt | undefined> {
  const { database, schema, clock, signal } = context
  const { work } = database
  const began = clock.now().getTime()
  await work.query(
    `set lock_timeout = ${lockTimeout(context, path)};
     set statement_timeout = ${boundMs};
     set search_path = ${identifier(schema)}`,
  )
  try {
    await work.query(sql, undefined, boundMs + 30_000)
    return undefined
  } catch (thrown) {
    const error = sqlError(thrown)
    if (!error.answered) return { kind: 'lost', error }
    await reset(context)
    if (signal.aborted) return { kind: 'cancelled', ...(await tidyUp(context, path)) }
    if (error.code === '57014' && clock.now().getTime() - began >= boundMs - 50) {
      await tidyUp(context, path)
      return { kind: 'too-long' }
    }
    const left = await tidyUp(context, path)
    return passes(error) ? { kind: 'again', error } : { kind: 'failed', error, ...left }
  } finally {
    // A broken connection has no settings to take back; the next question finds out.
    await reset(context).catch(() => {})
  }
}

async function reset({ database }: RunContext): Promise<void> {
  await database.work.query('reset lock_timeout; reset statement_timeout; reset search_path')
}

/**
 * Index builds wait for every older snapshot of the database, and those waits count against lock_timeout: one would
 * leave an INVALID index behind any long report. While they wait nobody queues behind them (SHARE UPDATE EXCLUSIVE
 * lets reads and writes pass), so they need none. DETACH and VACUUM FULL take locks that do hold up readers.
 */
function lockTimeout({ limits }: RunContext, path: Path): number {
  return path.kind === 'detach' || path.kind === 'vacuum' ? limits.lockTimeoutMs : 0
}
