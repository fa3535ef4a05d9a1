import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { bit } from './types.ts'

/**
 * Whether no instance can meet both schemas, as far as types, values and a property that both ask for can prove it.
 * `false` means that it could not be proved.
 */
export function disjoint(left: Shape, right: Shape, shapes: Shapes, depth = 0): boolean {
  const shared = left.types & right.types
  if (shared === 0) return true
  if (depth > 4) return false
  if ((shared & bit.null) === 0 && left.values !== undefined && right.values !== undefined) {
    const [one, other] = [left.values, right.values]
    if (![...one.keys()].some((value) => other.has(value))) return true
  }
  if (shared !== bit.object) return false
  const common = [...left.required.keys()].filter((name) => right.required.has(name))
  return common.some((name) => {
    const [mine, theirs] = [shapes.property(left, name), shapes.property(right, name)]
    return mine !== undefined && theirs !== undefined && disjoint(mine, theirs, shapes, depth + 1)
  })
}
