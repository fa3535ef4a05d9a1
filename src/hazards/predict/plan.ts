/** What the planner will most likely read from end to end, and which partitions it leaves out. */
import { as, functionsIn, literal, type Node, nameParts, text, walk } from '../ast.ts'
import { children, family } from '../catalogue/lookup.ts'
import type { Bound, Catalogue, Relation } from '../catalogue/model.ts'
import { allowed, boundSet, type Interval, intersect, overlap, within } from '../intervals.ts'

/** A table of a page or two is always read whole: the index would cost more (costsize.c, random_page_cost 4). */
export const fewRows = 300

/** The conditions of WHERE and ON, split at AND. */
export function whereParts(query: Node): Node[] {
  const parts: Node[] = []
  walk(query, (kind, node) => {
    const conditions = [node.whereClause, kind === 'JoinExpr' ? node.quals : undefined]
    for (const condition of conditions)
      if (condition !== undefined) parts.push(...conjuncts(condition as Node))
  })
  return parts
}

function conjuncts(condition: Node): Node[] {
  const logic = as(condition, 'BoolExpr')
  return logic?.boolop === 'AND_EXPR' ? (logic.args ?? []).flatMap(conjuncts) : [condition]
}

/** Partitions that the conditions rule out are not even locked. */
export function membersRead(
  catalogue: Catalogue,
  relation: Relation,
  recurse: boolean,
  conditions: readonly Node[],
): Relation[] {
  if (!recurse) return [relation]
  if (relation.kind !== 'partitioned') return family(catalogue, relation)
  const key = relation.partitionKey?.columns.length === 1 ? relation.partitionKey.columns[0] : undefined
  const told =
    key === undefined
      ? []
      : conditions.flatMap((one) => {
          const set = allowed(one, key)
          return set === undefined ? [] : [set]
        })
  const wanted = told.length === 0 ? undefined : [told.reduce(intersect)]
  const siblings = children(catalogue, relation)
  const kept = siblings.filter((child) => {
    if (wanted === undefined || wanted.length === 0) return true
    if (child.bound?.kind === 'default') return !coveredBySiblings(wanted, siblings)
    const bound = boundSet(child.bound as Bound)
    return bound === undefined || wanted.every((set) => overlap(set, bound))
  })
  return [relation, ...kept.flatMap((child) => membersRead(catalogue, child, true, conditions))]
}

/** What one other partition takes as a whole cannot be in the default partition. */
function coveredBySiblings(wanted: readonly (readonly Interval[])[], siblings: readonly Relation[]): boolean {
  return wanted.some((set) =>
    set.every(({ from, to, fromIncluded, toIncluded }) => {
      if (from === undefined || to === undefined) return false
      return siblings.some(({ bound }) => {
        const taken = boundSet(bound)
        return taken !== undefined && within([{ from, to, fromIncluded, toIncluded }], taken)
      })
    }),
  )
}

export function isIndexed(relation: Relation, conditions: readonly Node[], query: Node): boolean {
  if (relation.rows !== undefined && relation.rows <= fewRows) return false
  const leading = relation.indexes
    .filter(({ partial, valid }) => valid && !partial)
    .map(({ columns }) => columns[0])
  const equal = conditions.flatMap((condition) => equalColumn(condition) ?? [])
  if (equal.some((name) => leading.includes(name))) return true
  const select = as(query, 'SelectStmt')
  const names = functionsIn(select?.targetList)
  if (
    conditions.length === 0 &&
    names.length > 0 &&
    names.every((name) => name === 'min' || name === 'max')
  ) {
    const argument = as(as(as(select?.targetList?.[0], 'ResTarget')?.val, 'FuncCall')?.args?.[0], 'ColumnRef')
    return leading.includes(text(argument?.fields?.at(-1)) ?? '')
  }
  const sorted = as(as(select?.sortClause?.[0], 'SortBy')?.node, 'ColumnRef')
  if (select?.limitCount !== undefined && sorted !== undefined)
    return leading.includes(text(sorted.fields?.at(-1)) ?? '')
  return ranged(relation, conditions, leading)
}

/** Ids are taken to run from 1 to the number of rows: a range that leaves a small part is read by the index. */
function ranged(
  relation: Relation,
  conditions: readonly Node[],
  leading: readonly (string | undefined)[],
): boolean {
  const rows = relation.rows
  if (rows === undefined) return false
  return leading.some((name) => {
    if (name === undefined) return false
    const index = relation.indexes.find(
      ({ columns, unique }) => unique && columns[0] === name && columns.length === 1,
    )
    const sets = conditions.flatMap((condition) => allowed(condition, name) ?? [])
    if (index === undefined || sets.length === 0) return false
    const from = Math.max(0, ...sets.map((set) => Number(set.from ?? 0)))
    const to = Math.min(rows, ...sets.map((set) => Number(set.to ?? rows)))
    return (to - from) / rows < 0.2
  })
}

/** The column of `column = literal`, `column in (…)`; joins are not counted. */
function equalColumn(condition: Node): string | undefined {
  const expression = as(condition, 'A_Expr')
  if (expression === undefined || text(expression.name?.[0]) !== '=') return undefined
  const sides = [expression.lexpr, expression.rexpr]
  const named = sides.findIndex((side) => as(side, 'ColumnRef') !== undefined)
  const other = sides[1 - named]
  const items = as(other, 'List')?.items
  const fixed =
    items === undefined
      ? literal(other) !== undefined || as(other, 'ParamRef') !== undefined
      : items.every((item) => literal(item) !== undefined)
  return fixed ? nameParts(as(sides[named], 'ColumnRef')?.fields).at(-1) : undefined
}
