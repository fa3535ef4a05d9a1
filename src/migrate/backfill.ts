import { type Attempts, attempts, slept } from './attempts.ts'
import type { PendingStatement } from './compare.ts'
import { identifier, markDone, readProgress, writeProgress } from './journal.ts'
import { type Attempt, label, type RunContext } from './run-context.ts'
import { sqlError } from './sql-error.ts'
import { nextBatch, pauseFor, replicaLag, walPosition } from './throttle.ts'
import { inTransaction } from './transaction.ts'
import type { Backfill } from './types.ts'

interface Range {
  readonly low: string
  readonly high: string
}

const lookAgainMs = 1_000
const tellEveryMs = 30_000

/**
 * Runs a change of many rows in short transactions along its key: the statement gets the first and the last key of
 * each batch as $1 and $2. Each transaction also writes the last key into the journal, so that a run that is cut off
 * goes on behind it, and no row is done twice. Between batches it rests, and while a replica is behind it waits.
 */
export async function runBackfill(
  context: RunContext,
  pending: PendingStatement,
  backfill: Backfill,
): Promise<Attempts> {
  const { database, schema, clock, logger } = context
  const { migration, statement, intent } = pending
  const name = label(migration, statement)
  const began = clock.now().getTime()
  let count = 0
  let stalledMs = 0
  let batch = backfill.batch
  let told = began
  let from =
    intent?.checksum === statement.checksum
      ? await readProgress(database.work, schema, migration, statement)
      : undefined
  if (from !== undefined) logger.info(`${name} goes on behind ${backfill.key} ${from}`)
  const finish = (end: Attempts['end']): Attempts => ({
    end,
    count,
    ms: clock.now().getTime() - began,
    stalledMs,
  })

  for (;;) {
    const ended = await caughtUp(context, name, backfill)
    if (!ended) return finish({ kind: 'cancelled' })
    const range = await nextRange(context, backfill, batch, from)
    if (range === undefined) {
      await markDone(database.work, schema, migration, statement, 0)
      return finish({ kind: 'done' })
    }
    const before = { at: clock.now().getTime(), wal: await walPosition(database.observer) }
    const one = await attempts(context, `${name}, batch ${count + 1}`, [], (bounds) =>
      attemptBatch(context, pending, range, bounds.boundMs),
    )
    count += 1
    stalledMs += one.stalledMs
    if (one.end.kind !== 'done') return finish(one.end)
    from = range.high
    const took = {
      tookMs: clock.now().getTime() - before.at,
      wal: (await walPosition(database.observer)) - before.wal,
    }
    batch = nextBatch(batch, backfill.batch, { tookMs: took.tookMs, again: one.count > 1 })
    if (clock.now().getTime() - told > tellEveryMs) {
      told = clock.now().getTime()
      logger.info(`${name}: ${count} batches, up to ${backfill.key} ${from}`)
    }
    if (!(await slept(context, pauseFor(took, backfill)))) return finish({ kind: 'cancelled' })
  }
}

async function attemptBatch(
  context: RunContext,
  { migration, statement }: PendingStatement,
  { low, high }: Range,
  boundMs: number,
): Promise<Attempt> {
  const { work } = context.database
  return inTransaction(context, label(migration, statement), { boundMs, locks: [] }, async () => {
    await work.query(statement.sql, [low, high], boundMs + 30_000)
    return (await writeProgress(work, context.schema, migration, statement, high))
      ? { kind: 'done' }
      : { kind: 'not-effective', why: 'its line in the journal was changed by somebody else meanwhile' }
  })
}

/**
 * The first and the last key of the next rows, as text: every type that an index orders goes there and back. A bare
 * name in ORDER BY would mean the text, in whose order 9 comes after 10.
 */
async function nextRange(
  { database, schema, limits }: RunContext,
  { table, key }: Backfill,
  batch: number,
  from: string | undefined,
): Promise<Range | undefined> {
  const column = identifier(key)
  const behind = from === undefined ? '' : `where ${column} > $1`
  const [row] = await database.work.query(
    `with batch as (
       select ${column} as key from ${identifier(table.schema ?? schema)}.${identifier(table.name)} ${behind}
        order by ${column} limit ${batch})
     select (select key::text from batch order by batch.key limit 1) as low,
            (select key::text from batch order by batch.key desc limit 1) as high`,
    from === undefined ? [] : [from],
    limits.budgetMs,
  )
  if (row?.low == null || row.high == null) return undefined
  return { low: String(row.low), high: String(row.high) }
}

/** False when the job was cancelled. A lag that cannot be seen slows the batches instead of stopping them. */
async function caughtUp(context: RunContext, name: string, { maxLagMs }: Backfill): Promise<boolean> {
  const { database, logger, limits, clock } = context
  const until = clock.now().getTime() + limits.budgetMs
  for (let look = 0; ; look += 1) {
    const lag = await replicaLag(database.observer).catch((thrown: unknown) => {
      if (sqlError(thrown).answered) return { kind: 'unknown' as const }
      throw thrown
    })
    if (lag.kind === 'unknown') return slept(context, lookAgainMs)
    if (lag.ms <= maxLagMs) return !context.signal.aborted
    if (look % 30 === 0) logger.info(`${name} waits: a replica is ${Math.round(lag.ms / 1_000)} s behind`)
    if (clock.now().getTime() > until) {
      logger.warn(`${name}: a replica stayed behind for the whole budget; going on with one batch`)
      return slept(context, lookAgainMs)
    }
    if (!(await slept(context, lookAgainMs))) return false
  }
}
