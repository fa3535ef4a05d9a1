/** The leaves of a JSON value by their path. Bounded: a huge answer is compared as far as it was read. */
export function leavesOf(
  value: unknown,
  most = 50_000,
): ReadonlyMap<string, string | number | boolean | null> {
  const found = new Map<string, string | number | boolean | null>()
  const open: (readonly [path: string, value: unknown])[] = [['', value]]
  while (open.length > 0 && found.size < most) {
    const next = open.pop()
    if (next === undefined) break
    const [path, here] = next
    if (typeof here === 'object' && here !== null) {
      for (const [key, child] of Object.entries(here)) open.push([`${path}/${key}`, child])
    } else if (here === null || ['string', 'number', 'boolean'].includes(typeof here)) {
      found.set(path, here as string | number | boolean | null)
    }
  }
  return found
}

/** Nothing in it: no text but an empty one, no number but zero. */
export function isEmpty(json: unknown): boolean {
  for (const leaf of leavesOf(json).values())
    if (leaf !== null && leaf !== '' && leaf !== 0 && leaf !== false) return false
  return true
}

/** Keys and types without values: how an answer looks. */
export function shapeOf(json: unknown): string {
  const paths = [...leavesOf(json)].map(
    ([path, leaf]) => `${path.replaceAll(/\/\d+(?=\/|$)/g, '/#')}:${typeof leaf}`,
  )
  return [...new Set(paths)].sort().join(' ')
}

/** A text that is equal for equal values, whatever the order of keys. */
export function canonical(json: unknown): string {
  return JSON.stringify([...leavesOf(json)].sort(([left], [right]) => (left < right ? -1 : 1)))
}
