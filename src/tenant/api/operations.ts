import {
  at,
  type Description,
  entriesOf,
  isObject,
  itemsOf,
  keyOf,
  type Place,
} from '../../contract/index.ts'
import { follow, textOf } from './place.ts'
import { type Schema, standalone } from './schema.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required: boolean
  readonly schema: Schema
  readonly explode: boolean
  readonly example?: unknown
  /** `x-resource`: what the value is an id of. */
  readonly resource?: string
}

export interface RequestBody {
  readonly type: string
  readonly required: boolean
  readonly schema: Schema
  readonly examples: readonly unknown[]
}

/** A Link Object: where a value of the answer is asked for next. */
export interface Link {
  readonly operationId: string
  /** Parameter -> JSON pointer into the body of the answer. */
  readonly parameters: Readonly<Record<string, string>>
}

export interface ApiOperation {
  /** `operationId`, or method and path. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body?: RequestBody
  /** Schema of the first 2xx answer that has one. */
  readonly answer?: Schema
  readonly links: readonly Link[]
  /** What `x-tenant-scope` says. */
  readonly scope?: unknown
  readonly file: string
  readonly line?: number
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const

/** Every operation of a description. A `$ref` that leads nowhere is thrown as a fault by the description. */
export function operationsOf(description: Description): readonly ApiOperation[] {
  return entriesOf(at(description.root, 'paths'))
    .filter(([path]) => path.startsWith('/'))
    .flatMap(([path, entry]) => {
      const item = follow(entry, description)
      return methods
        .map((method) => [method, at(item, method)] as const)
        .filter(([, place]) => isObject(place.value))
        .map(([method, place]) => operation(method.toUpperCase(), path, item, place, description))
    })
}

function operation(
  method: string,
  path: string,
  item: Place,
  place: Place,
  description: Description,
): ApiOperation {
  const body = bodyOf(at(place, 'requestBody'), description)
  const answers = entriesOf(at(place, 'responses')).filter(([status]) => /^2(\d\d|XX)$/.test(status))
  const good = answers.map(([, answer]) => follow(answer, description))
  const answer = good
    .map((one) => contentSchema(at(one, 'content'), description))
    .find((one) => one !== undefined)
  const line = description.lineOf(place)
  const scope = keyOf(place.value, 'x-tenant-scope')
  return {
    id: textOf(place, 'operationId') ?? `${method} ${path}`,
    method,
    path,
    parameters: parametersOf(path, item, place, description),
    ...(body === undefined ? {} : { body }),
    ...(answer === undefined ? {} : { answer }),
    links: good.flatMap((one) => linksOf(at(one, 'links'), description)),
    ...(scope === undefined ? {} : { scope }),
    file: place.source.file,
    ...(line === undefined ? {} : { line }),
  }
}

const places = ['path', 'query', 'header', 'cookie'] as const

function parametersOf(
  path: string,
  item: Place,
  place: Place,
  description: Description,
): readonly Parameter[] {
  const found = new Map<string, Parameter>()
  for (const entry of [...itemsOf(at(item, 'parameters')), ...itemsOf(at(place, 'parameters'))]) {
    const one = follow(entry, description)
    const [name, where] = [textOf(one, 'name'), places.find((known) => known === textOf(one, 'in'))]
    if (name === undefined || where === undefined) continue
    if (where === 'header' && ['accept', 'content-type', 'authorization'].includes(name.toLowerCase()))
      continue
    found.set(`${where} ${name}`, parameter(name, where, one, description))
  }
  for (const [, name = ''] of path.matchAll(/\{([^{}]+)\}/g)) {
    if (found.has(`path ${name}`)) continue
    // A template without a declaration: the description is incomplete, the path is not.
    found.set(`path ${name}`, { name, in: 'path', required: true, schema: {}, explode: false })
  }
  return [...found.values()]
}

function parameter(name: string, where: Parameter['in'], place: Place, description: Description): Parameter {
  const [, media] = entriesOf(at(place, 'content'))[0] ?? []
  const schema = standalone(at(media ?? place, 'schema'), description, 'request')
  const [first] = entriesOf(at(place, 'examples'))
  const example = keyOf(place.value, 'example') ?? keyOf(first?.[1].value, 'value')
  const resource = keyOf(place.value, 'x-resource') ?? schema['x-resource']
  return {
    name,
    in: where,
    required: where === 'path' || keyOf(place.value, 'required') === true,
    schema,
    explode: keyOf(place.value, 'explode') !== false,
    ...(example === undefined ? {} : { example }),
    ...(typeof resource === 'string' ? { resource } : {}),
  }
}

const isJson = (type: string): boolean => /^application\/([\w.+-]+\+)?json\b/.test(type)

function bodyOf(entry: Place, description: Description): RequestBody | undefined {
  if (entry.value === undefined) return undefined
  const place = follow(entry, description)
  const medias = entriesOf(at(place, 'content'))
  const [type, media] = medias.find(([name]) => isJson(name)) ?? medias[0] ?? []
  if (type === undefined || media === undefined) return undefined
  const example = keyOf(media.value, 'example')
  const named = entriesOf(at(media, 'examples')).map(([, one]) =>
    keyOf(follow(one, description).value, 'value'),
  )
  return {
    type,
    required: keyOf(place.value, 'required') === true,
    schema: standalone(at(media, 'schema'), description, 'request'),
    examples: [example, ...named].filter((one) => one !== undefined),
  }
}

function contentSchema(content: Place, description: Description): Schema | undefined {
  const medias = entriesOf(content)
  const [, media] = medias.find(([name]) => isJson(name)) ?? []
  return media === undefined ? undefined : standalone(at(media, 'schema'), description, 'response')
}

function linksOf(links: Place, description: Description): readonly Link[] {
  return entriesOf(links).flatMap(([, entry]) => {
    const link = follow(entry, description)
    const operationId = textOf(link, 'operationId')
    if (operationId === undefined) return []
    const parameters = entriesOf(at(link, 'parameters')).flatMap(([name, { value }]) => {
      const [, pointer] = /^\$response\.body#(\/.*)$/.exec(String(value)) ?? []
      // A parameter may be written with its place: `path.projectId`.
      return pointer === undefined
        ? []
        : [[name.replace(/^(path|query|header|cookie)\./, ''), pointer] as const]
    })
    return [{ operationId, parameters: Object.fromEntries(parameters) }]
  })
}
