import { as, isNull, type Node, type Of, walk } from '../ast.ts'
import { readColumn } from '../catalogue/elements.ts'
import { column, family, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import { isKnownType, resolve } from '../catalogue/type-ref.ts'
import { volatilityOf } from '../volatility.ts'
import type { AlterContext } from './alter-table.ts'
import { rewriteAll } from './effects.ts'

export function addColumn(
  { catalogue, effects, version, table, members }: AlterContext,
  cmd: Of<'AlterTableCmd'>,
) {
  const definition = as(cmd.def, 'ColumnDef')
  if (definition === undefined) return
  for (const member of members) effects.lock(member, 'AccessExclusive')
  if (column(table, definition.colname) !== undefined) {
    if (cmd.missing_ok !== true) effects.refuse('42701')
    return
  }
  const { column: made, constraints, sequence } = readColumn(definition)
  if (made.generated?.stored === false && version < 18) return effects.refuse('42601')
  if (table.bound !== undefined) return effects.refuse('42809')
  if (table.kind === 'partitioned' && members.length === 1 && family(catalogue, table).length > 1)
    return effects.refuse('42P16')
  if (hasSubquery(made.default)) return effects.refuse('0A000')
  if (catalogue.complete && !isKnownType(catalogue, made.type)) return effects.refuse('42704')
  const type = resolve(catalogue, made.type)
  if (!isKnownType(catalogue, made.type))
    effects.assume(`type ${made.type.name} is not known; a domain with a constraint would rewrite the table`)
  const volatility = volatilityOf(catalogue, made.default)
  if (volatility === 'unknown') effects.assume('the default calls a function whose volatility is not known')
  const rewrite = sequence || made.generated?.stored === true || type.constrained || volatility !== 'stable'
  const filled = (made.default !== undefined && !isNull(made.default)) || sequence
  const empty = members.every(({ rows, kind }) => rows === 0 || kind === 'partitioned')
  if (made.notNull && !filled && made.generated === undefined && !empty) {
    if (members.every(({ rows, kind }) => rows !== undefined || kind === 'partitioned'))
      return effects.refuse('23502')
    for (const member of members) effects.scan(member)
  }
  for (const member of members) {
    // A partitioned table has no rows of its own, and an empty table is written anew in no time but still is.
    if (rewrite) rewriteAll(effects, member)
    for (const one of constraints) {
      if (one.contype === 'CONSTR_CHECK' && one.is_enforced !== false) effects.scan(member)
      if (one.contype === 'CONSTR_UNIQUE' || one.contype === 'CONSTR_PRIMARY') effects.scan(member)
      if (one.contype !== 'CONSTR_FOREIGN') continue
      const parent = relationOrStandIn(catalogue, nameOf(one.pktable))
      effects.lock(parent, 'ShareRowExclusive')
      // A column of nulls needs no look at the other table.
      if (filled && one.is_enforced !== false && one.skip_validation !== true) {
        effects.scan(member)
        if (member.rows !== 0) effects.scan(parent)
      }
    }
  }
}

function hasSubquery(expression: Node | undefined): boolean {
  let found = false
  walk({ Root: expression }, (kind) => {
    found ||= kind === 'SubLink'
  })
  return found
}
