import { type Of, text } from '../ast.ts'
import { column, family, nameOf, referencing, relationOrStandIn } from '../catalogue/lookup.ts'
import type { Constraint, Relation } from '../catalogue/model.ts'
import { provenNotNull } from '../proofs.ts'
import type { AlterContext } from './alter-table.ts'
import type { Effects } from './effects.ts'

export function addConstraint(at: AlterContext, node: Of<'Constraint'>) {
  const { effects, version, table, members, catalogue } = at
  const unforced = node.is_enforced === false
  const checked = node.skip_validation !== true
  switch (node.contype) {
    case 'CONSTR_CHECK':
      if (unforcedBefore18(at, node)) return
      if (node.is_no_inherit === true && table.kind === 'partitioned') return effects.refuse('42P16')
      for (const member of node.is_no_inherit === true && version < 18 ? [table] : members)
        effects.lock(member, 'AccessExclusive')
      for (const member of node.is_no_inherit === true ? [table] : members)
        if (checked && !unforced) effects.scan(member)
      return
    case 'CONSTR_NOTNULL': {
      if (version < 18) return effects.refuse('42601')
      const name = text(node.keys?.[0]) ?? ''
      for (const member of members) {
        effects.lock(member, 'AccessExclusive')
        if (checked && column(member, name)?.notNull !== true && !provenNotNull(member, name))
          effects.scan(member)
      }
      return
    }
    case 'CONSTR_FOREIGN': {
      if (unforcedBefore18(at, node)) return
      if (!checked && table.kind === 'partitioned' && version < 18) return effects.refuse('42809')
      const parent = relationOrStandIn(catalogue, nameOf(node.pktable))
      if (parent === undefined) return effects.refuse('42P01')
      const target = (node.pk_attrs ?? []).flatMap((key) => text(key) ?? [])
      const unique = parent.indexes.some(({ unique: one, partial, columns, primary }) =>
        target.length === 0
          ? primary
          : one && !partial && [...columns].sort().join() === [...target].sort().join(),
      )
      if (!unique && !parent.unknown) return effects.refuse('42830')
      const partitions = table.kind === 'partitioned' ? members : [table]
      for (const member of partitions) {
        effects.lock(member, 'ShareRowExclusive')
        if (checked && !unforced) scanKey(effects, member, isNew(at, node) ? undefined : parent)
      }
      for (const member of parent.kind === 'partitioned' ? family(catalogue, parent) : [parent])
        effects.lock(member, 'ShareRowExclusive')
      return
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      return addIndexed(at, node)
    default:
      effects.lock(table, 'AccessExclusive')
  }
}

/** The columns came with this very statement: all null, so no row has to be looked up in the other table. */
function isNew({ added }: AlterContext, node: Of<'Constraint'>): boolean {
  return (node.fk_attrs ?? []).every((key) => added.has(text(key) ?? ''))
}

/** NOT ENFORCED is syntax of 18. */
function unforcedBefore18({ effects, version }: AlterContext, node: Of<'Constraint'>): boolean {
  const refused = node.is_enforced === false && version < 18
  if (refused) effects.refuse('42601')
  return refused
}

function addIndexed({ effects, version, table, members }: AlterContext, node: Of<'Constraint'>): void {
  const primary = node.contype === 'CONSTR_PRIMARY'
  const ready = table.indexes.find(({ name }) => name === node.indexname)
  const keys = ready?.columns ?? (node.keys ?? []).map((key) => text(key))
  const nullable = (member: Relation) =>
    keys.some((key) => key !== undefined && column(member, key)?.notNull !== true)
  const provable = (member: Relation) =>
    keys.every(
      (key) => key === undefined || column(member, key)?.notNull === true || provenNotNull(member, key),
    )
  // An index on a partitioned table takes Share on partitions; 18 and NOT NULL take the lock of ALTER TABLE.
  const below = version >= 18 || (primary && nullable(table)) ? 'AccessExclusive' : 'Share'
  effects.lock(table, 'AccessExclusive')
  for (const member of table.kind === 'partitioned' ? members : [table]) {
    if (member !== table) effects.lock(member, below)
    if (node.indexname === undefined) effects.scan(member)
    else if (primary && (member.unknown || !provable(member))) effects.scan(member)
  }
  if (primary && nullable(table) && table.kind !== 'partitioned')
    for (const member of members) if (member !== table) effects.lock(member, 'AccessExclusive')
  if (table.unknown && node.indexname !== undefined && primary)
    effects.assume('whether the columns of the index are NOT NULL is not known')
}

/**
 * The check joins both tables. The referenced one is read whole unless far fewer rows have to be looked up in it by
 * its index (ri_triggers.c, RI_Initial_Check).
 */
export function scanKey(effects: Effects, from: Relation, to: Relation | undefined): void {
  effects.scan(from)
  if (to === undefined || from.rows === 0) return
  if (from.rows !== undefined && to.rows !== undefined && from.rows < to.rows) return
  effects.scan(to)
}

export function validateConstraint(
  { catalogue, effects, version, table, members }: AlterContext,
  name: string,
) {
  const own = table.constraints.find((one) => one.name === name)
  effects.lock(table, 'ShareUpdateExclusive')
  if (own === undefined) {
    if (!table.unknown) return effects.refuse('42704')
    effects.assume(`constraint ${name} is not known; a foreign key also locks its other table`)
    return effects.scan(table)
  }
  if (own.validated) return
  if (own.kind === 'foreign') {
    const to = own.references?.table
    for (const member of version >= 18 && table.kind === 'partitioned' ? family(catalogue, table) : [table]) {
      if (member !== table) effects.lock(member, 'ShareUpdateExclusive')
      scanKey(effects, member, to)
    }
    return effects.lock(to, 'RowShare')
  }
  for (const member of own.noInherit ? [table] : members) {
    effects.lock(member, 'ShareUpdateExclusive')
    effects.scan(member)
  }
}

export function alterConstraint({ effects, table }: AlterContext): void {
  effects.lock(table, 'AccessExclusive')
}

export function dropConstraint(at: AlterContext, cmd: Of<'AlterTableCmd'>) {
  const { effects, table, members, catalogue } = at
  const own = table.constraints.find((one) => one.name === cmd.name)
  for (const member of members) effects.lock(member, 'AccessExclusive')
  if (own === undefined) {
    if (table.unknown)
      effects.assume(`constraint ${cmd.name} is not known; a foreign key also locks its other table`)
    else if (cmd.missing_ok !== true) effects.refuse('42704')
    return
  }
  effects.lock(own.references?.table, 'AccessExclusive')
  const held = keysOn(at, own)
  if (held.length > 0 && cmd.behavior !== 'DROP_CASCADE') return effects.refuse('2BP01')
  for (const { from } of held)
    for (const member of family(catalogue, from)) effects.lock(member, 'AccessExclusive')
}

/** Foreign keys that stand on a unique or primary key. */
function keysOn({ catalogue, table }: AlterContext, own: Constraint) {
  if (own.kind !== 'primary' && own.kind !== 'unique') return []
  return referencing(catalogue, table).filter(
    ({ constraint }) => constraint.references?.columns.join() === own.columns.join(),
  )
}
