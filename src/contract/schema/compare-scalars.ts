import type { Change, Comparer, Edge, Found } from './change.ts'
import { type Effect, effectOf } from './effect.ts'
import { sameSpelling } from './encoded.ts'
import { canonical } from './json.ts'
import { isEverything } from './pattern.ts'
import { at, type Place } from './place.ts'
import { type BoundName, boundKeywords, boundNames, isLower, type Shape } from './shape.ts'
import { bit, numberTypes } from './types.ts'

/** Values, bounds, patterns and what text contains. */
export function compareScalars(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes = [
    ...compareValues(base, revision),
    ...compareBounds(base, revision),
    ...compareMultiples(base, revision),
    ...comparePatterns(base, revision),
    ...compareDefaults(base, revision),
  ]
  const content = compareContent(base, revision, comparer)
  return { changes: [...changes, ...content.changes], edges: content.edges }
}

/** What may be chosen from; also where types have nothing in common. */
export function compareValues(base: Shape, revision: Shape): readonly Change[] {
  const changes: Change[] = []
  const [from, to] = [base.values, revision.values]
  if (from !== undefined && to !== undefined) {
    const gone = [...from.keys()].filter((value) => !to.has(value))
    const come = [...to.keys()].filter((value) => !from.has(value))
    if (base.usesConst && revision.usesConst && gone.length > 0 && come.length > 0) {
      changes.push(change('const-changed', 'both', base, revision, 'const', gone.join(), come.join()))
    } else {
      for (const value of gone)
        changes.push(change('enum-value-removed', 'narrows', base, revision, value, value))
      // Whoever reads an extensible enum has been told to expect values that it does not list.
      const effect = base.extensible === undefined ? 'widens' : 'none'
      for (const value of come)
        changes.push(change('enum-value-added', effect, base, revision, value, undefined, value))
    }
  } else if (to !== undefined) {
    const name = revision.usesConst ? 'const-added' : 'became-enum'
    changes.push(change(name, 'narrows', base, revision, undefined, undefined, [...to.keys()].join()))
  } else if (from !== undefined) {
    const name = base.usesConst ? 'const-removed' : 'became-not-enum'
    changes.push(change(name, 'widens', base, revision, undefined, [...from.keys()].join()))
  }
  for (const value of base.extensible ?? []) {
    if (revision.extensible !== undefined && !revision.extensible.includes(value)) {
      changes.push(change('x-extensible-enum-value-removed', 'narrows', base, revision, value, value))
    }
  }
  for (const value of revision.extensible ?? []) {
    if (base.extensible !== undefined && !base.extensible.includes(value)) {
      changes.push(change('x-extensible-enum-value-added', 'none', base, revision, value, undefined, value))
    }
  }
  return changes
}

/** Bounds that speak of one thing: an exclusive and an inclusive one are judged together. */
const scales: readonly {
  readonly types: number
  readonly lower: readonly BoundName[]
  readonly upper: readonly BoundName[]
}[] = [
  { types: numberTypes, lower: ['min', 'exclusive-min'], upper: ['max', 'exclusive-max'] },
  { types: bit.string, lower: ['min-length'], upper: ['max-length'] },
  { types: bit.array, lower: ['min-items'], upper: ['max-items'] },
  { types: bit.object, lower: ['min-properties'], upper: ['max-properties'] },
]

function compareBounds(base: Shape, revision: Shape): readonly Change[] {
  const effects = new Map<BoundName, Effect>()
  const shared = base.types & revision.types
  for (const { types, lower, upper } of scales) {
    // A bound that cannot apply where it stands is meant for something, as generators do that put the limits of
    // elements on their list. It is judged as if it applied.
    const kind = (shared & types) === 0 ? types : shared
    for (const [names, sign] of [
      [lower, 1],
      [upper, -1],
    ] as const) {
      const [from, to] = [limit(base, names, sign, kind), limit(revision, names, sign, kind)]
      for (const name of names) effects.set(name, effectOf(to > from, to < from))
    }
  }
  const changes: Change[] = []
  for (const name of boundNames) {
    const effect = effects.get(name)
    const [from, to] = [base.bounds.get(name), revision.bounds.get(name)]
    if (effect === undefined || from === to) continue
    const places = keywordPlaces(base, revision, boundKeywords[name])
    const action = actionOf(from, to)
    changes.push({ name: `${name}-${action}`, effect, ...words(from, to), ...places })
  }
  return changes
}

function actionOf(from: number | undefined, to: number | undefined): string {
  if (from === undefined) return 'set'
  if (to === undefined) return 'unset'
  return to > from ? 'increased' : 'decreased'
}

/** One number for inclusive and exclusive bounds together; the higher, the tighter. */
function limit(shape: Shape, names: readonly BoundName[], sign: 1 | -1, types: number): number {
  const integers = (types & bit.fraction) === 0
  // Counts are never below zero, so `minLength: 0` is no bound.
  const floor = names.some((name) => name.includes('-') && !name.includes('exclusive') && isLower(name))
  let tightest = floor ? 0 : Number.NEGATIVE_INFINITY
  for (const name of names) {
    const value = shape.bounds.get(name)
    if (value === undefined) continue
    const exclusive = name.startsWith('exclusive')
    const signed = sign * value
    const whole = Math.ceil(signed)
    // For integers `> 4` is `>= 5`. Elsewhere an exclusive bound is tighter by less than any number can say.
    const next = whole === signed && exclusive ? whole + 1 : whole
    tightest = Math.max(
      tightest,
      integers && (types & numberTypes) !== 0 ? next : exclusive ? above(signed) : signed,
    )
  }
  return tightest
}

