import type { Node } from '@pgsql/types'
import type { Major } from './types.ts'

export interface RawStatement {
  readonly stmt?: Node
  /** Bytes of UTF-8; absent for the first statement. */
  readonly stmt_location?: number
  readonly stmt_len?: number
}

export type RawParse =
  | { readonly ok: true; readonly statements: readonly RawStatement[] }
  /** `position` counts characters from 0. */
  | { readonly ok: false; readonly message: string; readonly position: number }

/** The parser of one server version, compiled from that server's source. */
export interface Grammar {
  readonly major: Major
  parse(sql: string): RawParse
  /** The body of a CREATE FUNCTION or DO statement in PL/pgSQL as JSON; undefined when it does not parse. */
  parsePlPgSql(statement: string): unknown
}

/** Where the file of a major version's compiled parser is. */
export type LocateWasm = (major: Major) => string

/**
 * Loads the grammar of `major`, once a process. A bundle says where its copies of the compiled parsers lie (that of
 * 18 is needed with each other one); with node_modules they are found.
 */
export async function loadGrammar(major: Major, locate?: LocateWasm): Promise<Grammar> {
  const { loadParser } = await import('./grammar.heavy.ts')
  return loadParser(major, locate)
}
