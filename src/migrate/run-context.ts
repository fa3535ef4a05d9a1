import type { Clock, Logger } from '../release/index.ts'
import type { Blocker } from './blockers.ts'
import type { Database } from './session.ts'
import type { SqlError } from './sql-error.ts'
import type { Migration, MigrationStatement } from './types.ts'
import type { Seen } from './watch.ts'

export interface Limits {
  /** Longest that one attempt waits for a lock. */
  readonly lockTimeoutMs: number
  /** All attempts of one statement together. */
  readonly budgetMs: number
  /** Longest that a read or write of others waits behind a statement before it is taken back. */
  readonly stallMs: number
  /** What others may wait behind all attempts of one statement together. */
  readonly stallBudgetMs: number
}

export interface RunContext {
  readonly database: Database
  readonly schema: string
  readonly limits: Limits
  readonly clock: Clock
  /** 0..1, for the jitter of pauses. */
  readonly random: () => number
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** How one statement ended. */
export type StatementEnd =
  | { readonly kind: 'done'; readonly repaired?: string; readonly seen?: Seen }
  /** The server refused it, or it ran over its bound; nothing of it stands unless `left` says so. */
  | { readonly kind: 'failed'; readonly error: SqlError; readonly left?: string }
  /** Others were in the way until the budget was spent. */
  | { readonly kind: 'blocked'; readonly blockers: readonly Blocker[] }
  | { readonly kind: 'too-long' }
  /** Others waited behind it for longer than they may; nothing of it stands. */
  | { readonly kind: 'stalls'; readonly stalledMs: number; readonly blockers: readonly Blocker[] }
  /** The connection broke: the next run finds out what stands. */
  | { readonly kind: 'lost'; readonly error: SqlError }
  | { readonly kind: 'cancelled'; readonly left?: string }
  /** The effect is not in the catalogue as it should be. */
  | { readonly kind: 'not-effective'; readonly why: string }

export type Attempt = StatementEnd | { readonly kind: 'again'; readonly error: SqlError; readonly seen: Seen }

export function label({ file, statements }: Migration, { position, line }: MigrationStatement): string {
  return `${file} statement ${position} of ${statements.length} (line ${line})`
}
