import { as, functionsIn, type Node, nameParts, type Of, walk } from '../ast.ts'
import {
  column,
  defaultPartition,
  dependentViews,
  family,
  findIndex,
  findRelation,
  findType,
  nameFrom,
  referencing,
  relationOrStandIn,
} from '../catalogue/lookup.ts'
import type { Catalogue, Relation } from '../catalogue/model.ts'
import { namedType } from '../catalogue/type-ref.ts'
import type { Effects } from './effects.ts'

export function dropped(catalogue: Catalogue, effects: Effects, node: Of<'DropStmt'>) {
  if (node.concurrent === true) return effects.refuse('25001')
  const cascade = node.behavior === 'DROP_CASCADE'
  const together = new Set(
    (node.objects ?? []).flatMap((object) => findRelation(catalogue, nameFrom(nameParts(object))) ?? []),
  )
  for (const object of node.objects ?? []) drop(catalogue, effects, node, object, cascade, together)
}

function drop(
  catalogue: Catalogue,
  effects: Effects,
  node: Of<'DropStmt'>,
  object: Node,
  cascade: boolean,
  together: ReadonlySet<Relation>,
) {
  const parts = nameParts(object)
  const missing = (code: string) => {
    if (node.missing_ok !== true && catalogue.complete) effects.refuse(code)
  }
  switch (node.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE': {
      const relation = relationOrStandIn(catalogue, nameFrom(parts))
      if (relation !== undefined && !isKind(relation, node.removeType)) return effects.refuse('42809')
      return relation === undefined
        ? missing('42P01')
        : relationDropped(catalogue, effects, relation, cascade, together)
    }
    case 'OBJECT_SEQUENCE': {
      const name = parts.at(-1) ?? ''
      const users = [...catalogue.relations].filter(({ columns }) =>
        columns.some((one) => functionsIn(one.default).includes('nextval') && mentions(one.default, name)),
      )
      if (users.length > 0 && !cascade) return effects.refuse('2BP01')
      for (const user of users) effects.lock(user, 'AccessExclusive')
      return
    }
    case 'OBJECT_INDEX': {
      const found = findIndex(catalogue, nameFrom(parts))
      if (found === undefined) {
        if (!catalogue.complete) effects.assume(`the table of index ${parts.join('.')} is not known`)
        return missing('42704')
      }
      if (found.index.constraint !== undefined) return effects.refuse('2BP01')
      for (const member of family(catalogue, found.table)) {
        const below = member === found.table || member.indexes.some(({ parent }) => parent !== undefined)
        if (below) effects.lock(member, 'AccessExclusive')
      }
      return
    }
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return partDropped(catalogue, effects, node, parts)
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return typeDropped(catalogue, effects, nameParts(as(object, 'TypeName')?.names), cascade)
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE': {
      const users = [...catalogue.relations].filter(({ triggers }) =>
        triggers.some((one) => one.function === parts.at(-1)),
      )
      if (users.length > 0 && !cascade) return effects.refuse('2BP01')
      for (const user of users) effects.lock(user, 'AccessExclusive')
      return
    }
    case 'OBJECT_SCHEMA': {
      const inside = [...catalogue.relations].filter(({ schema }) => schema === parts[0])
      if (inside.length > 0 && !cascade) return effects.refuse('2BP01')
      for (const relation of inside) relationDropped(catalogue, effects, relation, true, together)
      return
    }
    case 'OBJECT_STATISTIC_EXT':
      for (const relation of catalogue.relations)
        if (relation.statistics.some(({ name }) => name === parts.at(-1)))
          effects.lock(relation, 'ShareUpdateExclusive')
  }
}

function isKind({ kind, unknown }: Relation, type: string | undefined): boolean {
  if (unknown) return true
  if (type === 'OBJECT_TABLE') return kind === 'table' || kind === 'partitioned'
  return (
    type ===
    {
      view: 'OBJECT_VIEW',
      matview: 'OBJECT_MATVIEW',
      foreign: 'OBJECT_FOREIGN_TABLE',
      sequence: 'OBJECT_SEQUENCE',
      table: '',
      partitioned: '',
    }[kind]
  )
}

