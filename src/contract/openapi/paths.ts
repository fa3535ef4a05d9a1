import { keyOf } from '../schema/json.ts'
import { at, entriesOf, follow, itemsOf, type Place } from '../schema/place.ts'
import type { Description } from './document.ts'

/** `query` is of OpenAPI 3.2. */
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const

export interface Operation {
  readonly method: string
  readonly path: string
  readonly place: Place
  /** The path item that holds it, references followed. */
  readonly item: Place
}

/** The operations of a path item, those of `additionalOperations` (3.2) as well. */
export function operationsOf(item: Place, path: string): readonly Operation[] {
  const known = methods
    .map((method) => ({ method: method.toUpperCase(), place: at(item, method) }))
    .filter(({ place }) => place.value !== undefined && place.value !== null)
  const more = entriesOf(at(item, 'additionalOperations')).map(([method, place]) => ({ method, place }))
  return [...known, ...more].map((one) => ({ ...one, path, item }))
}

/** `/pets/{petId}` and `/pets/{id}` are one path: names of parameters never travel. */
export function template(path: string): string {
  return path.replace(/\{[^{}]*\}/g, '{}')
}

export function parameterNames(path: string): readonly string[] {
  return [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
}

export interface PathPair {
  readonly base: readonly [path: string, item: Place] | undefined
  readonly revision: readonly [path: string, item: Place] | undefined
}

/** Paths by their text first and then by their template, for a path may stand twice with other methods. */
export function pairPaths(
  base: Place,
  revision: Place,
  from: Description,
  to: Description,
): readonly PathPair[] {
  const left = entriesOf(base).filter(([path]) => !path.startsWith('x-'))
  const right = new Map(entriesOf(revision).filter(([path]) => !path.startsWith('x-')))
  const byTemplate = new Map<string, string[]>()
  const texts = new Set(left.map(([path]) => path))
  for (const path of right.keys()) {
    if (texts.has(path)) continue
    const list = byTemplate.get(template(path))
    if (list === undefined) byTemplate.set(template(path), [path])
    else list.push(path)
  }
  const pairs: PathPair[] = []
  for (const [path, place] of left) {
    const name = right.has(path) ? path : byTemplate.get(template(path))?.shift()
    const other = name === undefined ? undefined : right.get(name)
    if (name !== undefined) right.delete(name)
    pairs.push({
      base: [path, follow(place, from.resolve)],
      revision: name === undefined || other === undefined ? undefined : [name, follow(other, to.resolve)],
    })
  }
  for (const [path, place] of right)
    pairs.push({ base: undefined, revision: [path, follow(place, to.resolve)] })
  return pairs
}

/** Parameters of an operation over those of its path item, keyed by where and what they are. */
export function parametersOf(
  operation: Operation,
  resolve: Description['resolve'],
): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>()
  const order = parameterNames(operation.path)
  for (const [holder, ofPath] of [
    [operation.item, true],
    [operation.place, false],
  ] as const) {
    for (const entry of itemsOf(at(holder, 'parameters'))) {
      const place = follow(entry, resolve)
      const [name, where] = [keyOf(place.value, 'name'), keyOf(place.value, 'in')]
      if (typeof name !== 'string' || typeof where !== 'string' || isIgnored(where, name)) continue
      found.set(keyOfParameter(where, name, order), { place, name, where, ofPath })
    }
  }
  return found
}

export interface Parameter {
  readonly place: Place
  readonly name: string
  readonly where: string
  readonly ofPath: boolean
}

/** Header names have no case, and parameters of a path are known by their position. */
function keyOfParameter(where: string, name: string, order: readonly string[]): string {
  if (where === 'header') return `header ${name.toLowerCase()}`
  const index = where === 'path' ? order.indexOf(name) : -1
  return index < 0 ? `${where} ${name}` : `path #${index}`
}

/** Other parts of the description speak for these headers; as parameters they are to be ignored. */
function isIgnored(where: string, name: string): boolean {
  return where === 'header' && ['accept', 'content-type', 'authorization'].includes(name.toLowerCase())
}
