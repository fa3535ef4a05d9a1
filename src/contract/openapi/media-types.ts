/** RFC 9110 §8.3.1 and §12.5.1: a type, a range such as `text/*`, or a type with a structured suffix. */
export interface MediaType {
  readonly text: string
  readonly essence: string
  readonly parameters: string
}

export function mediaTypeOf(text: string): MediaType {
  const [essence = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  return { text, essence, parameters: parameters.sort().join(';') }
}

/** Whether every document of `inner` is one of `outer`: by a range, or by the suffix (`application/problem+json`). */
export function includes(outer: string, inner: string): boolean {
  const [wide, narrow] = [mediaTypeOf(outer), mediaTypeOf(inner)]
  if (wide.essence === narrow.essence) return wide.parameters === '' || wide.parameters === narrow.parameters
  if (wide.essence === '*/*' || wide.essence === '*') return true
  const [type, subtype] = split(wide.essence)
  const [innerType, innerSubtype] = split(narrow.essence)
  if (type !== innerType) return false
  return subtype === '*' || innerSubtype.endsWith(`+${subtype}`)
}

function split(essence: string): readonly [string, string] {
  const [type = '', subtype = ''] = essence.split('/', 2)
  return [type, subtype]
}

export interface MediaPair {
  readonly base: string | undefined
  readonly revision: string | undefined
}

/** The same name first, then the same type with other parameters, then a range or suffix that takes the other in. */
export function pairMediaTypes(base: readonly string[], revision: readonly string[]): readonly MediaPair[] {
  const [left, right] = [new Set(base), new Set(revision)]
  const pairs: MediaPair[] = []
  const take = (same: (from: string, to: string) => boolean): void => {
    for (const from of [...left]) {
      const to = [...right].find((other) => same(from, other))
      if (to === undefined) continue
      pairs.push({ base: from, revision: to })
      left.delete(from)
      right.delete(to)
    }
  }
  const key = (text: string): string => `${mediaTypeOf(text).essence};${mediaTypeOf(text).parameters}`
  take((from, to) => key(from) === key(to))
  take((from, to) => mediaTypeOf(from).essence === mediaTypeOf(to).essence)
  take((from, to) => includes(to, from))
  take((from, to) => includes(from, to))
  for (const from of left) {
    // A range may take in several: those that found it taken are still served by it.
    const wide = revision.find((to) => includes(to, from))
    pairs.push({ base: from, revision: wide })
  }
  for (const to of right) {
    const narrow = base.find((from) => includes(from, to))
    pairs.push({ base: narrow, revision: to })
  }
  return pairs
}