/** The next number that a double can hold. */
function above(value: number): number {
  if (!Number.isFinite(value)) return value
  const step = Math.max(Number.MIN_VALUE, Math.abs(value) * Number.EPSILON)
  return value + step
}

function compareMultiples(base: Shape, revision: Shape): readonly Change[] {
  if ((base.types & revision.types & numberTypes) === 0) return []
  const [from, to] = [base.multiples, revision.multiples]
  const integers = (base.types & revision.types & bit.fraction) === 0
  const met = (inner: readonly number[], outer: readonly number[]): boolean =>
    outer.every((step) => (integers && step === 1) || inner.some((one) => isMultiple(one, step)))
  const effect = effectOf(!met(from, to), !met(to, from))
  if (effect === 'none') return []
  const name =
    from.length === 0 ? 'multiple-of-set' : to.length === 0 ? 'multiple-of-unset' : 'multiple-of-changed'
  const places = keywordPlaces(base, revision, 'multipleOf')
  return [
    { name, effect, ...words(from.join(' and ') || undefined, to.join(' and ') || undefined), ...places },
  ]
}

/** Only whole steps are compared by division: 0.3 is no multiple of 0.1 in binary. */
function isMultiple(value: number, step: number): boolean {
  return (
    value === step || (Number.isInteger(value) && Number.isInteger(step) && step !== 0 && value % step === 0)
  )
}

function comparePatterns(base: Shape, revision: Shape): readonly Change[] {
  if ((base.types & revision.types & bit.string) === 0) return []
  const gone = [...base.patterns.keys()].filter((pattern) => !revision.patterns.has(pattern))
  const come = [...revision.patterns.keys()].filter((pattern) => !base.patterns.has(pattern))
  const changes: Change[] = []
  while (gone.length > 0 || come.length > 0) {
    const [from, to] = [gone.shift(), come.shift()]
    const places = {
      base: at(base.place, 'pattern'),
      revision: at(revision.place, 'pattern'),
      ...words(from, to),
    }
    const [trivialFrom, trivialTo] = [
      from === undefined || isEverything(from),
      to === undefined || isEverything(to),
    ]
    if (trivialFrom && trivialTo) continue
    if (to === undefined) changes.push({ name: 'pattern-removed', effect: 'widens', ...places })
    else if (trivialTo) changes.push({ name: 'pattern-generalized', effect: 'widens', ...places })
    else if (trivialFrom) changes.push({ name: 'pattern-added', effect: 'narrows', ...places })
    // Which of two regular expressions takes more is not decided here: it may be neither.
    else changes.push({ name: 'pattern-changed', effect: 'both', ...places })
  }
  return changes
}

function compareDefaults(base: Shape, revision: Shape): readonly Change[] {
  const [from, to] = [base.fallback, revision.fallback]
  if (from === undefined && to === undefined) return []
  const [before, after] = [
    from === undefined ? undefined : canonical(from),
    to === undefined ? undefined : canonical(to),
  ]
  if (before === after) return []
  const action = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return [change(`default-value-${action}`, 'none', base, revision, undefined, before, after)]
}

function compareContent(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  const [before, after] = sameSpelling(base, revision)
  for (const [name, key] of [
    ['content-encoding-changed', 'contentEncoding'],
    ['content-media-type-changed', 'contentMediaType'],
  ] as const) {
    if (before[key] !== after[key]) {
      changes.push(change(name, 'both', base, revision, undefined, before[key], after[key]))
    }
  }
  const [from, to] = [base.contentSchema, revision.contentSchema]
  if (from.length > 0 && to.length > 0) {
    edges.push({
      to: comparer.pair(comparer.base.of(from), comparer.revision.of(to)),
      step: 'contentSchema',
      flip: false,
    })
  } else if (to.length > 0) changes.push(change('content-schema-added', 'narrows', base, revision))
  else if (from.length > 0) changes.push(change('content-schema-removed', 'widens', base, revision))
  return { changes, edges }
}

function change(
  name: string,
  effect: Effect,
  base: Shape,
  revision: Shape,
  subject?: string,
  from?: string,
  to?: string,
): Change {
  const facts = { ...(subject === undefined ? {} : { subject }), ...words(from, to) }
  return { name, effect, ...facts, base: base.place, revision: revision.place }
}

function words(from: unknown, to: unknown): { from?: string; to?: string } {
  return {
    ...(from === undefined ? {} : { from: String(from) }),
    ...(to === undefined ? {} : { to: String(to) }),
  }
}

/** Points at the keyword where it stands, at its schema where it does not. */
function keywordPlaces(base: Shape, revision: Shape, keyword: string): { base: Place; revision: Place } {
  const find = (shape: Shape): Place =>
    shape.leaves.map((leaf) => at(leaf, keyword)).find(({ value }) => value !== undefined) ?? shape.place
  return { base: find(base), revision: find(revision) }
}
