import { as, columnsIn, type Node, nameParts, type Of, relationsIn, text } from '../ast.ts'
import { addConstraint, addSequence, readBound, readColumn, readIndex } from './elements.ts'
import { rowsOf } from './follow-rows.ts'
import { children, column, currentSchema, findRelation, nameOf, relationOrStandIn } from './lookup.ts'
import { type Catalogue, type Column, newRelation, type Relation, type RelationKind } from './model.ts'

function place(
  catalogue: Catalogue,
  range: Of<'RangeVar'> | undefined,
): Pick<Relation, 'schema' | 'name' | 'persistence'> {
  const { schema, name } = nameOf(range)
  const temporary = range?.relpersistence === 't'
  return {
    schema: schema ?? (temporary ? 'pg_temp' : currentSchema(catalogue)),
    name,
    persistence: temporary ? 'temporary' : range?.relpersistence === 'u' ? 'unlogged' : 'permanent',
  }
}

export function createTable(catalogue: Catalogue, node: Of<'CreateStmt'>): void {
  const where = place(catalogue, node.relation)
  if (node.if_not_exists === true && findRelation(catalogue, where) !== undefined) return
  const key = node.partspec
  const table = newRelation({
    ...where,
    kind: key === undefined ? 'table' : 'partitioned',
    rows: 0,
    ofType: node.ofTypename === undefined ? undefined : nameParts(node.ofTypename.names).at(-1),
    partitionKey:
      key === undefined
        ? undefined
        : {
            strategy: String(key.strategy ?? ''),
            columns: (key.partParams ?? []).map((part) => as(part, 'PartitionElem')?.name),
          },
  })
  catalogue.relations.add(table)
  for (const parent of node.inhRelations ?? []) {
    const above = relationOrStandIn(catalogue, nameOf(as(parent, 'RangeVar')))
    if (above !== undefined) inherit(catalogue, table, above, node.partbound !== undefined)
  }
  if (node.partbound !== undefined) table.bound = readBound(node.partbound)
  for (const element of [...(node.tableElts ?? []), ...(node.constraints ?? [])])
    addElement(catalogue, table, element)
}

function addElement(catalogue: Catalogue, table: Relation, element: Node): void {
  const definition = as(element, 'ColumnDef')
  const constraint = as(element, 'Constraint')
  const like = as(element, 'TableLikeClause')
  if (definition !== undefined) {
    const made = readColumn(definition)
    if (column(table, made.column.name) === undefined) table.columns.push(made.column)
    if (made.sequence) addSequence(catalogue, table, made.column.name)
    for (const one of made.constraints) addConstraint(catalogue, table, one, made.column.name)
  }
  if (constraint !== undefined) addConstraint(catalogue, table, constraint)
  if (like !== undefined) {
    const source = findRelation(catalogue, nameOf(like.relation))
    // Bits of CREATE_TABLE_LIKE_…: defaults 8, constraints 4, indexes 64 (parsenodes.h).
    const options = like.options ?? 0
    for (const one of source?.columns ?? [])
      table.columns.push({ ...one, default: (options & 8) === 0 ? undefined : one.default })
    if ((options & 4) !== 0)
      table.constraints.push(...(source?.constraints ?? []).filter(({ kind }) => kind === 'check'))
    if ((options & 64) !== 0)
      for (const index of source?.indexes ?? [])
        table.indexes.push({
          ...index,
          name: index.name.replace(source?.name ?? '', table.name),
          parent: undefined,
        })
  }
}

/** Columns, checks and, for a partition, indexes and foreign keys of the parent. */
export function inherit(catalogue: Catalogue, table: Relation, parent: Relation, partition: boolean): void {
  table.parents.push(parent)
  for (const one of parent.columns) if (column(table, one.name) === undefined) table.columns.push({ ...one })
  for (const one of parent.constraints)
    if (one.kind === 'check' ? !one.noInherit : partition && one.kind === 'foreign')
      if (!table.constraints.some(({ name }) => name === one.name)) table.constraints.push({ ...one })
  if (!partition) return
  for (const index of parent.indexes) {
    const same = table.indexes.find(
      (own) =>
        own.parent === undefined &&
        own.unique === index.unique &&
        own.columns.join() === index.columns.join(),
    )
    if (same !== undefined) same.parent = index.name
    else addPartitionIndex(catalogue, table, parent, index)
  }
}

