/** What valid CHECK constraints prove, so that the server need not look at the rows (predicate_implied_by). */
import { as, type Node, nameParts } from './ast.ts'
import { column } from './catalogue/lookup.ts'
import type { Bound, Relation } from './catalogue/model.ts'
import { allowed, boundSet, type Interval, overlap, within } from './intervals.ts'

/** A valid CHECK says that the column is never null. */
export function provenNotNull(table: Relation, name: string): boolean {
  return checks(table).some((expression) => demandsNotNull(expression, name))
}

function checks(table: Relation): Node[] {
  return table.constraints
    .filter(({ kind, validated, enforced }) => kind === 'check' && validated && enforced)
    .flatMap(({ expression }) => expression ?? [])
}

/** `x IS NOT NULL`, alone or beside other conditions. `x > 0` is no proof: a CHECK that gives null passes. */
export function demandsNotNull(expression: Node, name: string): boolean {
  const both = as(expression, 'BoolExpr')
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).some((part) => demandsNotNull(part, name))
  const test = as(expression, 'NullTest')
  const fields = as(test?.arg, 'ColumnRef')?.fields
  return test?.nulltesttype === 'IS_NOT_NULL' && fields !== undefined && nameParts(fields).at(-1) === name
}

/** Every row of `table` is known to belong into `bound`. */
export function provenInside(table: Relation, key: Relation['partitionKey'], bound: Bound): boolean {
  const name = key?.columns.length === 1 ? key.columns[0] : undefined
  const target = boundSet(bound)
  if (name === undefined || target === undefined) return false
  if (column(table, name)?.notNull !== true && !provenNotNull(table, name)) return false
  return sets(table, name).some((set) => within(set, target))
}

/** No row of the default partition is one that the new partition would take. */
export function provenOutside(table: Relation, key: Relation['partitionKey'], bound: Bound): boolean {
  const name = key?.columns.length === 1 ? key.columns[0] : undefined
  const target = boundSet(bound)
  if (name === undefined || target === undefined) return false
  return sets(table, name).some((set) => !overlap(set, target))
}

function sets(table: Relation, name: string): (readonly Interval[])[] {
  return checks(table).flatMap((expression) => {
    const set = allowed(expression, name)
    return set === undefined ? [] : [set]
  })
}
