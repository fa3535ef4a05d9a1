import { as, nameParts, type Of } from '../ast.ts'
import {
  column,
  family,
  findIndex,
  findRelation,
  findType,
  nameFrom,
  nameFromNode,
  nameOf,
} from './lookup.ts'
import type { Catalogue, Relation } from './model.ts'

export function followRename(catalogue: Catalogue, node: Of<'RenameStmt'>): void {
  const to = node.newname ?? ''
  switch (node.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_INDEX': {
      const relation = findRelation(catalogue, nameOf(node.relation))
      const found = findIndex(catalogue, nameOf(node.relation))
      if (relation !== undefined) relation.name = to
      else if (found !== undefined) renameIndex(found.table, found.index.name, to)
      return
    }
    case 'OBJECT_COLUMN': {
      const relation = findRelation(catalogue, nameOf(node.relation))
      if (relation !== undefined)
        for (const member of family(catalogue, relation))
          renameColumn(catalogue, member, node.subname ?? '', to)
      return
    }
    case 'OBJECT_TABCONSTRAINT': {
      const relation = findRelation(catalogue, nameOf(node.relation))
      if (relation === undefined) return
      renameIndex(relation, node.subname ?? '', to)
      for (const one of relation.constraints) if (one.name === node.subname) one.name = to
      return
    }
    case 'OBJECT_TRIGGER':
      for (const one of findRelation(catalogue, nameOf(node.relation))?.triggers ?? [])
        if (one.name === node.subname) one.name = to
      return
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const type = findType(catalogue, nameFromNode(node.object))
      if (type === undefined) return
      catalogue.types.delete(type)
      catalogue.types.add({ ...type, name: to })
      for (const { columns } of catalogue.relations)
        for (const one of columns) if (one.type.name === type.name) one.type = { ...one.type, name: to }
      return
    }
    case 'OBJECT_SCHEMA':
      moveSchema(catalogue, node.subname ?? '', to)
  }
}

function renameIndex(table: Relation, from: string, to: string): void {
  for (const index of table.indexes) {
    if (index.name !== from) continue
    for (const one of table.constraints) if (one.name === index.constraint) one.name = to
    index.name = to
    if (index.constraint !== undefined) index.constraint = to
  }
}

function renameColumn(catalogue: Catalogue, table: Relation, from: string, to: string): void {
  const named = column(table, from)
  if (named !== undefined) named.name = to
  const renamed = <T extends string | undefined>(names: readonly T[]) =>
    names.map((name) => (name === from ? (to as T) : name))
  table.indexes = table.indexes.map((one) => ({
    ...one,
    columns: renamed(one.columns),
    uses: renamed(one.uses),
  }))
  for (const one of table.constraints) one.columns = renamed(one.columns)
  for (const relation of catalogue.relations) {
    for (const { references } of relation.constraints)
      if (references?.table === table) references.columns = renamed(references.columns)
    const read = relation.readsColumns.get(table)
    if (read?.delete(from) === true) read.add(to)
  }
}

function moveSchema(catalogue: Catalogue, from: string, to: string): void {
  for (const relation of catalogue.relations) if (relation.schema === from) relation.schema = to
  catalogue.types = new Set(
    [...catalogue.types].map((one) => (one.schema === from ? { ...one, schema: to } : one)),
  )
}

export function followSetSchema(catalogue: Catalogue, node: Of<'AlterObjectSchemaStmt'>): void {
  const parts = node.object === undefined ? [] : nameParts(as(node.object, 'TypeName')?.names ?? node.object)
  const relation = findRelation(
    catalogue,
    node.relation === undefined ? nameFrom(parts) : nameOf(node.relation),
  )
  if (node.relation !== undefined && relation !== undefined)
    relation.schema = node.newschema ?? relation.schema
}
