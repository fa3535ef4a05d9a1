import type { Change, Found } from './change.ts'
import { effectOf } from './effect.ts'
import { sameSpelling } from './encoded.ts'
import { compareFormats } from './formats.ts'
import type { Shape } from './shape.ts'
import { allTypes, asText, bit, typeNames } from './types.ts'

/** Type, format and nullability. The name of the edit is settled later, when the direction is known. */
export function compareTypes(base: Shape, revision: Shape): Found {
  const [from, to] = [spoken(base, revision), spoken(revision, base)]
  const changes: Change[] = []
  const places = { base: base.place, revision: revision.place }
  const [fromPlain, toPlain] = [from & ~bit.null, to & ~bit.null]
  const untyped = from === allTypes || to === allTypes
  if (fromPlain !== toPlain) {
    const [nullFrom, nullTo] = untyped ? [from, to] : [fromPlain, toPlain]
    changes.push({
      name: typeEdit(base, revision, fromPlain, toPlain),
      effect: effectOf((nullFrom & ~nullTo) !== 0, (nullTo & ~nullFrom) !== 0),
      textEffect: textEffect(base, revision),
      subject: 'type',
      from: typeNames(fromPlain),
      to: typeNames(toPlain),
      ...places,
    })
  }
  if ((from & bit.null) !== (to & bit.null) && (fromPlain === toPlain || !untyped)) {
    const name = (to & bit.null) === 0 ? 'became-not-nullable' : 'became-nullable'
    changes.push({
      name,
      effect: effectOf(name === 'became-not-nullable', name === 'became-nullable'),
      ...places,
    })
  }
  const [before, after] = sameSpelling(base, revision)
  const format = compareFormats(before.formats, after.formats, fromPlain & toPlain)
  if (format !== 'none' && fromPlain === toPlain) {
    changes.push({
      name: 'type',
      effect: format,
      subject: 'format',
      from: `${typeNames(fromPlain)}/${base.formats.join(', ') || 'no format'}`,
      to: `${typeNames(toPlain)}/${revision.formats.join(', ') || 'no format'}`,
      ...places,
    })
  }
  return { changes, edges: [] }
}

/**
 * The types that count for this comparison: the stated ones. A schema that states none but lists its values has the
 * types of its values, so that leaving out a redundant `type` is no edit.
 */
function spoken(shape: Shape, other: Shape): number {
  if (shape.declared === other.declared) return shape.declared
  return shape.typed || shape.values === undefined
    ? shape.declared
    : shape.types | (shape.declared & bit.null)
}

function typeEdit(base: Shape, revision: Shape, from: number, to: number): string {
  if (to === (allTypes & ~bit.null) || from === (allTypes & ~bit.null)) return 'type-any'
  const lists = base.typeList && revision.typeList
  return lists && ((from & ~to) === 0 || (to & ~from) === 0) ? 'list-of-types' : 'type'
}

/** In text a string without constraints takes every number and boolean, so giving up the type only widens. */
function textEffect(base: Shape, revision: Shape): ReturnType<typeof effectOf> {
  const from = free(base) ? asText(base.types) : base.types
  const to = free(revision) ? asText(revision.types) : revision.types
  const ignoreNull = ~bit.null
  return effectOf((from & ~to & ignoreNull) !== 0, (to & ~from & ignoreNull) !== 0)
}

function free(shape: Shape): boolean {
  const bounded = shape.bounds.has('min-length') || shape.bounds.has('max-length')
  return shape.values === undefined && shape.patterns.size === 0 && shape.formats.length === 0 && !bounded
}
