import { type Node, nameParts, type RangeVar } from '../ast.ts'
import {
  type Catalogue,
  type Column,
  type Index,
  type NamedType,
  newRelation,
  type Relation,
} from './model.ts'

export interface Name {
  readonly schema?: string | undefined
  readonly name: string
}

export function nameOf(range: RangeVar | undefined): Name {
  return { schema: range?.schemaname, name: range?.relname ?? '' }
}

/** From the parts of a dotted name; a database name in front is dropped. */
export function nameFrom(parts: readonly string[]): Name {
  const name = parts.at(-1) ?? ''
  return parts.length > 1 ? { schema: parts.at(-2), name } : { name }
}

export function nameFromNode(node: Node | readonly Node[] | undefined): Name {
  return nameFrom(nameParts(node))
}

function first<T extends { readonly schema: string; readonly name: string }>(
  catalogue: Catalogue,
  all: Iterable<T>,
  { schema, name }: Name,
): T | undefined {
  const named = [...all].filter((one) => one.name === name)
  if (schema !== undefined) return named.find((one) => one.schema === schema)
  for (const path of ['pg_temp', ...catalogue.searchPath]) {
    const found = named.find((one) => one.schema === path)
    if (found !== undefined) return found
  }
  // Without a whole catalogue the search path is a guess: a name that is known once is taken for it.
  return catalogue.complete || named.length !== 1 ? undefined : named[0]
}

export function findRelation(catalogue: Catalogue, name: Name): Relation | undefined {
  return first(catalogue, catalogue.relations, name)
}

export function findType(catalogue: Catalogue, name: Name): NamedType | undefined {
  return first(catalogue, catalogue.types, name)
}

export function currentSchema(catalogue: Catalogue): string {
  return catalogue.searchPath[0] ?? 'public'
}

/**
 * The relation, or a stand-in of which nothing but the name is known. With a whole catalogue a name that is not in
 * it does not exist: undefined.
 */
export function relationOrStandIn(catalogue: Catalogue, name: Name): Relation | undefined {
  const found = findRelation(catalogue, name)
  if (found !== undefined || catalogue.complete) return found
  const standIn = newRelation({
    schema: name.schema ?? currentSchema(catalogue),
    name: name.name,
    kind: 'table',
    fresh: false,
    unknown: true,
  })
  catalogue.relations.add(standIn)
  return standIn
}

export interface FoundIndex {
  readonly index: Index
  readonly table: Relation
}

export function findIndex(catalogue: Catalogue, name: Name): FoundIndex | undefined {
  const found: (FoundIndex & { readonly schema: string; readonly name: string })[] = []
  for (const table of catalogue.relations) {
    const index = table.indexes.find((one) => one.name === name.name)
    if (index !== undefined) found.push({ index, table, schema: table.schema, name: index.name })
  }
  return first(catalogue, found, name)
}

export function column(relation: Relation | undefined, name: string | undefined): Column | undefined {
  return relation?.columns.find((one) => one.name === name)
}

/** Partitions or inheriting tables directly below. */
export function children(catalogue: Catalogue, relation: Relation): Relation[] {
  return [...catalogue.relations].filter(({ parents }) => parents.includes(relation))
}

/** The relation and everything that inherits from it. */
export function family(catalogue: Catalogue, relation: Relation): Relation[] {
  const all = new Set([relation])
  for (const member of all) for (const child of children(catalogue, member)) all.add(child)
  return [...all]
}

export function defaultPartition(catalogue: Catalogue, parent: Relation): Relation | undefined {
  return children(catalogue, parent).find(({ bound }) => bound?.kind === 'default')
}

/** Views that read the relation, directly or through other views; with `column`, those that read that column. */
export function dependentViews(catalogue: Catalogue, relation: Relation, name?: string): Relation[] {
  const found = new Set<Relation>()
  for (const view of catalogue.relations) {
    const columns = view.readsColumns.get(relation)
    if (columns !== undefined && (name === undefined || columns.has(name))) found.add(view)
  }
  for (const view of [...found]) for (const above of dependentViews(catalogue, view)) found.add(above)
  return [...found]
}

export interface ForeignKey {
  readonly from: Relation
  readonly constraint: Relation['constraints'][number]
}

/** Foreign keys of other tables, or its own, that reference the relation. */
export function referencing(catalogue: Catalogue, relation: Relation): ForeignKey[] {
  return [...catalogue.relations].flatMap((from) =>
    from.constraints
      .filter(({ kind, references }) => kind === 'foreign' && references?.table === relation)
      .map((constraint) => ({ from, constraint })),
  )
}
