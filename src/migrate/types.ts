import type { Statement } from './split.ts'

/** A name as the server knows it: folded when it was written without quotes. */
export interface ObjectName {
  readonly schema?: string
  readonly name: string
}

/**
 * How a statement is run. `transaction`: in a short transaction of its own, together with its line in the journal.
 * The others cannot run in one: the server refuses them there (25001), so their effect is read back from the
 * catalogue before they count as done.
 */
export type Path =
  | { readonly kind: 'transaction' }
  | {
      readonly kind: 'create-index'
      readonly index: ObjectName
      readonly table: ObjectName
      readonly ifNotExists: boolean
    }
  | { readonly kind: 'drop-index'; readonly index: ObjectName }
  | { readonly kind: 'reindex'; readonly target: 'index' | 'table'; readonly name: ObjectName }
  | { readonly kind: 'detach'; readonly parent: ObjectName; readonly partition: ObjectName }
  | { readonly kind: 'vacuum' }
  /** In many short transactions, each with its place in the journal. */
  | { readonly kind: 'backfill'; readonly backfill: Backfill }

/** A change of many rows, cut along a column that orders them. */
export interface Backfill {
  readonly table: ObjectName
  readonly key: string
  readonly batch: number
  readonly pauseMs: number
  /** A replica that is further behind stops the batches until it has caught up. */
  readonly maxLagMs: number
  /** Bytes of WAL a second, over all of the batches. */
  readonly maxWal: number
}

export interface MigrationStatement extends Statement {
  /** Position in the file, from 1. */
  readonly position: number
  readonly path: Path
}

export interface Migration {
  readonly number: number
  /** `0007_add_delivery_window.sql` */
  readonly file: string
  /** Over its text with line ends normalised: tells an edit of comments from no edit. */
  readonly textChecksum: string
  /** Flyway's checksum: CRC32 of its lines, whatever ends them. */
  readonly lineChecksum: number
  readonly statements: readonly MigrationStatement[]
}

/** What a person is told of one statement that was carried out. */
export interface AppliedStatement {
  readonly file: string
  readonly position: number
  readonly of: number
  readonly line: number
  readonly attempts: number
  readonly ms: number
  /** What reads and writes of others waited behind it. */
  readonly stalledMs: number
  /** What was found of an earlier, cut-off run and what was done about it. */
  readonly repaired?: string
}
