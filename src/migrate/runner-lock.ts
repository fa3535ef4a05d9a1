import { createHash } from 'node:crypto'
import { type Clock, err, type Logger, ok, type Result } from '../release/index.ts'
import { world } from './faults.ts'
import type { Session } from './session.ts'

/** First half of the key of every advisory lock of ours: `tsdy`. */
const space = 0x74736479

const pollMs = 250

/**
 * One runner per schema. The lock is asked for, never waited for: a session that waits in pg_advisory_lock() holds
 * a snapshot, for which the holder's CREATE INDEX CONCURRENTLY waits in turn, a deadlock that the server breaks.
 */
export async function takeRunnerLock(
  session: Session,
  schema: string,
  options: {
    readonly clock: Clock
    readonly waitMs: number
    readonly signal: AbortSignal
    readonly logger: Logger
  },
): Promise<Result<void>> {
  const key = createHash('sha256').update(schema).digest().readInt32BE(0)
  const until = options.clock.now().getTime() + options.waitMs
  let told = false
  for (;;) {
    const [row] = await session.query('select pg_try_advisory_lock($1, $2) as locked', [space, key])
    if (row?.locked === true) return ok(undefined)
    const who = await holder(session, key)
    if (!told) options.logger.info(`Another run is migrating this database: ${who}; waiting for it to end.`)
    told = true
    if (options.clock.now().getTime() + pollMs > until) {
      return err(
        world('migrate-busy', `Another run is migrating this database: ${who}.`, {
          likely:
            'Two workflows were started, or a run that was killed left a statement that is still at work.',
          next: 'Run again when it has ended; it goes on where that one stopped.',
        }),
      )
    }
    await options.clock.sleep(pollMs, options.signal)
  }
}

async function holder(session: Session, key: number): Promise<string> {
  const [row] = await session.query(
    `select a.pid, a.application_name, a.backend_start::text as since
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.classid = $1 and l.objid = $2::bigint & 4294967295
        and l.database = (select oid from pg_database where datname = current_database()) limit 1`,
    [space, key],
  )
  if (row === undefined) return 'it has just ended'
  return `pid ${row.pid} (${row.application_name}), connected since ${row.since}`
}
