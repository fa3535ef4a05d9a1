import type { Grammar } from '../grammar.ts'
import { parseFile } from '../parse.ts'
import type { SyntaxFault } from '../types.ts'
import { follow } from './follow.ts'
import { type Catalogue, emptyCatalogue } from './model.ts'

/** The catalogue of a database that was made by these statements, all of it committed. */
export function catalogueFromSql(
  grammar: Grammar,
  sql: string,
):
  | { readonly ok: true; readonly catalogue: Catalogue }
  | { readonly ok: false; readonly fault: SyntaxFault } {
  const parsed = parseFile(grammar, sql)
  if (!parsed.ok) return parsed
  const catalogue = emptyCatalogue(true)
  for (const { node } of parsed.statements) follow(catalogue, node)
  settle(catalogue)
  return { ok: true, catalogue }
}

/** From now on everybody sees what was created. */
export function settle(catalogue: Catalogue): void {
  for (const relation of catalogue.relations) relation.fresh = false
  catalogue.types = new Set([...catalogue.types].map((type) => ({ ...type, fresh: false })))
  catalogue.functions = new Set([...catalogue.functions].map((one) => ({ ...one, fresh: false })))
}
