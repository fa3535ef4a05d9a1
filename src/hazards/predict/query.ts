/** SELECT, INSERT, UPDATE, DELETE, MERGE, COPY: what they lock and what they read. */
import { as, isNull, type Node, type Of, type RangeVar, relationsIn, walk } from '../ast.ts'
import { rowsOf, targets } from '../catalogue/follow-rows.ts'
import { nameOf, referencing, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Catalogue, Constraint, Relation } from '../catalogue/model.ts'
import type { LockMode } from '../types.ts'
import type { Effects } from './effects.ts'
import { fewRows, isIndexed, membersRead, whereParts } from './plan.ts'

/** Parsing and storing a query locks what it names and reads nothing: views, rules, policies, functions in SQL. */
export function analysed(catalogue: Catalogue, effects: Effects, query: unknown): void {
  for (const range of relationsIn(query))
    effects.lock(relationOrStandIn(catalogue, nameOf(range)), 'AccessShare')
  walk({ Root: query }, (kind, node) => {
    if (!['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].includes(kind)) return
    effects.lock(relationOrStandIn(catalogue, nameOf(node.relation as RangeVar | undefined)), 'RowExclusive')
  })
}

export interface Reading {
  /** EXPLAIN, PREPARE and cursors plan a query and do not run it. */
  readonly run: boolean
}

export function executed(
  catalogue: Catalogue,
  effects: Effects,
  query: Node | undefined,
  how: Reading = { run: true },
): void {
  if (query === undefined) return
  const into = as(query, 'InsertStmt')
  const update = as(query, 'UpdateStmt')
  const remove = as(query, 'DeleteStmt')
  const merge = as(query, 'MergeStmt')
  walk({ Root: query }, (kind, node) => {
    if (kind === 'CommonTableExpr') {
      const inner = node.ctequery as Node
      if (as(inner, 'SelectStmt') === undefined) executed(catalogue, effects, inner, how)
    }
  })
  const target = into?.relation ?? update?.relation ?? remove?.relation ?? merge?.relation
  const select = as(query, 'SelectStmt')
  const sources = relationsIn(query).filter((range) => range !== target && range !== select?.intoClause?.rel)
  const conditions = whereParts(query)
  const locking = select?.lockingClause
  for (const range of sources) {
    const mode = isLocked(locking, range) ? 'RowShare' : 'AccessShare'
    readRelation(catalogue, effects, range, mode, conditions, query, how)
  }
  if (into !== undefined) inserted(catalogue, effects, into)
  if (update !== undefined) changed(catalogue, effects, update.relation, conditions, query, how, update)
  if (remove !== undefined) changed(catalogue, effects, remove.relation, conditions, query, how)
  if (merge !== undefined) changed(catalogue, effects, merge.relation, [], query, how)
}

function isLocked(clauses: readonly Node[] | undefined, range: RangeVar): boolean {
  return (clauses ?? []).some((clause) => {
    const named = as(clause, 'LockingClause')?.lockedRels
    const own = range.alias?.aliasname ?? range.relname
    return named === undefined || named.some((one) => as(one, 'RangeVar')?.relname === own)
  })
}

function readRelation(
  catalogue: Catalogue,
  effects: Effects,
  range: RangeVar,
  mode: LockMode,
  conditions: readonly Node[],
  query: Node,
  how: Reading,
) {
  const relation = relationOrStandIn(catalogue, nameOf(range))
  if (relation === undefined) return isSystem(range) ? undefined : effects.refuse('42P01')
  for (const member of membersRead(catalogue, relation, range.inh === true, conditions)) {
    effects.lock(member, mode)
    if (how.run && !isIndexed(member, conditions, query)) effects.scan(member)
    if (member.kind === 'view')
      for (const below of readBelow(member)) {
        effects.lock(below, mode)
        if (how.run && !isIndexed(below, conditions, query)) effects.scan(below)
      }
  }
}

/** The server's own catalogues: in no snapshot, and locked by nobody's traffic. */
function isSystem({ schemaname, relname }: RangeVar): boolean {
  return schemaname === undefined
    ? /^pg_/.test(relname ?? '')
    : schemaname === 'pg_catalog' || schemaname === 'information_schema'
}

/** What a view reads, through views below it. */
export function readBelow(view: Relation): Relation[] {
  return view.reads.flatMap((below) => (below.kind === 'view' ? [below, ...readBelow(below)] : [below]))
}

function inserted(catalogue: Catalogue, effects: Effects, node: Of<'InsertStmt'>) {
  const relation = relationOrStandIn(catalogue, nameOf(node.relation))
  if (relation === undefined) return effects.refuse('42P01')
  if (relation.kind === 'matview') return effects.refuse('42809')
  effects.lock(relation, 'RowExclusive')
  const base = relation.kind === 'view' ? writable(effects, relation) : relation
  if (rowsOf(catalogue, node.selectStmt) === 0) return
  for (const target of targets(catalogue, base, node)) {
    effects.lock(target, 'RowExclusive')
    const written = columnsWritten(target, node)
    for (const key of target.constraints)
      if (checksParent(key) && key.columns.some((name) => written.has(name))) parentRead(effects, key)
  }
}

function writable(effects: Effects, view: Relation): Relation {
  const [below] = view.reads
  if (below === undefined) return view
  effects.lock(below, 'RowExclusive')
  return below.kind === 'view' ? writable(effects, below) : below
}

function checksParent(key: Constraint): boolean {
  return key.kind === 'foreign' && key.enforced
}

/** A row is looked up with FOR KEY SHARE; a small table is read whole for it. */
function parentRead(effects: Effects, key: Constraint): void {
  const parent = key.references?.table
  effects.lock(parent, 'RowShare')
  if (parent?.rows !== undefined && parent.rows <= fewRows) effects.scan(parent)
}

/** Columns that get a value which is not null. */
function columnsWritten(table: Relation, node: Of<'InsertStmt'>): Set<string> {
  const named = (node.cols ?? []).flatMap((one) => as(one, 'ResTarget')?.name ?? [])
  const columns = named.length > 0 ? named : table.columns.map(({ name }) => name)
  const select = as(node.selectStmt, 'SelectStmt')
  const rows = (select?.valuesLists ?? []).map((row) => as(row, 'List')?.items ?? [])
  const width = rows[0]?.length ?? select?.targetList?.length ?? columns.length
  const given = columns.slice(
    0,
    select?.targetList?.length === 1 && named.length === 0 ? columns.length : width,
  )
  return new Set(given.filter((_, at) => rows.length === 0 || rows.some((row) => !isNull(row[at]))))
}

function changed(
  catalogue: Catalogue,
  effects: Effects,
  range: RangeVar | undefined,
  conditions: readonly Node[],
  query: Node,
  how: Reading,
  update?: Of<'UpdateStmt'>,
) {
  const relation = relationOrStandIn(catalogue, nameOf(range))
  if (relation === undefined) return effects.refuse('42P01')
  effects.lock(relation, 'RowExclusive')
  const base = relation.kind === 'view' ? writable(effects, relation) : relation
  const replaced = update === undefined && base.rules.length > 0
  if (replaced) return
  if (needsIdentity(catalogue, base)) return effects.refuse('55000')
  const assigned = (update?.targetList ?? []).flatMap((one) => as(one, 'ResTarget') ?? [])
  const set = new Set(assigned.flatMap(({ name }) => name ?? []))
  const nulled = new Set(assigned.flatMap(({ name, val }) => (isNull(val) ? (name ?? []) : [])))
  for (const member of membersRead(catalogue, base, range?.inh === true, conditions)) {
    effects.lock(member, 'RowExclusive')
    if (!how.run || member.kind === 'partitioned') continue
    if (!isIndexed(member, conditions, query)) effects.scan(member)
    if (member.rows === 0) continue
    if (update !== undefined)
      for (const key of member.constraints)
        if (checksParent(key) && key.columns.some((name) => set.has(name) && !nulled.has(name)))
          parentRead(effects, key)
    if (as(query, 'MergeStmt') === undefined)
      childrenRead(catalogue, effects, member, update === undefined ? undefined : set)
  }
}

/** A published table without a key refuses UPDATE and DELETE. */
function needsIdentity(catalogue: Catalogue, table: Relation): boolean {
  const published = [...catalogue.publications.values()].some((tables) => tables.has(table))
  return published && table.replicaIdentity === 'default' && !table.indexes.some(({ primary }) => primary)
}

/** Rows that point to a row which goes away, or whose key changes, are looked for in the table that has the key. */
function childrenRead(
  catalogue: Catalogue,
  effects: Effects,
  parent: Relation,
  set: ReadonlySet<string> | undefined,
): void {
  for (const { from, constraint } of referencing(catalogue, parent)) {
    const hit = set === undefined || constraint.references?.columns.some((name) => set.has(name)) === true
    if (!hit || !constraint.enforced) continue
    const acts = set === undefined && constraint.onDelete !== 'a' && constraint.onDelete !== 'r'
    effects.lock(from, acts ? 'RowExclusive' : 'RowShare')
    const supported = from.indexes.some(({ columns }) => columns[0] === constraint.columns[0])
    if (!supported || (from.rows !== undefined && from.rows <= fewRows)) effects.scan(from)
  }
}

export function copied(catalogue: Catalogue, effects: Effects, node: Of<'CopyStmt'>) {
  if (node.query !== undefined) return executed(catalogue, effects, node.query)
  const relation = relationOrStandIn(catalogue, nameOf(node.relation))
  if (relation === undefined) return effects.refuse('42P01')
  effects.lock(relation, node.is_from === true ? 'RowExclusive' : 'AccessShare')
  if (node.is_from !== true) effects.scan(relation)
}
