export type Row = Readonly<Record<string, unknown>>

/** One connection to one server process. */
export interface Session {
  /** Process id of the server's backend. */
  readonly pid: number
  /** Rejects with what the server said (see sql-error.ts), or when `boundMs` have passed without an answer. */
  query(sql: string, values?: readonly unknown[], boundMs?: number): Promise<readonly Row[]>
  /** Takes back what runs, over a connection of its own that needs no login: also when the server takes no more of those. */
  cancel(): Promise<void>
  end(): Promise<void>
}

/**
 * Two sessions: one holds the runner's lock and runs every statement, so that the lock lives exactly as long as
 * what it guards; the other looks on, names who blocks the first, and cancels it. The observer connects anew when it was cut off.
 */
export interface Database {
  readonly work: Session
  readonly observer: Session
  /** server_version_num: 160014. */
  readonly version: number
  close(): Promise<void>
}
