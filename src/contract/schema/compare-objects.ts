import type { Change, Comparer, Edge, Found, PropertyFacts, PropertySide } from './change.ts'
import { compareKeyword, constraint } from './compare-arrays.ts'
import { effectOf, narrows, widens } from './effect.ts'
import { patternMatches } from './pattern.ts'
import { areTwins, at, type Place } from './place.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'

export function compareObjects(base: Shape, revision: Shape, comparer: Comparer): Found {
  const names = new Set([
    ...base.names,
    ...revision.names,
    ...base.required.keys(),
    ...revision.required.keys(),
  ])
  const places = { base: base.place, revision: revision.place }
  const found: Found[] = [...names].map((name) => compareProperty(name, base, revision, comparer))
  found.push(compareAdditional(base, revision, comparer))
  found.push(comparePatternProperties(base, revision, comparer))
  found.push(compareKeyword('property-names', base.propertyNames, revision.propertyNames, comparer, places))
  found.push(
    compareKeyword(
      'unevaluated-properties',
      base.unevaluatedProperties,
      revision.unevaluatedProperties,
      comparer,
      places,
    ),
  )
  found.push(compareDependentRequired(base, revision), compareDependentSchemas(base, revision, comparer))
  return {
    changes: found.flatMap(({ changes }) => changes),
    edges: found.flatMap(({ edges }) => edges),
  }
}

/** Whether a schema can be met at all; `additionalProperties: false` is one that cannot. */
const isNever = (shape: Shape | undefined): boolean => shape !== undefined && shape.types === 0

function compareProperty(name: string, base: Shape, revision: Shape, comparer: Comparer): Found {
  if (isUntouched(name, base, revision, comparer)) return { changes: [], edges: [] }
  const [before, after] = [comparer.base.property(base, name), comparer.revision.property(revision, name)]
  const facts: PropertyFacts = {
    name,
    base: base.names.has(name) ? sideOf(name, base, before) : undefined,
    revision: revision.names.has(name) ? sideOf(name, revision, after) : undefined,
  }
  const [was, is] = [base.required.has(name), revision.required.has(name)]
  const places = { base: placeOf(name, base), revision: placeOf(name, revision) }
  const changes: Change[] = []
  const add = (edit: string, effect: Change['effect']): void => {
    changes.push({ name: edit, effect, subject: name, property: facts, ...places })
  }
  if (facts.base === undefined && facts.revision !== undefined) {
    add('property-added', effectOf(is && !was, false))
    if (isNever(before) && !isNever(after)) add('property-added-to-closed-object', 'widens')
    else if (before === undefined && after !== undefined && comparer.contentModel === 'strict') {
      add('property-added-to-open-object', comparer.judge(comparer.pair(comparer.base.of([]), after)))
    }
  } else if (facts.base !== undefined && facts.revision === undefined) {
    add('property-removed', effectOf(false, was && !is))
    if (isNever(after) && !isNever(before)) add('property-removed-from-closed-object', 'narrows')
    else if (after === undefined && before !== undefined && comparer.contentModel === 'strict') {
      add(
        'property-removed-from-open-object',
        comparer.judge(comparer.pair(before, comparer.revision.of([]))),
      )
    }
  }
  // A schema that nothing meets forbids the property.
  const [wasForbidden, isForbidden] = [isNever(before), isNever(after)]
  if (facts.base === undefined && facts.revision !== undefined && isForbidden && !wasForbidden) {
    add('property-forbidden', 'narrows')
  }
  if (facts.base !== undefined && facts.revision === undefined && wasForbidden && !isForbidden) {
    add('property-no-longer-forbidden', 'widens')
  }
  // A property that comes required or goes is one edit with its duty; any other change of duty is an edit of its own.
  if (is && !was && !(facts.base === undefined && facts.revision !== undefined))
    add('became-required', 'narrows')
  if (was && !is && !(facts.base !== undefined && facts.revision === undefined))
    add('became-optional', 'widens')
  if (facts.base !== undefined && facts.revision !== undefined) {
    for (const [flag, edit] of [
      ['readOnly', 'read-only'],
      ['writeOnly', 'write-only'],
    ] as const) {
      if (facts.base?.[flag] === facts.revision?.[flag]) continue
      add(facts.revision?.[flag] === true ? `became-${edit}` : `became-not-${edit}`, 'none')
    }
  }
  const compared = before !== undefined && after !== undefined && !isNever(before) && !isNever(after)
  const declared = facts.base !== undefined || facts.revision !== undefined
  const edges: Edge[] = []
  if (declared && (compared || (facts.base !== undefined && facts.revision !== undefined))) {
    const pair = comparer.pair(before ?? comparer.base.of([]), after ?? comparer.revision.of([]))
    edges.push({ to: pair, step: name, flip: false, property: facts })
  }
  return { changes, edges }
}

function isUntouched(name: string, base: Shape, revision: Shape, comparer: Comparer): boolean {
  if (base.required.has(name) !== revision.required.has(name)) return false
  if (!base.names.has(name) || !revision.names.has(name)) return false
  const from = comparer.base.propertyPlaces(base, name)
  const to = comparer.revision.propertyPlaces(revision, name)
  return (
    from.length === to.length &&
    from.every((place, index) => {
      const other = to[index]
      return other !== undefined && areTwins(place, other)
    })
  )
}

