/** What a file leaves behind: judged at its end, for a later statement may give what an earlier one lacks. */
import { as } from '../ast.ts'
import { findRelation, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Catalogue } from '../catalogue/model.ts'
import type { ParsedStatement } from '../types.ts'
import { certainty, type Finding, path, quoted } from './context.ts'

/** New tables without a primary key. */
export function keyless(statements: readonly ParsedStatement[], catalogue: Catalogue): Finding[] {
  return statements.flatMap(({ node, line, column }): Finding[] => {
    const create = as(node, 'CreateStmt')
    if (create === undefined || create.relation?.relpersistence === 't') return []
    const exempt =
      create.partbound !== undefined ||
      create.ofTypename !== undefined ||
      (create.inhRelations ?? []).length > 0 ||
      (create.tableElts ?? []).some((one) => as(one, 'TableLikeClause') !== undefined)
    const table = findRelation(catalogue, nameOf(create.relation))
    // An older table of that name was kept (IF NOT EXISTS), or a later statement dropped or renamed this one.
    if (exempt || table?.fresh !== true || table.constraints.some(({ kind }) => kind === 'primary')) return []
    return [
      { rule: 'no-primary-key', certainty: 'unsafe', what: create.relation?.relname ?? '', line, column },
    ]
  })
}

/** Foreign keys that were not there before the file, and no index that starts with their columns. */
export function unindexed(
  statements: readonly ParsedStatement[],
  before: Catalogue,
  after: Catalogue,
): Finding[] {
  const seen = new Set<string>()
  return statements.flatMap(({ node, line, column }): Finding[] => {
    const name = nameOf(as(node, 'CreateStmt')?.relation ?? as(node, 'AlterTableStmt')?.relation)
    const table = name === undefined ? undefined : relationOrStandIn(after, name)
    if (table === undefined || table.persistence === 'temporary' || table.bound !== undefined) return []
    const known = findRelation(before, table)?.constraints ?? []
    return table.constraints.flatMap(({ kind, name: key, columns }): Finding[] => {
      const own = `${path(table)} (${columns.join(', ')})`
      if (kind !== 'foreign' || known.some((one) => one.name === key) || seen.has(own)) return []
      seen.add(own)
      if (table.indexes.some((index) => columns.every((part, place) => index.columns[place] === part)))
        return []
      return [
        {
          rule: 'fk-without-supporting-index',
          certainty: certainty(table),
          what: own,
          instead: `CREATE INDEX CONCURRENTLY ON ${path(table)} (${columns.map(quoted).join(', ')});`,
          line,
          column,
        },
      ]
    })
  })
}
