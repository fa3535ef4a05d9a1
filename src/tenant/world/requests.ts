import { isObject, keyOf } from '../../contract/index.ts'
import type { Reference, Source } from '../api/graph.ts'
import type { ApiOperation, Parameter } from '../api/operations.ts'
import { propertiesOf } from '../api/schema.ts'
import type { Prepared } from '../client/client.ts'
import type { Side } from '../types.ts'
import { generated } from './bodies.ts'
import { type Session, settings } from './session.ts'
import { sourceValue, type Thing, valueAt } from './things.ts'

/** One way of filling in a request; the first that the service takes is kept. */
export interface Recipe {
  readonly kind: 'given' | 'example' | 'generated'
  readonly index: number
  readonly optionals: boolean
}

/** Given by hand, then the examples of the description, then what its schemas allow. */
export function recipesOf(session: Session, operation: ApiOperation): readonly Recipe[] {
  if (settings(session, operation)?.body !== undefined) return [{ kind: 'given', index: 0, optionals: false }]
  if (operation.body === undefined) return [{ kind: 'generated', index: 0, optionals: false }]
  return [
    ...operation.body.examples.map((_, index): Recipe => ({ kind: 'example', index, optionals: false })),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(
      (index): Recipe => ({ kind: 'generated', index, optionals: index % 2 === 0 }),
    ),
  ]
}

export interface Filling {
  readonly side: Side
  readonly recipe: Recipe
  /** The object that a value of a resource is taken from. */
  readonly pick: (resource: string) => Thing | undefined
  /** The tenant to name where the API asks for one; the caller's own unless an attack says otherwise. */
  readonly tenant?: string
  /** What the object looks like now: its revision is sent along where the body asks for one. */
  readonly view?: unknown
  readonly query?: readonly (readonly [string, string])[]
  readonly headers?: Readonly<Record<string, string>>
  /** Last word on the body. */
  readonly edit?: (body: unknown) => unknown
  readonly sent?: readonly string[]
}

interface Missing {
  readonly missing: string
}

export type Filled = Prepared | Missing

/** A request of an operation; `missing` says what could not be filled in. */
export function fill(session: Session, operation: ApiOperation, filling: Filling): Filled {
  const path = fillPath(session, operation, filling)
  if (typeof path !== 'string') return path
  const query = fillQuery(session, operation, filling)
  if ('missing' in query) return query
  const body = fillBody(session, operation, filling)
  if ('missing' in body) return body
  const { side, headers } = filling
  const own = settings(session, operation)?.headers
  const text = new URLSearchParams(query.pairs.map(([name, value]): [string, string] => [name, value]))
    .toString()
    .replaceAll('%2C', ',')
  return {
    operation: operation.id,
    method: operation.method,
    target: `${path}${text === '' ? '' : `?${text}`}`,
    headers: { ...body.headers, ...headersOf(session, operation, side), ...own, ...headers },
    ...(body.text === undefined ? {} : { body: body.text }),
    sent: filling.sent ?? [],
  }
}

function fillPath(
  session: Session,
  operation: ApiOperation,
  { pick, side, tenant }: Filling,
): string | { readonly missing: string } {
  let path = operation.path
  for (const { name, schema, example } of operation.parameters.filter((one) => one.in === 'path')) {
    const source = session.graph.sourceOf(operation, name)
    const value =
      source === 'tenant'
        ? (tenant ?? session.identities[side].tenant)
        : source === undefined
          ? (example ?? constantOf(schema))
          : sourceValue(pick(source.resource), source)
    if (value === undefined) return { missing: missingText(name, source) }
    path = path.replace(`{${name}}`, encodeURIComponent(String(value)))
  }
  return path
}

/** A part of a path with a fixed set of values: `/reports/{kind}`. */
function constantOf(schema: Parameter['schema']): unknown {
  return Array.isArray(schema.enum) ? schema.enum[0] : schema.const
}

function missingText(name: string, source: Source | 'tenant' | undefined): string {
  return source === undefined || source === 'tenant'
    ? `nothing in the description makes a value for {${name}}`
    : `there is no object of ${source.resource} for {${name}}`
}

