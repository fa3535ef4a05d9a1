import { type Clock, type Fault, type Logger, ok, type Result } from '../release/index.ts'
import { type Attempts, attempts } from './attempts.ts'
import { runBackfill } from './backfill.ts'
import { compare, type PendingStatement, type Standing } from './compare.ts'
import { endFault, journalFault } from './end-fault.ts'
import { createJournal, readJournal, writeIntent } from './journal.ts'
import { tableLocks } from './locks.ts'
import { attemptOutside } from './outside.ts'
import { type Limits, label, type RunContext } from './run-context.ts'
import { takeRunnerLock } from './runner-lock.ts'
import type { Database } from './session.ts'
import { sqlError } from './sql-error.ts'
import { targets } from './targets.ts'
import { attemptInTransaction } from './transaction.ts'
import type { AppliedStatement, Migration } from './types.ts'

export interface ApplyOptions {
  readonly database: Database
  /** The folder for messages and annotations. */
  readonly folder: string
  readonly migrations: readonly Migration[]
  readonly schema: string
  readonly limits: Limits
  /** Longest that a second run waits for the first. */
  readonly runnerLockWaitMs: number
  /** Who runs this, for the journal: the address of the workflow run. */
  readonly run: string
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Told before each statement what stands if the run is cut off there. */
  readonly endState?: (text: string) => void
}

/** The exact account of a run, also of one that failed. */
export interface Account {
  /** Highest number whose file is applied whole. */
  readonly level: number
  readonly applied: readonly AppliedStatement[]
  readonly commentsEdited: readonly string[]
}

export type Applied =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly fault: Fault; readonly account: Account }

/** Where the database stands, read only. */
export async function readStanding(
  options: Pick<ApplyOptions, 'database' | 'folder' | 'migrations' | 'schema'>,
): Promise<Result<Standing>> {
  try {
    const journal = await readJournal(options.database.work, options.schema)
    if (!journal.ok) return journal
    return compare(options.folder, options.migrations, journal.value ?? [])
  } catch (thrown) {
    return { ok: false, fault: journalFault(sqlError(thrown)) }
  }
}

/**
 * Applies what is pending, forward only. It may be killed at any point: the next run goes on at the first statement
 * that the journal does not call done.
 */
export async function apply(options: ApplyOptions): Promise<Applied> {
  const first = await readStanding(options)
  if (!first.ok) return failed(first.fault, 0, [])
  if (first.value.pending.length === 0) return succeeded(first.value, [])

  const locked = await lock(options)
  if (!locked.ok) return failed(locked.fault, first.value.level, [])
  // Another run may have finished while this one waited for its lock.
  const standing = await readStanding(options)
  if (!standing.ok) return failed(standing.fault, first.value.level, [])
  return applyPending(options, standing.value)
}

/** The runner's lock, and a journal to write to. */
export async function lock(options: ApplyOptions): Promise<Result<void>> {
  const { database, schema, clock, signal, limits, logger } = options
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
    if (journal.value === undefined) await createJournal(database.work, schema, limits.lockTimeoutMs)
    return ok(undefined)
  } catch (thrown) {
    if (signal.aborted)
      return { ok: false, fault: endFault({ kind: 'cancelled' }, 'the first statement', options.folder) }
    return { ok: false, fault: journalFault(sqlError(thrown)) }
  }
}

async function applyPending(options: ApplyOptions, standing: Standing): Promise<Applied> {
  const applied: AppliedStatement[] = []
  let { level } = standing
  for (const pending of standing.pending) {
    const { migration, statement } = pending
    const name = label(migration, statement)
    options.endState?.(`Before ${name} nothing is left undone; running again goes on there.`)
    const ended = await runStatement(options, pending)
    if (!ended.ok) return failed(ended.fault, level, applied, standing)
    applied.push(ended.value)
    options.logger.info(describe(name, ended.value))
    if (statement.position === migration.statements.length) level = migration.number
  }
  return succeeded({ ...standing, level }, applied)
}

async function runStatement(
  options: ApplyOptions,
  pending: PendingStatement,
): Promise<Result<AppliedStatement>> {
  const { migration, statement } = pending
  const name = label(migration, statement)
  try {
    await writeIntent(options.database.work, options.schema, migration, statement, options.run)
  } catch (thrown) {
    return { ok: false, fault: journalFault(sqlError(thrown)) }
  }
  const { end, count, ms, stalledMs } = await carryOut(options, pending)
  if (end.kind !== 'done')
    return { ok: false, fault: endFault(end, name, options.folder, migration, statement) }
  return ok({
    file: migration.file,
    position: statement.position,
    of: migration.statements.length,
    line: statement.line,
    attempts: count,
    ms,
    stalledMs: Math.round(stalledMs),
    ...(end.repaired === undefined ? {} : { repaired: end.repaired }),
  })
}

async function carryOut(context: RunContext, pending: PendingStatement): Promise<Attempts> {
  const { migration, statement } = pending
  const name = label(migration, statement)
  try {
    if (statement.path.kind === 'backfill')
      return await runBackfill(context, pending, statement.path.backfill)
    const locks = await tableLocks(context.database.work, context.schema, targets(statement))
    return await attempts(context, name, locks, (bounds) =>
      statement.path.kind === 'transaction'
        ? attemptInTransaction(context, migration, statement, bounds)
        : attemptOutside(context, pending, bounds),
    )
  } catch (thrown) {
    // A question of ours between the attempts: nothing of the statement is under way.
    const error = sqlError(thrown)
    return { end: { kind: error.answered ? 'failed' : 'lost', error }, count: 0, ms: 0, stalledMs: 0 }
  }
}

function describe(name: string, { attempts: count, ms, repaired }: AppliedStatement): string {
  const tries = count === 1 ? '' : `, ${count} attempts`
  return `${name}: done in ${ms} ms${tries}${repaired === undefined ? '' : ` (${repaired})`}`
}

function succeeded({ level, commentsEdited }: Standing, applied: readonly AppliedStatement[]): Applied {
  return { ok: true, account: { level, applied, commentsEdited } }
}

function failed(
  fault: Fault,
  level: number,
  applied: readonly AppliedStatement[],
  standing?: Standing,
): Applied {
  return { ok: false, fault, account: { level, applied, commentsEdited: standing?.commentsEdited ?? [] } }
}
