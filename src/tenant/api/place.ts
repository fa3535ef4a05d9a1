import type { Description } from '../../contract/index.ts'

/** A value of a description together with where it stands. */
export type Place = Description['root']
type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function keyOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
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

export function entriesOf(place: Place): readonly (readonly [string, Place])[] {
  return isObject(place.value) ? Object.keys(place.value).map((key) => [key, at(place, key)] as const) : []
}

export function itemsOf(place: Place): readonly Place[] {
  return Array.isArray(place.value) ? place.value.map((_, index) => at(place, index)) : []
}

/** Follows Reference Objects; a chain that does not end is left where it stands, and nothing comes of it. */
export function follow(place: Place, description: Description): Place {
  let here = place
  for (let hop = 0; hop < 100; hop += 1) {
    const ref = keyOf(here.value, '$ref')
    if (typeof ref !== 'string') return here
    here = description.resolve(here, ref)
  }
  return here
}

export function textOf(place: Place, key: string): string | undefined {
  const value = keyOf(place.value, key)
  return typeof value === 'string' ? value : undefined
}

export function pointerOf(place: Place): string {
  const keys: string[] = []
  for (let here: Place | undefined = place; here?.parent !== undefined; here = here.parent)
    keys.push(here.key)
  return keys
    .reverse()
    .map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}
