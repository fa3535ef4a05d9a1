import { type Description, keyOf, type Place } from '../../contract/index.ts'

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
