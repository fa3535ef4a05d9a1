import type { Catalogue } from '../hazards/index.ts'

type Relation = Catalogue['relations'] extends Set<infer R> ? R : never

/**
 * What `before` offered to a release and `after` does not: tables, views, columns with their types, rows that may be
 * written without a value, keys that ON CONFLICT names. One clause each; empty when the previous release finds all.
 */
export function notRestored(before: Catalogue, after: Catalogue): readonly string[] {
  const now = new Map([...after.relations].map((relation) => [pathOf(relation), relation]))
  const missing: string[] = []
  for (const relation of before.relations) {
    if (relation.fresh || relation.unknown || relation.persistence === 'temporary') continue
    const found = now.get(pathOf(relation))
    if (found === undefined) missing.push(`${relation.kind} ${pathOf(relation)}`)
    else missing.push(...lessThan(relation, found))
  }
  const typesNow = new Map([...after.types].map((type) => [pathOf(type), type]))
  for (const type of before.types) {
    const found = typesNow.get(pathOf(type))
    if (found === undefined) missing.push(`type ${pathOf(type)}`)
    else
      for (const label of type.labels)
        if (!found.labels.includes(label)) missing.push(`'${label}' of ${pathOf(type)}`)
  }
  const functionsNow = new Set([...after.functions].map(pathOf))
  for (const one of before.functions)
    if (!functionsNow.has(pathOf(one))) missing.push(`function ${pathOf(one)}`)
  return [...new Set(missing)].sort()
}

function pathOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${schema}.${name}`
}

function lessThan(before: Relation, after: Relation): readonly string[] {
  const path = pathOf(before)
  const missing: string[] = []
  const columns = new Map(after.columns.map((column) => [column.name, column]))
  for (const column of before.columns) {
    const found = columns.get(column.name)
    const name = `${path}.${column.name}`
    if (found === undefined) missing.push(`column ${name}`)
    else {
      if (JSON.stringify(found.type) !== JSON.stringify(column.type)) missing.push(`the type of ${name}`)
      if (found.notNull && !column.notNull && !isFilled(found)) missing.push(`null in ${name}`)
      if (column.notNull && !found.notNull) missing.push(`NOT NULL of ${name}`)
      if (isFilled(column) && !isFilled(found)) missing.push(`the default of ${name}`)
    }
  }
  const known = new Set(before.columns.map(({ name }) => name))
  for (const column of after.columns)
    if (!known.has(column.name) && column.notNull && !isFilled(column))
      missing.push(`rows of ${path} without ${column.name}`)
  for (const index of before.indexes) {
    if (!index.unique || index.partial) continue
    const same = after.indexes.some((one) => one.unique && one.columns.join() === index.columns.join())
    if (!same) missing.push(`the unique key (${index.columns.join(', ')}) of ${path}`)
  }
  return missing
}

function isFilled(column: Relation['columns'][number]): boolean {
  return column.default !== undefined || column.identity !== undefined || column.generated !== undefined
}
