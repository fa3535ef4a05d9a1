import type { Node } from '@pgsql/types'

/** Server versions that have an answer here. */
export type Major = 16 | 17 | 18

export const majors: readonly Major[] = [16, 17, 18]

/** Weakest first, as pg_locks names them without the word Lock (PostgreSQL documentation, 13.3.1). */
export const lockModes = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
] as const

export type LockMode = (typeof lockModes)[number]

export function strongest(left: LockMode | undefined, right: LockMode): LockMode {
  return left !== undefined && lockModes.indexOf(left) >= lockModes.indexOf(right) ? left : right
}

/** INSERT, UPDATE and DELETE wait behind it (they take RowExclusive). */
export function blocksWrites(mode: LockMode | undefined): boolean {
  return mode !== undefined && lockModes.indexOf(mode) >= lockModes.indexOf('Share')
}

/** What a statement will do to relations that existed before the file, keyed by `schema.name`. */
export interface Prediction {
  readonly locks: Readonly<Record<string, LockMode>>
  /** Relations written anew on disk. */
  readonly rewrites: readonly string[]
  /** Indexes built anew. */
  readonly indexRebuilds: readonly string[]
  /** Relations read from end to end. */
  readonly scans: readonly string[]
  /** SQLSTATE with which the server will refuse it inside a transaction. */
  readonly error?: string
  /** What was not known and assumed to be the worse. One clause each. */
  readonly assumed: readonly string[]
}

/** One statement of a file, parsed. Lines and columns count from 1. */
export interface ParsedStatement {
  readonly node: Node
  readonly sql: string
  /** Statements in its body, for DO and CREATE FUNCTION. */
  readonly inner?: readonly Node[]
  /** Its body runs SQL that is put together at run time, or could not be read. */
  readonly opaque?: boolean
  readonly line: number
  readonly column: number
}

export interface SyntaxFault {
  readonly line: number
  readonly column: number
  readonly message: string
}