function mentions(expression: Node | undefined, name: string): boolean {
  let found = false
  walk({ Root: expression }, (kind, node) => {
    if (kind === 'A_Const')
      found ||= (node.sval as { sval?: string } | undefined)?.sval?.split('.').at(-1) === name
  })
  return found
}

/** Dropping a table takes its partitions and, with CASCADE, its views; both ends of foreign keys are locked. */
export function relationDropped(
  catalogue: Catalogue,
  effects: Effects,
  relation: Relation,
  cascade: boolean,
  together: ReadonlySet<Relation>,
) {
  const members = family(catalogue, relation)
  const partitioned = relation.kind === 'partitioned'
  const heirs = !partitioned && members.length > 1
  const views = members.flatMap((member) => dependentViews(catalogue, member))
  const keys = members
    .flatMap((member) => referencing(catalogue, member))
    .filter(({ from }) => !members.includes(from))
  const blocked =
    heirs || views.some((view) => !together.has(view)) || keys.some(({ from }) => !together.has(from))
  if (blocked && !cascade) return effects.refuse('2BP01')
  for (const gone of [...members, ...views, ...keys.map(({ from }) => from)])
    effects.lock(gone, 'AccessExclusive')
  for (const { constraints } of members)
    for (const { references } of constraints) effects.lock(references?.table, 'AccessExclusive')
  for (const parent of relation.parents) {
    if (parent.kind !== 'partitioned') continue
    effects.lock(parent, 'AccessExclusive')
    effects.lock(defaultPartition(catalogue, parent), 'AccessExclusive')
  }
  if (relation.unknown)
    effects.assume(`foreign keys and views of ${relation.name} are not known; each would be locked`)
}

function partDropped(
  catalogue: Catalogue,
  effects: Effects,
  node: Of<'DropStmt'>,
  parts: readonly string[],
): void {
  const table = relationOrStandIn(catalogue, nameFrom(parts.slice(0, -1)))
  const name = parts.at(-1) ?? ''
  if (table === undefined) return
  const has =
    table.unknown ||
    table.triggers.some((one) => one.name === name) ||
    table.rules.includes(name) ||
    table.policies.includes(name)
  if (!has) {
    if (node.missing_ok !== true) effects.refuse('42704')
    return
  }
  const below = node.removeType === 'OBJECT_TRIGGER' && table.kind === 'partitioned'
  for (const member of below ? family(catalogue, table) : [table]) effects.lock(member, 'AccessExclusive')
}

function typeDropped(catalogue: Catalogue, effects: Effects, parts: readonly string[], cascade: boolean) {
  const type = findType(catalogue, nameFrom(parts))
  if (type === undefined) {
    if (cascade)
      effects.assume(`columns of type ${parts.join('.')} are not known; each table would be locked`)
    return
  }
  const users = [...catalogue.relations].flatMap((relation) =>
    relation.columns
      .filter((one) => namedType(catalogue, one.type) === type)
      .map(({ name }) => ({ relation, name })),
  )
  if (users.length > 0 && !cascade) return effects.refuse('2BP01')
  for (const { relation, name } of users) {
    effects.lock(relation, 'AccessExclusive')
    columnDropped(catalogue, effects, relation, name, true)
  }
}

/** What goes with a column: views, foreign keys of both directions. */
export function columnDropped(
  catalogue: Catalogue,
  effects: Effects,
  table: Relation,
  name: string,
  cascade: boolean,
) {
  const members = family(catalogue, table)
  const views = members.flatMap((member) => dependentViews(catalogue, member, name))
  const others = members.flatMap((member) =>
    referencing(catalogue, member).filter(
      ({ from, constraint }) => from !== member && constraint.references?.columns.includes(name),
    ),
  )
  const computed = table.columns.some(({ generated }) => generated?.uses.includes(name))
  if ((views.length > 0 || others.length > 0 || computed) && !cascade) return effects.refuse('2BP01')
  for (const view of views) effects.lock(view, 'AccessExclusive')
  for (const { from } of others) effects.lock(from, 'AccessExclusive')
  for (const { constraints } of members)
    for (const { kind, columns, references } of constraints)
      if (kind === 'foreign' && columns.includes(name)) effects.lock(references?.table, 'AccessExclusive')
  if (column(table, name) === undefined && table.unknown)
    effects.assume(`views and foreign keys on ${name} are not known; each would be locked`)
}
