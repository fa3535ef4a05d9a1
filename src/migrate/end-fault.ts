import type { Fault } from '../release/index.ts'
import { describeBlockers } from './blockers.ts'
import { connectionFault, user, world } from './faults.ts'
import type { StatementEnd } from './run-context.ts'
import type { SqlError } from './sql-error.ts'
import type { Migration, MigrationStatement } from './types.ts'

type Failed = Exclude<StatementEnd, { kind: 'done' }>

/** What a person is told when a statement did not end well. */
export function endFault(
  end: Failed,
  name: string,
  folder: string,
  migration?: Migration,
  statement?: MigrationStatement,
): Fault {
  const at =
    migration === undefined || statement === undefined
      ? {}
      : { at: { file: `${folder}/${migration.file}`, ...place(end, statement) } }
  return { ...words(end, name), ...at }
}

function words(end: Failed, name: string): Fault {
  switch (end.kind) {
    case 'failed':
      return statementFailed(end.error, name, end.left)
    case 'blocked':
      return world(
        'table-lock-not-granted',
        `${name} got no lock within its budget: ${describeBlockers(end.blockers)}.`,
        {
          likely: 'A transaction is left open, or long reports run now.',
          next: 'End that transaction, or run again later: nothing of the statement was done, and all before it stands.',
        },
      )
    case 'too-long':
      return user(
        'statement-too-long',
        `${name} ran longer than its budget and was cancelled; nothing of it was done.`,
        {
          likely: 'It reads or rewrites a large table.',
          next: 'Raise `migrations.budget` if the statement blocks nobody; otherwise do it in smaller steps.',
        },
      )
    case 'stalls':
      return stalls(end, name)
    case 'lost':
      return world('database-connection-lost', `The connection broke during ${name}: ${end.error.message}.`, {
        likely: 'The server was restarted or failed over, or the network cut the connection.',
        next: 'Run again: the journal and the catalogue tell whether the statement stands, and the run goes on from there.',
      })
    case 'cancelled':
      return world('cancelled', `Cancelled at ${name}; all before it stands${leaving(end.left)}.`, {
        next: 'Run again to go on with this statement.',
      })
    case 'not-effective':
      return world('index-invalid', `${name} ran, but ${end.why}.`, {
        likely: 'Somebody changed the same object at the same time.',
        next: 'Run again: what is left over is repaired first.',
      })
  }
}

function stalls({ stalledMs, blockers }: Extract<Failed, { kind: 'stalls' }>, name: string): Fault {
  const waited = `reads or writes of others waited behind it for ${Math.round(stalledMs)} ms in all`
  if (blockers.length > 0) {
    return world(
      'statement-stalls-others',
      `${name} was given up: ${waited}; ${describeBlockers(blockers)}.`,
      {
        likely: 'Other transactions hold the table time and again, and traffic queues behind every attempt.',
        next: 'Run again when there is less traffic, or end those transactions: nothing of the statement was done.',
      },
    )
  }
  return user(
    'statement-stalls-others',
    `${name} was taken back every time: ${waited} while it held its locks.`,
    {
      likely: 'It reads or rewrites a table under a lock that keeps others out.',
      next: 'Split it into steps that let traffic pass (NOT VALID and VALIDATE, CONCURRENTLY, a backfill), or raise `migrations.stall` where others may wait.',
    },
  )
}

function statementFailed(error: SqlError, name: string, left?: string): Fault {
  const { code, message, detail, hint } = error
  if (code === '42501') {
    return user('permission-denied', `The role of the migrations may not do ${name}: ${message}.`, {
      next: 'Grant the role what it needs, or give it the ownership of the object, and run again.',
    })
  }
  if (code === '53100' || code === '53200') {
    return world('statement-failed', `The server is out of space for ${name}: ${message}.`, {
      next: 'Give it room and run again; nothing of the statement was done.',
    })
  }
  const more = detail === undefined ? '' : ` ${detail}.`
  return user(
    'statement-failed',
    `${name}: ${message} (SQLSTATE ${code}).${more} Nothing of it was done${leaving(left)}.`,
    {
      ...(hint === undefined ? {} : { likely: hint }),
      next: 'Correct the statement in its file and run again; what ran before it stands and stays.',
    },
  )
}

function leaving(left: string | undefined): string {
  return left === undefined ? '' : `; left behind: ${left}`
}

/** The server counts characters of the statement. */
function place(end: Failed, { sql, line, column }: MigrationStatement): { line: number; column: number } {
  const position = end.kind === 'failed' ? end.error.position : undefined
  if (position === undefined) return { line, column }
  const before = sql.slice(0, position - 1).split('\n')
  const last = before.at(-1) ?? ''
  return before.length === 1
    ? { line, column: column + last.length }
    : { line: line + before.length - 1, column: last.length + 1 }
}

/** A question of the runner itself failed: no statement of a migration was under way. */
export function journalFault(error: SqlError): Fault {
  if (error.code === '55P03') {
    return world(
      'table-lock-not-granted',
      `The journal of migrations is locked by another transaction: ${error.message}.`,
      {
        next: 'End that transaction, or run again later; nothing was changed.',
      },
    )
  }
  return connectionFault(error, 'the journal of migrations')
}