function fillQuery(
  session: Session,
  operation: ApiOperation,
  filling: Filling,
): { readonly pairs: readonly (readonly [string, string])[] } | Missing {
  const pairs: (readonly [string, string])[] = []
  const given = settings(session, operation)?.query ?? {}
  const taken = new Set((filling.query ?? []).map(([name]) => name))
  const references = session.graph.referencesOf(operation).filter((one) => one.in === 'query')
  for (const one of operation.parameters.filter(({ in: where }) => where === 'query')) {
    if (taken.has(one.name)) continue
    const own = given[one.name]
    if (own !== undefined) pairs.push([one.name, String(own)])
    else if (one.required) {
      const reference = references.find(({ path }) => path[0] === one.name)
      const value =
        reference === undefined
          ? sample(session, one, filling)
          : sourceValue(filling.pick(reference.resource), reference)
      if (value === undefined) return { missing: `no value can be made for the query parameter ${one.name}` }
      pairs.push([one.name, String(value)])
    }
  }
  return { pairs: [...pairs, ...(filling.query ?? [])] }
}

function sample({ markers }: Session, { schema, example }: Parameter, { side, recipe }: Filling): unknown {
  return example ?? generated(schema, { seed: recipe.index, optionals: false, side, markers })
}

function headersOf(
  { markers }: Session,
  operation: ApiOperation,
  side: Side,
): Readonly<Record<string, string>> {
  const wanted = operation.parameters.filter((one) => one.in === 'header' && one.required)
  return Object.fromEntries(wanted.map(({ name, example }) => [name, String(example ?? markers.fresh(side))]))
}

function fillBody(
  session: Session,
  operation: ApiOperation,
  filling: Filling,
): { readonly headers: Readonly<Record<string, string>>; readonly text?: string } | Missing {
  const { body } = operation
  const value = bodyValue(session, operation, filling)
  if (value === undefined) {
    if (body === undefined || !body.required) return { headers: {} }
    return { missing: 'no body can be made from its schema; give one in `operations`' }
  }
  const type = body?.type ?? 'application/json'
  const headers = { 'content-type': type }
  if (/\bjson\b/.test(type)) return { headers, text: JSON.stringify(value) }
  if (type === 'application/x-www-form-urlencoded' && isObject(value)) {
    return {
      headers,
      text: new URLSearchParams(
        Object.entries(value).map(([key, one]): [string, string] => [key, String(one)]),
      ).toString(),
    }
  }
  if (type.startsWith('text/')) return { headers, text: String(value) }
  return { missing: `bodies of ${type} cannot be made` }
}

function bodyValue(session: Session, operation: ApiOperation, filling: Filling): unknown {
  const { markers, identities, config } = session
  const { side, recipe, edit = (body: unknown) => body } = filling
  const { body } = operation
  const given = settings(session, operation)?.body
  const start =
    given !== undefined
      ? given
      : recipe.kind === 'example'
        ? body?.examples[recipe.index]
        : body === undefined
          ? undefined
          : generated(body.schema, { seed: recipe.index, optionals: recipe.optionals, side, markers })
  if (start === undefined) return edit(undefined)
  const value = withMarkers(structuredClone(start), () => markers.fresh(side))
  for (const reference of session.graph.referencesOf(operation).filter((one) => one.in === 'body')) {
    const own = sourceValue(filling.pick(reference.resource), reference)
    if (own !== undefined && valueAt(value, reference.path) !== undefined)
      put(value, reference.path, reference.list ? [own] : own)
  }
  if (isObject(value)) {
    for (const key of config['tenant-keys'].body)
      if (
        Object.hasOwn(value, key) &&
        body !== undefined &&
        Object.hasOwn(propertiesOf(body.schema, body.schema), key)
      )
        put(value, [key], identities[side].tenant)
    for (const key of Object.keys(value))
      if (/^(revision|version|etag|rev|lock_?version)$/i.test(key) && keyOf(filling.view, key) !== undefined)
        put(value, [key], keyOf(filling.view, key))
  }
  return edit(value)
}

function withMarkers(value: unknown, fresh: () => string): unknown {
  if (typeof value === 'string') return value.replaceAll('{marker}', fresh)
  if (Array.isArray(value)) return value.map((one) => withMarkers(one, fresh))
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withMarkers(one, fresh)]))
    : value
}

/** Sets a value within a JSON value; the way there is made where it is missing. */
export function put(value: unknown, path: readonly string[], what: unknown): void {
  let here = value
  for (const [index, key] of path.entries()) {
    if (!isObject(here)) return
    if (index === path.length - 1) Reflect.set(here, key, what)
    else {
      if (!isObject(here[key])) Reflect.set(here, key, {})
      here = here[key]
    }
  }
}

/** A body with a reference put in, also where the recipe had left the field out. */
export function withReference(reference: Reference, value: unknown): (body: unknown) => unknown {
  return (body) => {
    const start = body ?? {}
    put(start, reference.path, reference.list ? [value].flat() : value)
    return start
  }
}
