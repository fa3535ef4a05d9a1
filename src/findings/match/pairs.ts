/** Over this many combinations the pairs of a bucket are taken in their order: nothing may take quadratic time. */
const mostCombinations = 4_096

export interface Side<T> {
  readonly key: (one: T) => string | undefined
  /** Line now; NaN where there is none. */
  readonly line: (one: T) => number
}

/**
 * Pairs what has the same key, one to one, so that k then and m now leave m - k that are new. Where there is a choice the
 * nearest pair is taken first: of a line and its copy it is the copy that is left as new.
 */
export function pairUp<T>(
  before: { readonly left: Set<T>; readonly side: Side<T> },
  now: { readonly left: Set<T>; readonly side: Side<T> },
  may: { readonly within: number; readonly pair: (before: T, now: T) => boolean },
  take: (before: T, now: T) => void,
): void {
  const buckets = new Map<string, { before: T[]; now: T[] }>()
  for (const one of before.left) {
    const key = before.side.key(one)
    if (key === undefined) continue
    const bucket = buckets.get(key)
    if (bucket === undefined) buckets.set(key, { before: [one], now: [] })
    else bucket.before.push(one)
  }
  for (const one of now.left) {
    const key = now.side.key(one)
    if (key !== undefined) buckets.get(key)?.now.push(one)
  }
  const far = (a: T, b: T) => {
    if (!may.pair(a, b)) return Number.POSITIVE_INFINITY
    const [x, y] = [before.side.line(a), now.side.line(b)]
    const distance =
      Number.isNaN(x) || Number.isNaN(y) ? (Number.isNaN(x) === Number.isNaN(y) ? 0 : 1e9) : Math.abs(x - y)
    return distance <= may.within ? distance : Number.POSITIVE_INFINITY
  }
  for (const bucket of buckets.values()) {
    if (bucket.now.length === 0) continue
    const few = bucket.before.length * bucket.now.length <= mostCombinations
    const pairs = few ? nearestFirst(bucket, far) : inOrder(bucket, before.side.line, now.side.line, far)
    for (const [a, b] of pairs) {
      before.left.delete(a)
      now.left.delete(b)
      take(a, b)
    }
  }
}

interface Bucket<T> {
  readonly before: readonly T[]
  readonly now: readonly T[]
}

function nearestFirst<T>(
  { before, now }: Bucket<T>,
  far: (a: T, b: T) => number,
): readonly (readonly [T, T])[] {
  const all = before.flatMap((a, x) => now.map((b, y) => ({ a, b, x, y, far: far(a, b) })))
  const used = new Set<T>()
  return all
    .sort((one, other) => one.far - other.far || one.x - other.x || one.y - other.y)
    .flatMap(({ a, b, far }) => {
      if (!Number.isFinite(far) || used.has(a) || used.has(b)) return []
      used.add(a).add(b)
      return [[a, b] as const]
    })
}

/** Both sides by line, like the merge of two sorted lists: whoever finds no partner is passed over. */
function inOrder<T>(
  { before, now }: Bucket<T>,
  lineThen: (one: T) => number,
  lineNow: (one: T) => number,
  far: (a: T, b: T) => number,
): readonly (readonly [T, T])[] {
  const by = (line: (one: T) => number) => (a: T, b: T) => (line(a) || 0) - (line(b) || 0)
  const lefts = before.toSorted(by(lineThen))
  const rights = now.toSorted(by(lineNow))
  const pairs: (readonly [T, T])[] = []
  for (let x = 0, y = 0; x < lefts.length && y < rights.length; ) {
    const [a, b] = [lefts[x] as T, rights[y] as T]
    if (Number.isFinite(far(a, b))) {
      pairs.push([a, b])
      x += 1
      y += 1
    } else if ((lineThen(a) || 0) <= (lineNow(b) || 0)) x += 1
    else y += 1
  }
  return pairs
}
