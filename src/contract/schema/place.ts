import { FaultError } from '../../release/index.ts'
import { referenceCycle } from '../faults.ts'
import { isObject, keyOf } from './json.ts'

/** How schemas of a document are to be read: OpenAPI 3.0 has its own dialect, everything later is JSON Schema. */
export type Dialect = 'openapi-3.0' | 'json-schema'

export interface Source {
  readonly file: string
  readonly dialect: Dialect
}

/** A value of a document together with where it stands, so that a finding can name file and pointer. */
export interface Place {
  readonly source: Source
  readonly parent: Place | undefined
  readonly key: string
  readonly value: unknown
}

export function rootPlace(source: Source, value: unknown): Place {
  return { source, parent: undefined, key: '', value }
}

export function at(place: Place, ...keys: readonly (string | number)[]): Place {
  let here = place
  for (const key of keys) {
    const value: unknown = Array.isArray(here.value)
      ? here.value[Number(key)]
      : keyOf(here.value, String(key))
    here = { source: here.source, parent: here, key: String(key), value }
  }
  return here
}

/** The places of all entries of an object; empty for anything else. */
export function entriesOf(place: Place): readonly (readonly [string, Place])[] {
  const { value } = place
  return isObject(value) ? Object.keys(value).map((key) => [key, at(place, key)] as const) : []
}

export function itemsOf(place: Place): readonly Place[] {
  return Array.isArray(place.value) ? place.value.map((_, index) => at(place, index)) : []
}

export function segmentsOf(place: Place): readonly string[] {
  const keys: string[] = []
  for (let here: Place | undefined = place; here?.parent !== undefined; here = here.parent)
    keys.push(here.key)
  return keys.reverse()
}

/** RFC 6901. */
export function pointerOf(place: Place): string {
  return segmentsOf(place)
    .map((key) => `/${escapeKey(key)}`)
    .join('')
}

export function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What resolves a `$ref` that stands at a place. It throws a FaultError when there is nothing there. */
export type Resolve = (at: Place, ref: string) => Place

/** Follows `$ref` of a Reference Object. One that leads a hundred times to the next one leads in a circle. */
export function follow(place: Place, resolve: Resolve, refOf = plainRef): Place {
  let here = place
  for (let hop = 0; hop < 100; hop += 1) {
    const ref = refOf(here)
    if (ref === undefined) return here
    here = resolve(here, ref)
  }
  throw new FaultError(referenceCycle(refOf(place) ?? '', { file: place.source.file }))
}

function plainRef(place: Place): string | undefined {
  const ref = keyOf(place.value, '$ref')
  return typeof ref === 'string' ? ref : undefined
}

/**
 * Equal values that refer to nothing else, in one dialect: whatever they mean, they mean the same. It spares unchanged
 * parts, which are nearly all of a document, every closer look.
 */
export function areTwins(left: Place, right: Place): boolean {
  return left.source.dialect === right.source.dialect && twins(left.value, right.value)
}

function twins(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null)
    return left === right
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every(
    (key) =>
      key !== '$ref' &&
      key !== '$dynamicRef' &&
      Object.hasOwn(right, key) &&
      twins(Reflect.get(left, key), Reflect.get(right, key)),
  )
}
