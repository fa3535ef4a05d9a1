import {
  at,
  type Description,
  entriesOf,
  isObject,
  itemsOf,
  keyOf,
  type Place,
  pointerOf,
} from '../../contract/index.ts'

/** A JSON Schema of 2020-12 that refers to nothing outside of itself. */
export type Schema = { readonly [key: string]: unknown }

const schemaMaps = new Set(['properties', 'patternProperties', 'dependentSchemas'])
const schemaLists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const schemaKeys = new Set([
  'items',
  'additionalProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contains',
])

/**
 * The schema at a place with everything it refers to under `$defs`, for a generator that knows no files. A schema that
 * refers to itself stays a `$ref`. What only the server writes (`readOnly`) is left out of a request.
 */
export function standalone(place: Place, description: Description, side: 'request' | 'response'): Schema {
  const names = new Map<string, string>()
  const defs: Record<string, Schema> = {}

  function refTo(from: Place, ref: string): Schema {
    const target = description.resolve(from, ref)
    const key = `${target.source.file}#${pointerOf(target)}`
    const known = names.get(key)
    if (known !== undefined) return { $ref: `#/$defs/${known}` }
    const name = `d${names.size}`
    names.set(key, name)
    defs[name] = convert(target)
    return { $ref: `#/$defs/${name}` }
  }

  function convert(here: Place): Schema {
    if (!isObject(here.value)) return here.value === false ? { not: {} } : {}
    const out: Record<string, unknown> = {}
    for (const [key, child] of entriesOf(here)) {
      if (key === '$ref') continue
      if (schemaMaps.has(key))
        out[key] = Object.fromEntries(entriesOf(child).map(([name, one]) => [name, convert(one)]))
      else if (schemaLists.has(key)) out[key] = itemsOf(child).map(convert)
      else if (schemaKeys.has(key) && isObject(child.value)) out[key] = convert(child)
      else if (!['discriminator', 'xml', 'externalDocs', 'example', '$defs', '$id', '$schema'].includes(key))
        out[key] = child.value
    }
    const example = keyOf(here.value, 'example')
    if (example !== undefined && out.examples === undefined) out.examples = [example]
    if (here.source.dialect === 'openapi-3.0') fromThree(out)
    if (side === 'request') withoutReadOnly(here, out)
    const ref = keyOf(here.value, '$ref')
    if (typeof ref !== 'string') return out
    const target = refTo(here, ref)
    return Object.keys(out).length === 0 ? target : { ...out, allOf: [...listOf(out.allOf), target] }
  }

  function withoutReadOnly(here: Place, out: Record<string, unknown>): void {
    const hidden = entriesOf(at(here, 'properties'))
      .filter(([, one]) => isReadOnly(one))
      .map(([name]) => name)
    if (hidden.length === 0 || !isObject(out.properties)) return
    out.properties = Object.fromEntries(
      Object.entries(out.properties).filter(([name]) => !hidden.includes(name)),
    )
    if (Array.isArray(out.required))
      out.required = out.required.filter((name) => !hidden.includes(String(name)))
  }

  function isReadOnly(one: Place): boolean {
    const ref = keyOf(one.value, '$ref')
    const target = typeof ref === 'string' ? description.resolve(one, ref) : one
    return keyOf(one.value, 'readOnly') === true || keyOf(target.value, 'readOnly') === true
  }

  const schema = convert(place)
  return Object.keys(defs).length === 0 ? schema : { ...schema, $defs: defs }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What OpenAPI 3.0 writes in its own way. */
function fromThree(out: Record<string, unknown>): void {
  if (out.nullable === true && typeof out.type === 'string') out.type = [out.type, 'null']
  delete out.nullable
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (out[flag] === true) {
      out[flag] = out[bound]
      delete out[bound]
    } else if (out[flag] === false) delete out[flag]
  }
}

/** The schema behind `$ref` and a single `allOf`, within one that stands alone. */
export function resolved(schema: unknown, root: Schema, depth = 0): Schema {
  if (!isObject(schema) || depth > 20) return {}
  const ref = schema.$ref
  if (typeof ref === 'string')
    return resolved(keyOf(root.$defs, ref.replace('#/$defs/', '')), root, depth + 1)
  const parts = listOf(schema.allOf)
  if (parts.length === 0) return schema
  const merged = parts.map((part) => resolved(part, root, depth + 1))
  return {
    ...Object.assign({}, ...merged),
    ...schema,
    properties: Object.assign({}, ...merged.map((one) => one.properties), schema.properties),
  }
}

/** The properties that a value of the schema may have, over all its branches. */
export function propertiesOf(schema: unknown, root: Schema, depth = 0): Readonly<Record<string, unknown>> {
  if (depth > 5) return {}
  const here = resolved(schema, root)
  const branches = [...listOf(here.oneOf), ...listOf(here.anyOf)].map((one) =>
    propertiesOf(one, root, depth + 1),
  )
  return Object.assign({}, ...branches, isObject(here.properties) ? here.properties : {})
}
