import { as, type Of } from '../ast.ts'
import { readBound } from '../catalogue/elements.ts'
import { children, defaultPartition, family, nameOf, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Bound, Catalogue, Relation } from '../catalogue/model.ts'
import { provenInside, provenOutside } from '../proofs.ts'
import type { AlterContext } from './alter-table.ts'
import type { Effects } from './effects.ts'

export function attachPartition({ catalogue, effects, table }: AlterContext, cmd: Of<'AlterTableCmd'>) {
  const partition = as(cmd.def, 'PartitionCmd')
  const child = relationOrStandIn(catalogue, nameOf(partition?.name))
  if (child === undefined || partition?.bound === undefined) return effects.refuse('42P01')
  const bound = readBound(partition.bound)
  if (bound.kind === 'default' && defaultPartition(catalogue, table) !== undefined)
    return effects.refuse('42P17')
  if (!table.unknown && !child.unknown && names(table) !== names(child)) return effects.refuse('42804')
  effects.lock(table, 'ShareUpdateExclusive')
  for (const member of family(catalogue, child)) {
    effects.lock(member, 'AccessExclusive')
    if (!provenInside(member, table.partitionKey, bound) && !isOnlyDefault(catalogue, table, bound))
      effects.scan(member)
    // Indexes of the parent that the child lacks are built.
    for (const index of table.indexes)
      if (
        !member.indexes.some(
          (own) => own.columns.join() === index.columns.join() && own.unique === index.unique,
        )
      )
        effects.scan(member)
  }
  for (const key of table.constraints)
    if (key.kind === 'foreign') effects.lock(key.references?.table, 'ShareRowExclusive')
  if (table.unknown)
    effects.assume('whether there is a DEFAULT partition, which is locked and read, is not known')
  checkDefault(catalogue, effects, table, bound)
}

function names(relation: Relation): string {
  return relation.columns
    .map(({ name }) => name)
    .sort()
    .join()
}

/** A DEFAULT partition that stands alone takes every row. */
function isOnlyDefault(catalogue: Catalogue, parent: Relation, bound: Bound): boolean {
  return bound.kind === 'default' && children(catalogue, parent).length === 0
}

/** The default partition must hold no row of the new one: it is locked, and read unless a CHECK proves it. */
function checkDefault(catalogue: Catalogue, effects: Effects, parent: Relation, bound: Bound): void {
  const rest = defaultPartition(catalogue, parent)
  if (rest === undefined || bound.kind === 'default') return
  for (const member of family(catalogue, rest)) {
    effects.lock(member, 'AccessExclusive')
    if (!provenOutside(member, parent.partitionKey, bound)) effects.scan(member)
  }
}

export function detachPartition({ catalogue, effects, table }: AlterContext, cmd: Of<'AlterTableCmd'>) {
  const partition = as(cmd.def, 'PartitionCmd')
  if (partition?.concurrent === true) return effects.refuse('25001')
  const child = relationOrStandIn(catalogue, nameOf(partition?.name))
  if (child === undefined) return effects.refuse('42P01')
  const finalize = cmd.subtype === 'AT_DetachPartitionFinalize'
  const known = !table.unknown && !child.unknown
  if (known && !child.parents.includes(table)) return effects.refuse('42P01')
  // Nothing in a catalogue tells a detach that was broken off; followed from SQL there is none.
  if (finalize && known) return effects.refuse('55000')
  effects.lock(table, finalize ? 'ShareUpdateExclusive' : 'AccessExclusive')
  for (const member of family(catalogue, child)) effects.lock(member, 'AccessExclusive')
  effects.lock(defaultPartition(catalogue, table), 'AccessExclusive')
  for (const key of table.constraints)
    if (key.kind === 'foreign') effects.lock(key.references?.table, 'ShareRowExclusive')
}

export function createPartition(catalogue: Catalogue, effects: Effects, node: Of<'CreateStmt'>) {
  const parent = relationOrStandIn(catalogue, nameOf(as(node.inhRelations?.[0], 'RangeVar')))
  if (parent === undefined || node.partbound === undefined) return effects.refuse('42P01')
  if (parent.unknown)
    effects.assume('whether there is a DEFAULT partition, which is locked and read, is not known')
  effects.lock(parent, 'AccessExclusive')
  for (const key of parent.constraints)
    if (key.kind === 'foreign') effects.lock(key.references?.table, 'ShareRowExclusive')
  checkDefault(catalogue, effects, parent, readBound(node.partbound))
}
