/** Rewritings of an OpenAPI description that change nothing of what travels: none of them may be a finding that counts. */
type Json = unknown
type Mapping = Record<string, Json>
export interface Respelling {
  readonly name: string
  readonly apply: (document: Json) => Json
}

const isMapping = (value: Json): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Rebuilds a tree; `change` sees every mapping with the key it stands under. */
function mapped(
  value: Json,
  change: (mapping: Mapping, key: string, path: readonly string[]) => Mapping,
): Json {
  const walk = (here: Json, path: readonly string[]): Json => {
    if (Array.isArray(here)) return here.map((one, index) => walk(one, [...path, String(index)]))
    if (!isMapping(here)) return here
    const inner = Object.fromEntries(
      Object.entries(here).map(([key, one]) => [key, walk(one, [...path, key])]),
    )
    return change(inner, path.at(-1) ?? '', path)
  }
  return walk(value, [])
}

const schemaKeys = new Set(['schema', 'items', 'additionalProperties', 'not'])
const schemaMaps = new Set(['properties', 'schemas', 'patternProperties'])
const schemaLists = new Set(['allOf', 'oneOf', 'anyOf'])

/** Whether a mapping is a schema, by where it stands; names of properties are no keywords. */
function isSchema(path: readonly string[]): boolean {
  const [last = '', before = '', above = ''] = [path.at(-1), path.at(-2), path.at(-3)]
  if (path.some((key) => ['example', 'examples', 'default', 'enum'].includes(key))) return false
  if (schemaMaps.has(before) && !schemaMaps.has(above)) return true
  if (schemaLists.has(before) && /^\d+$/.test(last)) return true
  return schemaKeys.has(last) && !schemaMaps.has(before)
}

const onSchemas =
  (change: (schema: Mapping) => Mapping) =>
  (document: Json): Json =>
    mapped(document, (mapping, _, path) =>
      isSchema(path) && !('$ref' in mapping) ? change(mapping) : mapping,
    )

const methods = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])

function onOperations(change: (operation: Mapping) => Mapping): (document: Json) => Json {
  return (document) =>
    mapped(document, (mapping, key, path) =>
      methods.has(key) && path.at(-3) === 'paths' ? change(mapping) : mapping,
    )
}

const reversed = (list: Json): Json => (Array.isArray(list) ? list.toReversed() : list)

function onKeys(names: readonly string[], change: (value: Json) => Json): (mapping: Mapping) => Mapping {
  return (mapping) =>
    Object.fromEntries(
      Object.entries(mapping).map(([key, value]) => [key, names.includes(key) ? change(value) : value]),
    )
}

export const respellings: readonly Respelling[] = [
  {
    name: 'keys the other way round',
    apply: (document) =>
      mapped(document, (mapping) => Object.fromEntries(Object.entries(mapping).toReversed())),
  },
  {
    name: 'prose, examples and extensions',
    apply: onSchemas((schema) => ({ ...schema, description: 'other words', 'x-note': 1, title: 'a title' })),
  },
  {
    name: 'operation names, tags, summaries',
    apply: onOperations((one) => ({
      ...one,
      operationId: `renamed ${one.operationId}`,
      tags: ['other'],
      summary: 's',
    })),
  },
  {
    name: 'the order of required, enum and types',
    apply: onSchemas(onKeys(['required', 'enum', 'type'], reversed)),
  },
  {
    name: 'the order of branches',
    apply: onSchemas(onKeys(['allOf', 'oneOf', 'anyOf'], reversed)),
  },
  {
    name: 'the order of parameters and ways in',
    apply: onOperations(onKeys(['parameters', 'security'], reversed)),
  },
  { name: 'an allOf of one', apply: onSchemas((schema) => ({ allOf: [schema] })) },
  {
    name: 'defaults written out',
    apply: onSchemas((schema) => ({
      ...schema,
      deprecated: schema.deprecated ?? false,
      readOnly: schema.readOnly ?? false,
      writeOnly: schema.writeOnly ?? false,
      ...(schema.type === 'string' ? { minLength: schema.minLength ?? 0 } : {}),
      ...(schema.type === 'array'
        ? { uniqueItems: schema.uniqueItems ?? false, minItems: schema.minItems ?? 0 }
        : {}),
      ...(schema.type === 'object' && !('unevaluatedProperties' in schema)
        ? {
            additionalProperties: schema.additionalProperties ?? true,
            minProperties: schema.minProperties ?? 0,
          }
        : {}),
    })),
  },
  { name: 'parameters moved up to the path', apply: parametersUp },
  { name: 'schemas of components renamed', apply: renamed },
]

/** Only where a path has one operation, for the others would get the parameters too. */
function parametersUp(document: Json): Json {
  return mapped(document, (item, _, path) => {
    if (path.length !== 2 || path[0] !== 'paths') return item
    const own = Object.keys(item).filter((key) => methods.has(key))
    const [method] = own
    const operation = method === undefined ? undefined : item[method]
    if (own.length !== 1 || method === undefined || !isMapping(operation) || 'parameters' in item) return item
    const { parameters, ...rest } = operation
    return parameters === undefined ? item : { ...item, parameters, [method]: rest }
  })
}

/** A discriminator without a mapping tells schemas by their names, so documents with one stay as they are. */
function renamed(document: Json): Json {
  if (JSON.stringify(document)?.includes('"discriminator"')) return document
  const prefix = '#/components/schemas/'
  return mapped(document, (mapping, _, path) => {
    const ref = mapping.$ref
    if (typeof ref === 'string' && ref.startsWith(prefix))
      return { ...mapping, $ref: `${prefix}Renamed${ref.slice(prefix.length)}` }
    if (path.length !== 2 || path[0] !== 'components' || path[1] !== 'schemas') return mapping
    return Object.fromEntries(Object.entries(mapping).map(([name, schema]) => [`Renamed${name}`, schema]))
  })
}
