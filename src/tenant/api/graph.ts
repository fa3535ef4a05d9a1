import { isObject } from '../../contract/index.ts'
import type { ApiOperation, Parameter } from './operations.ts'
import { propertiesOf, resolved, type Schema } from './schema.ts'

/** Something that the API makes and gives an id. */
export interface Resource {
  /** The last fixed part of the path that makes it: `documents`. */
  readonly name: string
  readonly producer: ApiOperation
}

/** Where the value of a parameter or a field comes from. */
export interface Source {
  readonly resource: string
  /** JSON pointer into the answer of the producer; undefined = its id. */
  readonly pointer?: string
}

export interface Reference extends Source {
  readonly in: 'query' | 'body'
  /** Keys down to the field; one key for a query parameter. */
  readonly path: readonly string[]
  readonly list: boolean
}

export interface Graph {
  readonly operations: readonly ApiOperation[]
  /** Parents before children. */
  readonly resources: readonly Resource[]
  readonly byId: ReadonlyMap<string, ApiOperation>
  /** `null` = named after the tenant itself. */
  sourceOf(operation: ApiOperation, parameter: string): Source | 'tenant' | undefined
  referencesOf(operation: ApiOperation): readonly Reference[]
}

export interface GraphOptions {
  /** Parameters that name the tenant itself. */
  readonly tenantKeys: readonly string[]
  /** Given by hand: operation -> resource that it makes. */
  readonly produces: Readonly<Record<string, string>>
  /** Given by hand: parameter or field -> `resource` or `resource/pointer`. */
  readonly binds: Readonly<Record<string, string>>
}

const word = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** `companies` and `company`, `boxes` and `box`, `orders` and `order` are one word. */
export function singular(text: string): string {
  const plain = word(text)
  if (plain.length > 4 && plain.endsWith('ies')) return `${plain.slice(0, -3)}y`
  if (/(s|x|z|ch|sh)es$/.test(plain)) return plain.slice(0, -2)
  return plain.length > 3 && plain.endsWith('s') && !plain.endsWith('ss') ? plain.slice(0, -1) : plain
}

/** `projectId`, `project_id`, `projectIds`, `project-uuid` -> `project`. */
export function ownerOf(name: string): string | undefined {
  const [, owner] = /^(.+?)[_-]?(?:ids?|uuids?|guid|keys?)$/i.exec(name) ?? []
  return owner === undefined || owner === '' ? undefined : singular(owner)
}

const template = (path: string): string => path.replaceAll(/\{[^{}]*\}/g, '{}').replace(/\/$/, '')
const lastFixed = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && !part.startsWith('{'))
    .at(-1) ?? ''