function addPartitionIndex(
  catalogue: Catalogue,
  table: Relation,
  parent: Relation,
  index: Relation['indexes'][number],
): void {
  const suffix = index.primary ? 'pkey' : index.constraint === undefined ? 'idx' : 'key'
  const stem = index.primary
    ? table.name
    : [table.name, ...index.columns.map((key) => key ?? 'expr')].join('_')
  const name = `${stem}_${suffix}`
  const constraint = index.constraint === undefined ? undefined : name
  table.indexes.push({ ...index, name, constraint, parent: index.name })
  const source = parent.constraints.find((one) => one.name === index.constraint)
  if (source !== undefined) table.constraints.push({ ...source, name })
  for (const child of children(catalogue, table))
    addPartitionIndex(catalogue, child, table, { ...index, name })
}

export function createIndex(catalogue: Catalogue, node: Of<'IndexStmt'>): void {
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return
  const index = readIndex(table, node)
  if (table.indexes.some(({ name }) => name === index.name)) return
  table.indexes.push(index)
  if (table.kind !== 'partitioned' || node.relation?.inh !== true) return
  for (const child of children(catalogue, table)) addPartitionIndex(catalogue, child, table, index)
}

export function createTableAs(catalogue: Catalogue, node: Of<'CreateTableAsStmt'>): void {
  const into = node.into
  const where = place(catalogue, into?.rel)
  if (node.if_not_exists === true && findRelation(catalogue, where) !== undefined) return
  const view = node.objtype === 'OBJECT_MATVIEW'
  const populated = into?.skipData !== true
  const relation = newRelation({
    ...where,
    kind: view ? 'matview' : 'table',
    populated,
    rows: populated ? rowsOf(catalogue, node.query) : 0,
  })
  relation.columns = outputColumns(catalogue, node.query, into?.colNames)
  if (view) setReads(catalogue, relation, node.query)
  catalogue.relations.add(relation)
}

export function createView(catalogue: Catalogue, node: Of<'ViewStmt'>): void {
  const where = place(catalogue, node.view)
  const known = findRelation(catalogue, where)
  const view = known ?? newRelation({ ...where, kind: 'view' satisfies RelationKind })
  view.columns = outputColumns(catalogue, node.query, node.aliases)
  view.reads = []
  view.readsColumns = new Map()
  setReads(catalogue, view, node.query)
  catalogue.relations.add(view)
}

/** Which columns of which relations a view needs: by name, so `*` and doubtful names count for every relation. */
function setReads(catalogue: Catalogue, view: Relation, query: unknown): void {
  view.reads = relationsIn(query).flatMap((range) => relationOrStandIn(catalogue, nameOf(range)) ?? [])
  const names = columnsIn(query)
  for (const read of view.reads) {
    const all = read.columns.map(({ name }) => name)
    const used = names.has('*') || read.unknown ? [...all, ...names] : all.filter((name) => names.has(name))
    view.readsColumns.set(read, new Set(used))
  }
}

function outputColumns(
  catalogue: Catalogue,
  query: Node | undefined,
  aliases: readonly Node[] | undefined,
): Column[] {
  const select = as(query, 'SelectStmt')
  const sources = relationsIn(query).flatMap((range) => findRelation(catalogue, nameOf(range)) ?? [])
  const listed = select?.targetList ?? select?.larg?.targetList ?? []
  const made = listed.flatMap((target): Column[] => {
    const value = as(target, 'ResTarget')
    const last = as(value?.val, 'ColumnRef')?.fields?.at(-1)
    if (last !== undefined && 'A_Star' in last)
      return sources.flatMap(({ columns }) => columns.map((one) => ({ ...one })))
    const name = value?.name ?? text(last) ?? 'column'
    const known = sources.flatMap((source) => column(source, text(last)) ?? [])[0]
    const type = known?.type ?? { name: 'unknown', typmods: [], array: false }
    return [{ name, type, notNull: false }]
  })
  return made.map((one, at) => ({
    name: text(aliases?.[at]) ?? one.name,
    type: one.type,
    collation: one.collation,
    notNull: false,
  }))
}
