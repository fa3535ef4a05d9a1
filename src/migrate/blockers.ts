import { tokens } from './lexer.ts'
import type { Session } from './session.ts'

/** A transaction that a statement of ours waited for. */
export interface Blocker {
  readonly pid: number
  readonly application: string
  readonly user: string
  /** `idle in transaction` and the like. */
  readonly state: string
  readonly transactionSeconds: number
  /** Its last statement, without the values in it. */
  readonly query: string
}

export interface BlockerWatch {
  /** Ends the watch; the last blockers that were seen. */
  stop(): Promise<readonly Blocker[]>
}

const longestQuery = 120

/** Looks every `everyMs` who blocks `pid`. It has to look while the wait lasts: afterwards the server knows nothing of it. */
export function watchBlockers(observer: Session, pid: number, everyMs: number): BlockerWatch {
  let seen: readonly Blocker[] = []
  let timer: NodeJS.Timeout | undefined
  let asking: Promise<void> = Promise.resolve()
  let stopped = false

  function later(): void {
    timer = setTimeout(() => {
      asking = look()
    }, everyMs)
  }
  async function look(): Promise<void> {
    try {
      const now = await readBlockers(observer, pid)
      if (now.length > 0) seen = now
      if (!stopped) later()
    } catch {
      // The observer is gone: the statement goes on, and its blockers stay unknown.
    }
  }

  later()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await asking
      return seen
    },
  }
}

async function readBlockers(observer: Session, pid: number): Promise<readonly Blocker[]> {
  const rows = await observer.query(
    `select pid, coalesce(application_name, '') as application, coalesce(usename, '') as "user",
            coalesce(state, backend_type) as state, coalesce(query, '') as query,
            coalesce(extract(epoch from clock_timestamp() - xact_start), 0)::float8 as seconds
       from pg_stat_activity where pid = any (pg_blocking_pids($1)) order by xact_start limit 5`,
    [pid],
    5_000,
  )
  return rows.map((row) => ({
    pid: Number(row.pid),
    application: String(row.application),
    user: String(row.user),
    state: String(row.state),
    transactionSeconds: Math.round(Number(row.seconds)),
    query: withoutValues(String(row.query)).slice(0, longestQuery),
  }))
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
      const who = application === '' ? user : `${user}, ${application}`
      return `pid ${pid} (${who}) ${state}, transaction open for ${transactionSeconds} s: ${query || 'no statement visible'}`
    })
    .join('; ')
}
