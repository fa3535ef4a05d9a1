import type { Change } from './change.ts'
import type { Place } from './place.ts'
import type { Shape } from './shape.ts'
import { bit } from './types.ts'

const keywords = [
  ['unevaluated-items', bit.array, (shape: Shape) => shape.unevaluatedItems],
  ['contains', bit.array, (shape: Shape) => shape.contains],
  ['unevaluated-properties', bit.object, (shape: Shape) => shape.unevaluatedProperties],
  ['property-names', bit.object, (shape: Shape) => shape.propertyNames],
] as const satisfies readonly (readonly [string, number, (shape: Shape) => readonly Place[]])[]

/**
 * Keywords of a type that the schema does not have. Each says something of its own type only (JSON Schema 2020-12,
 * validation §3 and applicator §10.3), so the edit is told and changes nothing.
 */
export function compareIdle(base: Shape, revision: Shape, types: number): readonly Change[] {
  const changes: Change[] = []
  for (const [name, type, of] of keywords) {
    if ((types & type) !== 0) continue
    const [from, to] = [of(base).length > 0, of(revision).length > 0]
    if (from === to) continue
    const places = { base: base.place, revision: revision.place }
    changes.push({ name: `${name}-${to ? 'added' : 'removed'}`, effect: 'none', ...places })
  }
  return changes
}
