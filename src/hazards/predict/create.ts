import { as, type Node, nameParts, type Of, walk } from '../ast.ts'
import {
  family,
  findRelation,
  findType,
  nameFrom,
  nameFromNode,
  nameOf,
  relationOrStandIn,
} from '../catalogue/lookup.ts'
import type { Catalogue, TypeRef } from '../catalogue/model.ts'
import type { Effects } from './effects.ts'
import { createPartition } from './partitions.ts'
import { analysed, executed } from './query.ts'

export function createTable(catalogue: Catalogue, effects: Effects, node: Of<'CreateStmt'>) {
  const exists = findRelation(catalogue, nameOf(node.relation)) !== undefined
  if (exists && node.relation?.relpersistence !== 't') {
    if (node.if_not_exists !== true) effects.refuse('42P07')
    return
  }
  walk(node.tableElts, (kind, part) => {
    if (kind === 'Constraint' && part.contype === 'CONSTR_FOREIGN') {
      const target = relationOrStandIn(catalogue, nameOf(part.pktable as Of<'RangeVar'>))
      if (target !== undefined)
        for (const member of target.kind === 'partitioned' ? family(catalogue, target) : [target])
          effects.lock(member, 'ShareRowExclusive')
    }
    if (kind === 'TableLikeClause')
      effects.lock(relationOrStandIn(catalogue, nameOf(part.relation as Of<'RangeVar'>)), 'AccessShare')
  })
  if (node.partbound !== undefined) return createPartition(catalogue, effects, node)
  for (const parent of node.inhRelations ?? []) {
    const above = relationOrStandIn(catalogue, nameOf(as(parent, 'RangeVar')))
    if (above === undefined) return effects.refuse('42P01')
    effects.lock(above, 'ShareUpdateExclusive')
  }
}

export function createTableAs(catalogue: Catalogue, effects: Effects, node: Of<'CreateTableAsStmt'>): void {
  if (findRelation(catalogue, nameOf(node.into?.rel)) !== undefined) {
    if (node.if_not_exists !== true) effects.refuse('42P07')
    return
  }
  if (node.into?.skipData === true) analysed(catalogue, effects, node.query)
  else executed(catalogue, effects, node.query)
}

export function createView(catalogue: Catalogue, effects: Effects, node: Of<'ViewStmt'>) {
  const known = findRelation(catalogue, nameOf(node.view))
  if (known !== undefined && node.replace !== true) return effects.refuse('42P07')
  if (known !== undefined) effects.lock(known, 'AccessExclusive')
  analysed(catalogue, effects, node.query)
}

export function createIndex(catalogue: Catalogue, effects: Effects, node: Of<'IndexStmt'>) {
  if (node.concurrent === true) return effects.refuse('25001')
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return effects.refuse('42P01')
  if (table.kind === 'view') return effects.refuse('42809')
  const exists = table.indexes.some(({ name }) => name === node.idxname)
  if (exists && node.if_not_exists !== true) return effects.refuse('42P07')
  const partitions = table.kind === 'partitioned' && node.relation?.inh === true
  for (const member of partitions ? family(catalogue, table) : [table]) {
    effects.lock(member, 'Share')
    if (!exists) effects.scan(member)
  }
}

export function createTrigger(catalogue: Catalogue, effects: Effects, node: Of<'CreateTrigStmt'>) {
  const table = relationOrStandIn(catalogue, nameOf(node.relation))
  if (table === undefined) return effects.refuse('42P01')
  const below = table.kind === 'partitioned' && node.row === true
  for (const member of below ? family(catalogue, table) : [table]) effects.lock(member, 'ShareRowExclusive')
  if (node.constrrel !== undefined)
    effects.lock(relationOrStandIn(catalogue, nameOf(node.constrrel)), 'AccessShare')
}

export function createRule(catalogue: Catalogue, effects: Effects, node: Of<'RuleStmt'>): void {
  analysed(catalogue, effects, node.actions)
  effects.lock(relationOrStandIn(catalogue, nameOf(node.relation)), 'AccessExclusive')
}

export function createFunction(
  catalogue: Catalogue,
  effects: Effects,
  node: Of<'CreateFunctionStmt'>,
  inner: readonly Node[],
): void {
  const language = (node.options ?? [])
    .flatMap((one) => as(one, 'DefElem') ?? [])
    .find(({ defname }) => defname === 'language')
  const words = nameParts(language?.arg)
  // The body of a function in SQL is analysed when it is created, that of one in PL/pgSQL only parsed.
  if (words[0]?.toLowerCase() === 'sql' || node.sql_body !== undefined)
    analysed(catalogue, effects, [node.sql_body, inner])
}

export function alterDomain(catalogue: Catalogue, effects: Effects, node: Of<'AlterDomainStmt'>) {
  const name = nameFromNode(node.typeName)
  const domain = findType(catalogue, name)
  if (domain === undefined && catalogue.complete) return effects.refuse('42704')
  const checked =
    node.subtype === 'O' ||
    node.subtype === 'V' ||
    (node.subtype === 'C' && as(node.def, 'Constraint')?.skip_validation !== true)
  if (!checked) return
  if (domain === undefined)
    return effects.assume(
      `tables with a column of domain ${name.name} are not known; each is locked and read`,
    )
  if (node.subtype === 'O' && domain.notNull) return
  for (const relation of catalogue.relations) {
    const uses = relation.columns.some(({ type }) => !type.array && usesDomain(catalogue, type, domain.name))
    if (!uses || relation.kind === 'view' || relation.kind === 'sequence') continue
    effects.lock(relation, 'Share')
    effects.scan(relation)
  }
}

/** The domain itself, or one over it. */
function usesDomain(catalogue: Catalogue, type: TypeRef, name: string): boolean {
  const own = findType(catalogue, type)
  if (own?.kind !== 'domain') return false
  return own.name === name || (own.base !== undefined && usesDomain(catalogue, own.base, name))
}

export function sequenceOwner(
  catalogue: Catalogue,
  effects: Effects,
  options: readonly Node[] | undefined,
): void {
  const owned = (options ?? [])
    .flatMap((one) => as(one, 'DefElem') ?? [])
    .find(({ defname }) => defname === 'owned_by')
  const parts = nameParts(owned?.arg)
  if (parts.length > 1)
    effects.lock(relationOrStandIn(catalogue, nameFrom(parts.slice(0, -1))), 'AccessShare')
}
