import type { PendingStatement } from './compare.ts'
import { Interrupted, interruptible } from './interrupt.ts'
import { identifier, markDone } from './journal.ts'
import { effectMissing, prepare, tidyUp } from './repair.ts'
import { type Attempt, label, type RunContext } from './run-context.ts'
import { passes, sqlError } from './sql-error.ts'
import { type Bounds, busy } from './transaction.ts'
import type { Path } from './types.ts'
import { nothingSeen, type Seen, underWatch } from './watch.ts'

/**
 * One attempt at a statement that cannot run in a transaction. First what an earlier attempt may have left is read
 * from the catalogue and repaired, then the statement runs, then its effect is read back, then the journal says done.
 */
export async function attemptOutside(
  context: RunContext,
  { migration, statement, intent }: PendingStatement,
  options: Bounds,
): Promise<Attempt> {
  const { work } = context.database
  const { path } = statement
  try {
    // From the second attempt on, the intent is our own. One of another text is not this statement's.
    const begun = options.attempt > 1 || intent?.checksum === statement.checksum
    const before = await prepare(context, statement, begun)
    if (before.kind === 'busy') return busy(before.why)
    let seen: Seen = nothingSeen
    if (before.kind === 'run') {
      const ran = await run(context, label(migration, statement), before.sql, path, options.boundMs)
      if ('kind' in ran) return ran
      seen = ran.seen
    }
    const missing = await effectMissing(context, path)
    if (missing !== undefined) return { kind: 'not-effective', why: missing }
    await markDone(work, context.schema, migration, statement, options.attempt)
    return { kind: 'done', seen, ...(before.repaired === undefined ? {} : { repaired: before.repaired }) }
  } catch (thrown) {
    const error = sqlError(thrown)
    if (!error.answered) return { kind: 'lost', error }
    if (context.signal.aborted) return { kind: 'cancelled' }
    return passes(error) ? { kind: 'again', error, seen: nothingSeen } : { kind: 'failed', error }
  }
}

/** What was seen when it went through. */
async function run(
  context: RunContext,
  name: string,
  sql: string,
  path: Path,
  boundMs: number,
): Promise<Attempt | { readonly seen: Seen }> {
  const { database, schema, clock } = context
  const { work } = database
  const began = clock.now().getTime()
  await work.query(
    `set lock_timeout = ${lockTimeout(context, path)};
     set statement_timeout = ${boundMs};
     set search_path = ${identifier(schema)}`,
  )
  // Index builds stall nobody, so they go on where the observer is lost.
  const blind = holdsTrafficUp(path) ? 'take-back' : 'go-on'
  try {
    const { value, seen } = await underWatch(context, { name, blind }, () =>
      interruptible(context, () => work.query(sql, undefined, boundMs + 30_000)).then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      ),
    )
    if (value === undefined) return { seen }
    if (value.thrown instanceof Interrupted) return { kind: 'cancelled' }
    const error = sqlError(value.thrown)
    if (!error.answered) return { kind: 'lost', error }
    await reset(context)
    const left = await tidyUp(context, path)
    if (context.signal.aborted) return { kind: 'cancelled', ...left }
    if (error.code === '57014' && clock.now().getTime() - began >= boundMs - 50) return { kind: 'too-long' }
    return passes(error) ? { kind: 'again', error, seen } : { kind: 'failed', error, ...left }
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
  return holdsTrafficUp(path) ? limits.lockTimeoutMs : 0
}

function holdsTrafficUp(path: Path): boolean {
  return path.kind === 'detach' || path.kind === 'vacuum'
}
