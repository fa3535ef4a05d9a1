import { type Blocker, blockerColumns, toBlocker } from './blockers.ts'
import type { TableLock } from './locks.ts'
import type { Session } from './session.ts'
import type { LockMode } from './targets.ts'

/** A transaction that is older will not be gone within an attempt: to ask for the lock would only stall others. */
export const oldMs = 1_000

const weakest = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock']
const selfless = ['ShareUpdateExclusiveLock', ...weakest]

/** Which granted modes a request has to wait for, in the words of pg_locks. */
const conflicts: Readonly<Record<LockMode, readonly string[]>> = {
  'SHARE UPDATE EXCLUSIVE': selfless,
  SHARE: ['RowExclusiveLock', ...selfless.filter((mode) => mode !== 'ShareLock')],
  'SHARE ROW EXCLUSIVE': ['RowExclusiveLock', ...selfless],
  EXCLUSIVE: ['RowShareLock', 'RowExclusiveLock', ...selfless],
  'ACCESS EXCLUSIVE': ['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', ...selfless],
}

/**
 * Who has held these tables for so long that asking for a lock is of no use yet. Autovacuum is left out: it gives way
 * when it is asked to. A prepared transaction has no process and counts as old.
 */
export async function oldHolders(
  observer: Session,
  own: number,
  locks: readonly TableLock[],
): Promise<readonly Blocker[]> {
  if (locks.length === 0) return []
  const pairs = locks.flatMap(({ oid, mode }) => conflicts[mode].map((held) => [oid, held] as const))
  const rows = await observer.query(
    `select distinct on (l.pid) ${blockerColumns}
       from unnest($1::int8[], $2::text[]) as held (oid, mode)
       join pg_locks l on l.locktype = 'relation' and l.relation = held.oid::oid and l.mode = held.mode and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
       left join pg_stat_activity a on a.pid = l.pid
      where l.pid is distinct from $3
        and (l.pid is null or a.xact_start < clock_timestamp() - make_interval(secs => $4))
        and a.backend_type is distinct from 'autovacuum worker'
      limit 5`,
    [pairs.map(([oid]) => oid), pairs.map(([, mode]) => mode), own, oldMs / 1_000],
    5_000,
  )
  return rows.map(toBlocker)
}