export function graphOf(operations: readonly ApiOperation[], options: GraphOptions): Graph {
  const resources = producersOf(operations, options)
  const byName = (name: string): Resource | undefined =>
    resources.find((one) => one.name === name) ??
    resources.find((one) => singular(one.name) === singular(name))

  const byHand = (name: string): Source | undefined => {
    const given = options.binds[name]
    if (given === undefined) return undefined
    const [resource = '', ...keys] = given.split('/')
    return keys.length === 0 ? { resource } : { resource, pointer: `/${keys.join('/')}` }
  }

  /** By its name: `x-resource`, `projectId` -> projects, or a property of the same name in what a producer answers. */
  function named(name: string, marked: unknown): Source | undefined {
    const own = byHand(name)
    if (own !== undefined) return own
    const target = typeof marked === 'string' ? byName(marked) : undefined
    const owner = ownerOf(name)
    const found = target ?? (owner === undefined ? undefined : byName(owner))
    if (found !== undefined) return { resource: found.name }
    const holder = resources.find(({ producer }) =>
      Object.hasOwn(propertiesOf(producer.answer, producer.answer ?? {}), name),
    )
    return holder === undefined || ['id', 'name', 'type', 'status', 'limit'].includes(name)
      ? undefined
      : { resource: holder.name, pointer: `/${name}` }
  }

  function sourceOf(operation: ApiOperation, name: string): Source | 'tenant' | undefined {
    if (options.tenantKeys.some((key) => word(key) === word(name))) return 'tenant'
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name)
    const linked = resources.flatMap(({ name: resource, producer }) =>
      producer.links
        .filter((link) => link.operationId === operation.id && link.parameters[name] !== undefined)
        .map((link) => ({ resource, pointer: link.parameters[name] ?? '' })),
    )[0]
    const given = byHand(name)
    if (given !== undefined) return given
    if (linked !== undefined) return linked
    const before = operation.path.slice(0, operation.path.indexOf(`{${name}}`))
    const beside = resources.find(({ producer }) => template(producer.path) === template(before))
    if (beside !== undefined) return { resource: beside.name }
    const found = named(name, parameter?.resource)
    if (found !== undefined) return found
    const segment = byName(lastFixed(before))
    return segment === undefined ? undefined : { resource: segment.name }
  }

  function referencesOf(operation: ApiOperation): readonly Reference[] {
    const context = byName(
      operation.path
        .split('/')
        .filter((part) => part !== '' && !part.startsWith('{'))
        .at(-2) ?? '',
    )
    const query = operation.parameters
      .filter((one) => one.in === 'query')
      .flatMap((one) =>
        referenceAt(one.name, one.schema, one.schema, 'query', [one.name], context, one.resource),
      )
    const body =
      operation.body === undefined ? [] : inBody(operation.body.schema, operation.body.schema, [], context)
    return [...query, ...body]
  }

  function inBody(
    schema: unknown,
    root: Schema,
    path: readonly string[],
    context: Resource | undefined,
  ): readonly Reference[] {
    if (path.length > 3) return []
    return Object.entries(propertiesOf(schema, root)).flatMap(([name, property]) => {
      const here = [...path, name]
      const found = referenceAt(name, property, root, 'body', here, context)
      return found.length > 0 ? found : inBody(property, root, here, context)
    })
  }

  function referenceAt(
    name: string,
    property: unknown,
    root: Schema,
    where: 'query' | 'body',
    path: readonly string[],
    context: Resource | undefined,
    marked?: string,
  ): readonly Reference[] {
    const schema = resolved(property, root)
    const list = isObject(schema.items)
    const ids =
      /^(ids|uuids|keys)$/i.test(name) && context !== undefined ? { resource: context.name } : undefined
    const type = list ? resolved(schema.items, root).type : schema.type
    if (
      type !== undefined &&
      !['string', 'integer', 'number'].some(
        (one) => type === one || (Array.isArray(type) && type.includes(one)),
      )
    )
      return []
    const source =
      ownerOf(name) === undefined &&
      !list &&
      schema['x-resource'] === undefined &&
      options.binds[name] === undefined
        ? undefined
        : (named(name, schema['x-resource'] ?? marked) ?? ids)
    return source === undefined ? [] : [{ ...source, in: where, path, list }]
  }

  return {
    operations,
    resources: inOrder(resources, sourceOf, referencesOf),
    byId: new Map(operations.map((one) => [one.id, one])),
    sourceOf,
    referencesOf,
  }
}

/** Whoever answers a POST with something that other operations ask for by its id. */
function producersOf(operations: readonly ApiOperation[], { produces }: GraphOptions): readonly Resource[] {
  const asked = operations.flatMap(({ parameters }) =>
    parameters.filter((one: Parameter) => one.in === 'path').flatMap(({ name }) => ownerOf(name) ?? []),
  )
  const found: Resource[] = []
  for (const producer of operations) {
    const given = produces[producer.id]
    const name = given ?? lastFixed(producer.path)
    const last = producer.path.split('/').at(-1) ?? ''
    const collection = operations.some((one) => template(one.path) === `${template(producer.path)}/{}`)
    const linked = producer.links.length > 0
    const makes =
      given !== undefined ||
      (producer.method === 'POST' &&
        !last.startsWith('{') &&
        (collection || linked || asked.includes(singular(name))))
    if (makes && !found.some((one) => one.name === name)) found.push({ name, producer })
  }
  return found
}

/** Parents first; a circle of parents is cut where it closes. */
function inOrder(
  resources: readonly Resource[],
  sourceOf: Graph['sourceOf'],
  referencesOf: Graph['referencesOf'],
): readonly Resource[] {
  const done: Resource[] = []
  const open = new Set<string>()
  const visit = (resource: Resource): void => {
    if (done.includes(resource) || open.has(resource.name)) return
    open.add(resource.name)
    const { producer } = resource
    const needs = [
      ...producer.parameters.filter((one) => one.in === 'path').map(({ name }) => sourceOf(producer, name)),
      ...referencesOf(producer),
    ]
    for (const need of needs) {
      const parent =
        need === 'tenant' || need === undefined
          ? undefined
          : resources.find((one) => one.name === need.resource)
      if (parent !== undefined) visit(parent)
    }
    done.push(resource)
  }
  for (const resource of resources) visit(resource)
  return done
}
