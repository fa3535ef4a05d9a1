import { as, type Of } from '../ast.ts'
import { assignable, unordered } from '../casts.ts'
import { column, dependentViews, findType, referencing } from '../catalogue/lookup.ts'
import type { Catalogue, Relation, TypeRef } from '../catalogue/model.ts'
import { isKnownType, resolve, typeRef } from '../catalogue/type-ref.ts'
import { provenNotNull } from '../proofs.ts'
import { typeChange } from '../type-change.ts'
import type { AlterContext } from './alter-table.ts'
import { rewriteAll } from './effects.ts'

export function setNotNull({ effects, table, members }: AlterContext, name: string): void {
  // What holds for the table holds below it: nothing is looked at again.
  const all = column(table, name)?.notNull === true ? [table] : members
  for (const member of all) {
    effects.lock(member, 'AccessExclusive')
    if (column(member, name)?.notNull !== true && !provenNotNull(member, name)) effects.scan(member)
  }
  if (table.unknown) effects.assume(`whether a valid CHECK proves ${name} IS NOT NULL is not known`)
}

export function setExpression({ effects, version, table, members }: AlterContext, cmd: Of<'AlterTableCmd'>) {
  if (version < 17) return effects.refuse('42601')
  for (const member of members) {
    effects.lock(member, 'AccessExclusive')
    if (column(table, cmd.name)?.generated?.stored !== false) rewriteAll(effects, member)
  }
}

export function changeType(at: AlterContext, cmd: Of<'AlterTableCmd'>) {
  const { catalogue, effects, table, members } = at
  const definition = as(cmd.def, 'ColumnDef')
  const name = cmd.name ?? ''
  if (definition === undefined) return
  const own = column(table, name)
  for (const member of members) effects.lock(member, 'AccessExclusive')
  if (own === undefined) {
    if (!table.unknown) return effects.refuse('42703')
    effects.assume(`the present type of ${name} is not known`)
    for (const member of members) rewriteAll(effects, member)
    return
  }
  const used = members.some(
    (member) =>
      dependentViews(catalogue, member, name).length > 0 ||
      member.columns.some(({ generated }) => generated?.uses.includes(name)) ||
      member.triggers.some(({ columns }) => columns.includes(name)),
  )
  if (used) return effects.refuse('0A000')
  // A key column of the partitioning, and a column that the parent rules over.
  const inherited =
    table.bound !== undefined || table.parents.some((parent) => column(parent, name) !== undefined)
  if (inherited || table.partitionKey?.columns.includes(name) === true) return effects.refuse('42P16')
  const to = typeRef(definition.typeName)
  if (!isKnownType(catalogue, to) && catalogue.complete) return effects.refuse('42704')
  const bases = [resolve(catalogue, own.type).base, resolve(catalogue, to).base] as const
  if (definition.raw_default === undefined && !sameFamily(catalogue, own.type, to) && !assignable(...bases))
    return effects.refuse('42804')
  const sorts = members.some(({ indexes }) =>
    indexes.some(({ method, columns }) => method === 'btree' && columns.includes(name)),
  )
  if (sorts && unordered.has(bases[1].name) && !bases[1].array) return effects.refuse('42704')
  if (breaksKey(at, name, bases[1].name)) return effects.refuse('42804')
  const change = typeChange(catalogue, own, definition)
  if (change.assumed !== undefined) effects.assume(change.assumed)
  for (const member of members) {
    if (change.rewrite) rewriteAll(effects, member)
    else {
      for (const index of member.indexes) {
        if (!index.uses.includes(name)) continue
        const key = index.columns.includes(name)
        if (!index.computed && index.valid && !(key && change.reindex)) continue
        effects.rebuild(member, index.name)
        effects.scan(member)
      }
      // A valid CHECK on the column is made again, and looks at every row again.
      if (
        member.constraints.some(
          (one) => one.kind === 'check' && one.validated && one.enforced && one.columns.includes(name),
        )
      )
        effects.scan(member)
    }
    foreignKeys(at, member, name, change.rewrite || change.reindex)
  }
}

/** A type of the catalogue's own casts to itself and nothing else is known of it. */
function sameFamily(catalogue: Catalogue, from: TypeRef, to: TypeRef): boolean {
  const named = findType(catalogue, resolve(catalogue, from).base)
  return named !== undefined && named === findType(catalogue, resolve(catalogue, to).base)
}

const whole = new Set(['int2', 'int4', 'int8'])

/** A referencing column must compare with its key without losing the index: numeric against bigint does not. */
function breaksKey({ catalogue, table }: AlterContext, name: string, to: string): boolean {
  return table.constraints.some(({ kind, columns, references }) => {
    const key = references?.columns[columns.indexOf(name)]
    const other = references === undefined ? undefined : column(references.table, key)
    if (kind !== 'foreign' || other === undefined || !columns.includes(name)) return false
    const target = resolve(catalogue, other.type).base.name
    const strings = ['text', 'varchar', 'bpchar']
    if (target === to || (whole.has(target) && whole.has(to))) return false
    return !(target === 'numeric' && whole.has(to)) && !(strings.includes(target) && strings.includes(to))
  })
}

/** Keys on either side are made again: both tables are locked, and read when the values are compared anew. */
function foreignKeys(
  { catalogue, effects }: AlterContext,
  member: Relation,
  name: string,
  anew: boolean,
): void {
  const own = member.constraints
    .filter((one) => one.kind === 'foreign' && one.columns.includes(name))
    .map((constraint) => ({ from: member, constraint }))
  const others = referencing(catalogue, member).filter(({ constraint }) =>
    constraint.references?.columns.includes(name),
  )
  for (const { from, constraint } of [...own, ...others]) {
    const to = constraint.references?.table
    effects.lock(from, 'AccessExclusive')
    effects.lock(to, 'AccessExclusive')
    if (!anew || !constraint.validated || !constraint.enforced) continue
    effects.scan(from)
    if (from.rows !== 0) effects.scan(to)
  }
}
