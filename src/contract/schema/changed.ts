import type { Comparer, Edge, Pair } from './change.ts'

export interface Changed {
  /** Whether any edit is at a pair or reachable from it. */
  is(pair: Pair): boolean
  /** The edges of a pair that lead to an edit. */
  edges(pair: Pair): readonly Edge[]
}

/**
 * Every pair is decided once for the whole comparison, so that ten thousand operations on one unchanged component do
 * not walk it ten thousand times.
 */
export function createChanged(comparer: Comparer): Changed {
  const decided = new Map<Pair, boolean>()
  const kept = new Map<Pair, readonly Edge[]>()
  const is = (start: Pair): boolean => {
    const known = decided.get(start)
    if (known !== undefined) return known
    const reached = new Set<Pair>([start])
    const users = new Map<Pair, Pair[]>()
    const dirty: Pair[] = []
    for (const pair of reached) {
      comparer.build(pair)
      if (pair.changes.length > 0) dirty.push(pair)
      for (const { to } of pair.edges) {
        const before = decided.get(to)
        if (before === true) dirty.push(pair)
        if (before !== undefined) continue
        const list = users.get(to)
        if (list === undefined) users.set(to, [pair])
        else list.push(pair)
        reached.add(to)
      }
    }
    for (let next = dirty.pop(); next !== undefined; next = dirty.pop()) {
      if (decided.get(next) === true) continue
      decided.set(next, true)
      dirty.push(...(users.get(next) ?? []))
    }
    for (const pair of reached) if (!decided.has(pair)) decided.set(pair, false)
    return decided.get(start) === true
  }
  return {
    is,
    edges: (pair) => {
      const edges = kept.get(pair) ?? pair.edges.filter(({ to }) => is(to))
      kept.set(pair, edges)
      return edges
    },
  }
}
