import { tokens } from './lexer.ts'
import type { Row, Session } from './session.ts'

/** A transaction that a statement of ours waited for. */
export interface Blocker {
  /** 0 for a prepared transaction, which no process holds. */
  readonly pid: number
  readonly application: string
  readonly user: string
  /** `idle in transaction` and the like. */
  readonly state: string
  readonly transactionSeconds: number
  /** Its last statement, without the values in it. */
  readonly query: string
  /** An autovacuum that may be ended: one against wraparound may not. */
  readonly autovacuum: boolean
}

const longestQuery = 120

/** Columns of pg_stat_activity as `a`, for toBlocker. */
export const blockerColumns = `a.pid, coalesce(a.application_name, '') as application, coalesce(a.usename, '') as "user",
  coalesce(a.state, a.backend_type) as state, coalesce(a.query, '') as query,
  coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8 as seconds,
  a.backend_type = 'autovacuum worker' and a.query not like '%wraparound%' as autovacuum`

export function toBlocker(row: Row): Blocker {
  if (row.pid === null) {
    const nobody = { pid: 0, application: '', user: '', transactionSeconds: 0, autovacuum: false }
    return { ...nobody, state: 'prepared', query: '' }
  }
  return {
    pid: Number(row.pid),
    application: String(row.application),
    user: String(row.user),
    state: String(row.state),
    transactionSeconds: Math.round(Number(row.seconds)),
    query: withoutValues(String(row.query)).slice(0, longestQuery),
    autovacuum: row.autovacuum === true,
  }
}

/**
 * Autovacuum gives way to a lock request after deadlock_timeout, 1 s by default, and our attempts are shorter: so it
 * is asked to. Without the right to (pg_signal_autovacuum_worker of 18, or superuser) the attempts go on.
 */
export async function endAutovacuum(observer: Session, blockers: readonly Blocker[]): Promise<void> {
  for (const { pid, autovacuum } of blockers)
    if (autovacuum) await observer.query('select pg_cancel_backend($1)', [pid], 3_000).catch(() => {})
}

/** Quoted texts and numbers become `?`: a log is no place for what the rows of other people hold. */
export function withoutValues(sql: string): string {
  const parts: string[] = []
  for (const { kind, text } of tokens(sql)) parts.push(kind === 'string' || kind === 'number' ? '?' : text)
  return parts
    .join(' ')
    .replaceAll(/ ?([(),.;]) ?/g, '$1 ')
    .replaceAll('. ', '.')
    .trim()
}

export function describeBlockers(blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return 'who held the table was not seen'
  return blockers
    .map(({ pid, application, user, state, transactionSeconds, query }) => {
      if (pid === 0) return 'a prepared transaction (see pg_prepared_xacts)'
      const who = application === '' ? user : `${user}, ${application}`
      return `pid ${pid} (${who}) ${state}, transaction open for ${transactionSeconds} s: ${query || 'no statement visible'}`
    })
    .join('; ')
}
