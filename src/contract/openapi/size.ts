/** A document that is larger than this once its aliases are written out is made to keep a gate busy. */
const maxValues = 8_000_000

interface Size {
  readonly levels: number
  readonly values: number
}

/** Whether a value without aliases is nested deeper than so many levels. */
export function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels <= 0) return true
  for (const child of Object.values(value)) if (isDeep(child, levels - 1)) return true
  return false
}

/**
 * Whether a document is deeper or larger than any real one as if every alias were written out, counted without
 * writing any out: what stands behind two aliases is measured once. A value that holds itself has no end.
 */
export function isEndless(root: unknown, maxLevels: number): boolean {
  const known = new Map<object, Size>()
  const open = new Set<object>()
  const measure = (value: unknown, level: number): Size | undefined => {
    if (typeof value !== 'object' || value === null) return { levels: 0, values: 1 }
    const found = known.get(value)
    if (found !== undefined) return found
    if (level > maxLevels || open.has(value)) return undefined
    open.add(value)
    let [levels, values] = [0, 1]
    for (const child of Object.values(value)) {
      const size = measure(child, level + 1)
      if (size === undefined) return undefined
      levels = Math.max(levels, size.levels)
      values += size.values
    }
    open.delete(value)
    const size = { levels: levels + 1, values }
    known.set(value, size)
    return levels + 1 > maxLevels || values > maxValues ? undefined : size
  }
  return measure(root, 0) === undefined
}
