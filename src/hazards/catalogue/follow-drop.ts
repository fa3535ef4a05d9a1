import { as, type Node, nameParts, type Of } from '../ast.ts'
import {
  children,
  dependentViews,
  family,
  findIndex,
  findRelation,
  findType,
  nameFrom,
  referencing,
} from './lookup.ts'
import type { Catalogue, Relation } from './model.ts'
import { namedType } from './type-ref.ts'

export function followDrop(catalogue: Catalogue, node: Of<'DropStmt'>): void {
  for (const object of node.objects ?? []) drop(catalogue, node.removeType ?? '', object)
}

function drop(catalogue: Catalogue, kind: string, object: Node): void {
  const parts = nameParts(object)
  switch (kind) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE': {
      const relation = findRelation(catalogue, nameFrom(parts))
      if (relation !== undefined) removeRelation(catalogue, relation)
      return
    }
    case 'OBJECT_INDEX': {
      const found = findIndex(catalogue, nameFrom(parts))
      if (found !== undefined) removeIndex(catalogue, found.table, found.index.name)
      return
    }
    case 'OBJECT_SCHEMA':
      for (const relation of [...catalogue.relations])
        if (relation.schema === parts[0]) removeRelation(catalogue, relation)
      for (const type of [...catalogue.types]) if (type.schema === parts[0]) catalogue.types.delete(type)
      for (const one of [...catalogue.functions]) if (one.schema === parts[0]) catalogue.functions.delete(one)
      return
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const type = findType(catalogue, nameFrom(nameParts(as(object, 'TypeName')?.names)))
      if (type === undefined) return
      for (const relation of catalogue.relations)
        for (const { name, type: own } of [...relation.columns])
          if (namedType(catalogue, own) === type) removeColumn(catalogue, relation, name)
      catalogue.types.delete(type)
      return
    }
    case 'OBJECT_FUNCTION': {
      const called = parts.at(-1)
      for (const relation of catalogue.relations)
        relation.triggers = relation.triggers.filter((trigger) => trigger.function !== called)
      for (const one of [...catalogue.functions]) if (one.name === called) catalogue.functions.delete(one)
      return
    }
    case 'OBJECT_PUBLICATION':
      catalogue.publications.delete(parts[0] ?? '')
      return
    case 'OBJECT_STATISTIC_EXT':
      for (const relation of catalogue.relations)
        relation.statistics = relation.statistics.filter(({ name }) => name !== parts.at(-1))
      return
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      removePart(catalogue, kind, parts)
  }
}

function removePart(catalogue: Catalogue, kind: string, parts: readonly string[]): void {
  const table = findRelation(catalogue, nameFrom(parts.slice(0, -1)))
  const name = parts.at(-1) ?? ''
  if (table === undefined) return
  if (kind === 'OBJECT_TRIGGER')
    for (const member of family(catalogue, table))
      member.triggers = member.triggers.filter((trigger) => trigger.name !== name)
  if (kind === 'OBJECT_RULE') table.rules = table.rules.filter((rule) => rule !== name)
  if (kind === 'OBJECT_POLICY') table.policies = table.policies.filter((policy) => policy !== name)
}

export function removeRelation(catalogue: Catalogue, relation: Relation): void {
  if (!catalogue.relations.has(relation)) return
  const partitions = children(catalogue, relation)
  const views = dependentViews(catalogue, relation)
  catalogue.relations.delete(relation)
  for (const below of [...partitions, ...views]) removeRelation(catalogue, below)
  for (const one of [...catalogue.relations]) {
    if (one.ownedBy?.table === relation) catalogue.relations.delete(one)
    one.constraints = one.constraints.filter(({ references }) => references?.table !== relation)
  }
  for (const tables of catalogue.publications.values()) tables.delete(relation)
}

export function removeIndex(catalogue: Catalogue, table: Relation, name: string): void {
  const index = table.indexes.find((one) => one.name === name)
  table.indexes = table.indexes.filter((one) => one.name !== name)
  table.constraints = table.constraints.filter((one) => one.name !== index?.constraint)
  for (const child of children(catalogue, table))
    for (const below of child.indexes.filter(({ parent }) => parent === name))
      removeIndex(catalogue, child, below.name)
}

export function removeColumn(catalogue: Catalogue, relation: Relation, name: string): void {
  const views = dependentViews(catalogue, relation, name)
  for (const table of family(catalogue, relation)) {
    table.columns = table.columns.filter(
      (one) => one.name !== name && one.generated?.uses.includes(name) !== true,
    )
    const lost = table.indexes.filter(({ uses }) => uses.includes(name))
    for (const index of lost) {
      if (index.unique && !index.computed)
        for (const { from, constraint } of referencing(catalogue, table))
          if (constraint.references?.columns.join() === index.columns.join())
            from.constraints = from.constraints.filter((one) => one !== constraint)
    }
    table.indexes = table.indexes.filter((index) => !lost.includes(index))
    table.constraints = table.constraints.filter(({ columns }) => !columns.includes(name))
    table.statistics = table.statistics.filter(({ columns }) => !columns.includes(name))
    for (const one of [...catalogue.relations])
      if (one.ownedBy?.table === table && one.ownedBy.column === name) catalogue.relations.delete(one)
  }
  for (const view of views) removeRelation(catalogue, view)
}
