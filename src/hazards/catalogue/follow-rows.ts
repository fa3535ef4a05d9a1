/** Rough numbers of rows: enough to tell an empty table from one that has to be read. */
import { as, literal, type Node, type Of, relationsIn, text } from '../ast.ts'
import { children, family, findRelation, nameOf, referencing } from './lookup.ts'
import type { Bound, Catalogue, Relation } from './model.ts'

export function followRows(catalogue: Catalogue, node: Node): void {
  const insert = as(node, 'InsertStmt')
  const remove = as(node, 'DeleteStmt')
  const refresh = as(node, 'RefreshMatViewStmt')
  if (insert !== undefined) addRows(catalogue, insert)
  if (remove !== undefined && remove.whereClause === undefined) {
    const table = findRelation(catalogue, nameOf(remove.relation))
    if (table !== undefined && table.rules.length === 0)
      for (const member of family(catalogue, table)) member.rows = 0
  }
  if (refresh !== undefined) {
    const view = findRelation(catalogue, nameOf(refresh.relation))
    if (view === undefined) return
    view.populated = refresh.skipData !== true
    view.rows = view.populated ? undefined : 0
  }
  for (const table of truncated(catalogue, as(node, 'TruncateStmt'))) table.rows = 0
}

/** Every table that a TRUNCATE empties. */
export function truncated(catalogue: Catalogue, node: Of<'TruncateStmt'> | undefined): Relation[] {
  const all = new Set<Relation>()
  for (const one of node?.relations ?? []) {
    const range = as(one, 'RangeVar')
    const table = findRelation(catalogue, nameOf(range))
    if (table === undefined) continue
    for (const member of range?.inh === true ? family(catalogue, table) : [table]) all.add(member)
  }
  if (node?.behavior === 'DROP_CASCADE')
    for (const table of all)
      for (const { from } of referencing(catalogue, table))
        for (const one of family(catalogue, from)) all.add(one)
  return [...all]
}

function addRows(catalogue: Catalogue, node: Of<'InsertStmt'>): void {
  const table = findRelation(catalogue, nameOf(node.relation))
  if (table === undefined) return
  const count = rowsOf(catalogue, node.selectStmt)
  for (const target of targets(catalogue, table, node))
    target.rows = target.rows === undefined || count === undefined ? undefined : target.rows + count
}

/** The partitions that new rows may go to. */
export function targets(catalogue: Catalogue, table: Relation, node: Of<'InsertStmt'>): Relation[] {
  if (table.kind !== 'partitioned') return [table]
  const values = constants(table, node)
  const key = table.partitionKey?.columns[0]
  const value = values === undefined || key === undefined ? undefined : values.get(key)
  const below = children(catalogue, table)
  const single = table.partitionKey?.columns.length === 1 ? value : undefined
  const hit = single === undefined ? undefined : below.find(({ bound }) => holds(bound, single))
  const chosen =
    hit ?? (single === undefined ? undefined : below.find(({ bound }) => bound?.kind === 'default'))
  return (chosen === undefined ? below : [chosen]).flatMap((child) => targets(catalogue, child, node))
}

function holds(bound: Bound | undefined, value: string): boolean {
  if (bound?.kind === 'list') return bound.values.includes(value)
  if (bound?.kind !== 'range') return false
  const [from] = bound.from
  const [to] = bound.to
  const above = from === 'min' || (typeof from === 'object' && compare(from.value, value) <= 0)
  const below = to === 'max' || (typeof to === 'object' && compare(value, to.value) < 0)
  return above && below
}

/** Numbers as numbers, everything else as text, which is right for dates in ISO form. */
export function compare(left: string, right: string): number {
  const [a, b] = [Number(left), Number(right)]
  if (left.trim() !== '' && right.trim() !== '' && !Number.isNaN(a) && !Number.isNaN(b)) return a - b
  return left < right ? -1 : left > right ? 1 : 0
}

/** Values that are the same in every new row, by column. */
function constants(table: Relation, node: Of<'InsertStmt'>): Map<string, string> | undefined {
  const select = as(node.selectStmt, 'SelectStmt')
  const rows = select?.valuesLists ?? []
  if (rows.length > 1) return undefined
  const row =
    rows.length === 1
      ? as(rows[0], 'List')?.items
      : select?.targetList?.map((one) => as(one, 'ResTarget')?.val)
  const named = (node.cols ?? []).map((one) => as(one, 'ResTarget')?.name)
  const found = new Map<string, string>()
  for (const [at, value] of (row ?? []).entries()) {
    const name = named.length > 0 ? named[at] : table.columns[at]?.name
    const constant = literal(value)
    if (name !== undefined && constant !== undefined) found.set(name, constant)
  }
  return found
}

/** Rows that a query gives, where that is plain; undefined otherwise. */
export function rowsOf(catalogue: Catalogue, query: Node | undefined): number | undefined {
  const select = as(query, 'SelectStmt')
  if (select === undefined) return undefined
  if (select.valuesLists !== undefined) return select.valuesLists.length
  const sources = select.fromClause ?? []
  if (sources.length === 0) return series(select.targetList?.map((one) => as(one, 'ResTarget')?.val)) ?? 1
  if (sources.length > 1) return undefined
  const listed = as(sources[0], 'RangeFunction')?.functions?.flatMap((one) => as(one, 'List')?.items ?? [])
  if (listed !== undefined) return series(listed)
  if (select.whereClause !== undefined || select.groupClause !== undefined) return undefined
  const [only, other] = relationsIn(sources)
  if (only === undefined || other !== undefined) return undefined
  const table = findRelation(catalogue, nameOf(only))
  if (table === undefined || table.kind === 'view') return undefined
  const counts = family(catalogue, table).map(({ rows, kind }) => (kind === 'partitioned' ? 0 : rows))
  return counts.reduce<number | undefined>(
    (sum, rows) => (sum === undefined || rows === undefined ? undefined : sum + rows),
    0,
  )
}

function series(values: readonly (Node | undefined)[] | undefined): number | undefined {
  const call = (values ?? [])
    .flatMap((value) => as(value, 'FuncCall') ?? [])
    .find(({ funcname }) => text(funcname?.at(-1)) === 'generate_series')
  const [from, to] = (call?.args ?? []).map((value) => Number(literal(value)))
  return from === undefined || to === undefined || Number.isNaN(from + to)
    ? undefined
    : Math.max(0, to - from + 1)
}
