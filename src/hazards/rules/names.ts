/** Names of tables without a schema. */
import { as, type Node, nameParts } from '../ast.ts'
import type { At } from './context.ts'

/** Told once a file for each name. */
export function nameRules({ node, progress, report }: At): void {
  for (const name of unqualified(node)) {
    if (progress.named.has(name)) continue
    progress.named.add(name)
    report('unqualified-name', name)
  }
}

/** Tables made, changed or dropped whose schema the search path decides. */
function unqualified(node: Node): readonly string[] {
  const create = as(node, 'CreateStmt')
  const alter = as(node, 'AlterTableStmt')
  const drop = as(node, 'DropStmt')
  if (drop?.removeType === 'OBJECT_TABLE')
    return (drop.objects ?? []).flatMap((object) => {
      const parts = nameParts(object)
      return parts.length === 1 ? parts : []
    })
  const range = create?.relation ?? (alter?.objtype === 'OBJECT_TABLE' ? alter.relation : undefined)
  if (range === undefined || range.relpersistence === 't' || range.schemaname !== undefined) return []
  return [range.relname ?? '']
}