function sideOf(name: string, shape: Shape, property: Shape | undefined): PropertySide {
  return {
    required: shape.required.has(name),
    readOnly: property?.readOnly ?? false,
    writeOnly: property?.writeOnly ?? false,
    hasDefault: property?.hasDefault ?? false,
  }
}

function placeOf(name: string, shape: Shape): Place {
  const declared = shape.objects.flatMap(({ properties }) => properties.get(name) ?? [])[0]
  return declared ?? shape.required.get(name) ?? shape.place
}

function compareAdditional(base: Shape, revision: Shape, comparer: Comparer): Found {
  const nothing: Found = { changes: [], edges: [] }
  const explicit = [base, revision].some((shape) => shape.objects.some(({ stated }) => stated))
  // Without the keyword on either side it is unevaluatedProperties that speaks, and that has ids of its own.
  if (!explicit) return nothing
  const [before, after] = [comparer.base.additional(base), comparer.revision.additional(revision)]
  if (before === undefined && after === undefined) return nothing
  const [wasClosed, isClosed] = [isNever(before), isNever(after)]
  if (wasClosed && isClosed) return nothing
  const keyword = (shape: Shape): Place =>
    shape.leaves.map((leaf) => at(leaf, 'additionalProperties')).find(({ value }) => value !== undefined) ??
    shape.place
  const places = { base: keyword(base), revision: keyword(revision) }
  if (isClosed)
    return { changes: [{ name: 'additional-properties-closed', effect: 'narrows', ...places }], edges: [] }
  if (wasClosed)
    return { changes: [{ name: 'additional-properties-opened', effect: 'widens', ...places }], edges: [] }
  const pair = comparer.pair(before ?? comparer.base.of([]), after ?? comparer.revision.of([]))
  if (before !== undefined && after !== undefined) {
    return { changes: [], edges: [{ to: pair, step: '*', flip: false }] }
  }
  const name = after === undefined ? 'additional-properties-unrestricted' : 'additional-properties-restricted'
  const effect = comparer.judge(pair)
  return effect === 'none' ? nothing : { changes: [{ name, effect, ...places }], edges: [] }
}

function comparePatternProperties(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  for (const pattern of new Set([...base.patternNames, ...revision.patternNames])) {
    const before = comparer.base.patternProperty(base, pattern)
    const after = comparer.revision.patternProperty(revision, pattern)
    if (before !== undefined && after !== undefined) {
      edges.push({ to: comparer.pair(before, after), step: `/${pattern}/`, flip: false })
      continue
    }
    // Names of this pattern fall under additionalProperties on the side that does not know it.
    const from = before ?? unmatched(comparer.base, base)
    const to = after ?? unmatched(comparer.revision, revision)
    const effect = comparer.judge(comparer.pair(from, to))
    const touched = [...base.names, ...revision.names].some((name) => patternMatches(pattern, name) !== false)
    const name = after === undefined ? 'pattern-property-removed' : 'pattern-property-added'
    changes.push({
      name,
      effect: effectOf(
        narrows(effect) || (touched && after !== undefined),
        widens(effect) || (touched && before !== undefined),
      ),
      subject: pattern,
      base: base.place,
      revision: revision.place,
    })
  }
  return { changes, edges }
}

function unmatched(shapes: Shapes, shape: Shape): Shape {
  return shapes.additional(shape) ?? shapes.of([])
}

function compareDependentRequired(base: Shape, revision: Shape): Found {
  const changes: Change[] = []
  const places = { base: base.place, revision: revision.place }
  for (const key of new Set([...base.dependentRequired.keys(), ...revision.dependentRequired.keys()])) {
    const [from, to] = [base.dependentRequired.get(key), revision.dependentRequired.get(key)]
    const [gone, come] = [missing(from, to), missing(to, from)]
    if (gone.length === 0 && come.length === 0) continue
    const action = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
    changes.push({
      name: `dependent-required-${action}`,
      effect: effectOf(come.length > 0, gone.length > 0),
      subject: key,
      from: [...(from ?? [])].join(', '),
      to: [...(to ?? [])].join(', '),
      ...places,
    })
  }
  return { changes, edges: [] }
}

function missing(
  from: ReadonlySet<string> | undefined,
  to: ReadonlySet<string> | undefined,
): readonly string[] {
  return [...(from ?? [])].filter((name) => to?.has(name) !== true)
}

function compareDependentSchemas(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  for (const key of new Set([...base.dependentSchemas.keys(), ...revision.dependentSchemas.keys()])) {
    const [from, to] = [base.dependentSchemas.get(key), revision.dependentSchemas.get(key)]
    if (from !== undefined && to !== undefined) {
      const pair = comparer.pair(comparer.base.of(from), comparer.revision.of(to))
      edges.push({ to: pair, step: `dependentSchemas.${key}`, flip: false })
      continue
    }
    const name = to === undefined ? 'dependent-schema-removed' : 'dependent-schema-added'
    changes.push({
      name,
      effect: constraint(from ?? [], to ?? []),
      subject: key,
      base: base.place,
      revision: revision.place,
    })
  }
  return { changes, edges }
}
