import { FaultError } from '../../release/index.ts'
import { tooLarge } from '../faults.ts'
import { canonical, isObject, keyOf, stringsOf } from './json.ts'
import {
  arrayPart,
  conditionalOf,
  declaresNull,
  dependentRequiredOf,
  groupsOf,
  type Leaf,
  leavesOf,
  objectPart,
  refOf,
  valuesOf,
} from './leaves.ts'
import { patternMatches } from './pattern.ts'
import { at, entriesOf, follow, itemsOf, type Place, type Resolve, rootPlace } from './place.ts'
import { type BoundName, boundKeywords, boundNames, hasBranches, isLower, type Shape } from './shape.ts'
import { allTypes, bit, typeOfValue, typesOf } from './types.ts'

/** Makes shapes of schemas and keeps them: one schema object, one shape, so cycles end by identity. */
export interface Shapes {
  /** The conjunction of the schemas at these places; of none, the schema that accepts everything. */
  of(places: readonly Place[]): Shape
  /** What a property of this name has to be; undefined when nothing is said of it. */
  property(shape: Shape, name: string): Shape | undefined
  /** Where that is said. */
  propertyPlaces(shape: Shape, name: string): readonly Place[]
  /** What names have to be that are not declared; undefined when nothing is said of them. */
  additional(shape: Shape): Shape | undefined
  /** What stands for a pattern of property names. */
  patternProperty(shape: Shape, pattern: string): Shape | undefined
  /** The element at an index; undefined when nothing is said of it. */
  element(shape: Shape, index: number): Shape | undefined
  /** The elements after the tuple. */
  rest(shape: Shape): Shape | undefined
  resolve: Resolve
}

let counter = 0
const ids = new WeakMap<object, number>()
function idOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const known = ids.get(value)
  if (known !== undefined) return `${known}`
  ids.set(value, ++counter)
  return `${counter}`
}

/** Conjunctions that stand in no document but arise of it; real documents make some hundreds. */
const maxCombined = 50_000
const entangled = `its schemas combine in more than ${maxCombined} ways`

const anything = rootPlace({ file: '', dialect: 'json-schema' }, true)

export function createShapes(resolve: Resolve): Shapes {
  const known = new Map<string, Shape>()
  const open = new Set<string>()
  let combined = 0

  const of = (places: readonly Place[]): Shape => {
    const roots = places.length === 0 ? [anything] : places
    const key = [...new Set(roots.map((root) => idOf(target(root).value)))].sort().join('&')
    const found = known.get(key)
    if (found !== undefined) return found
    if (roots.length > 1) combined += 1
    if (combined > maxCombined) throw new FaultError(tooLarge(roots[0]?.source.file ?? '', entangled))
    open.add(key)
    const shape = build(roots, { of, isOpen: (place) => open.has(idOf(target(place).value)), resolve })
    open.delete(key)
    known.set(key, shape)
    return shape
  }

  /** A reference that says nothing else is the schema it refers to. */
  const target = (place: Place): Place => follow(place, resolve, soleRef)

  const orNothing = (places: readonly Place[]): Shape | undefined =>
    places.length === 0 ? undefined : of(places)
  return {
    of,
    resolve,
    propertyPlaces,
    property: (shape, name) => orNothing(propertyPlaces(shape, name)),
    additional: (shape) => orNothing(additionalPlaces(shape)),
    patternProperty: (shape, pattern) =>
      orNothing(shape.objects.flatMap(({ patterns }) => patterns.get(pattern) ?? [])),
    element: (shape, index) =>
      orNothing(shape.arrays.flatMap(({ prefix, items }) => prefix[index] ?? items ?? [])),
    rest: (shape) => orNothing(shape.arrays.flatMap(({ items }) => items ?? [])),
  }
}

function soleRef(place: Place): string | undefined {
  const ref = refOf(place)
  if (ref === undefined || place.source.dialect === 'openapi-3.0') return ref
  return isObject(place.value) && Object.keys(place.value).length === 1 ? ref : undefined
}

function propertyPlaces(shape: Shape, name: string): readonly Place[] {
  const places = shape.objects.flatMap(({ properties, patterns, additional }) => {
    const matching = [...patterns].filter(([pattern]) => patternMatches(pattern, name) === true)
    const here = [properties.get(name), ...matching.map(([, place]) => place)].filter(
      (one) => one !== undefined,
    )
    if (here.length > 0 || additional === undefined) return here
    return perhaps(patterns.keys(), name) ? [] : [additional]
  })
  // What nothing declares is left to unevaluatedProperties, where that can be said for the schema as a whole.
  const declared = places.length > 0 || shape.names.has(name) || perhaps(shape.patternNames, name)
  return declared ? places : additionalPlaces(shape)
}

function perhaps(patterns: Iterable<string>, name: string): boolean {
  return [...patterns].some((pattern) => patternMatches(pattern, name) === undefined)
}

function additionalPlaces(shape: Shape): readonly Place[] {
  const places = shape.objects.flatMap(({ additional }) => additional ?? [])
  if (shape.opaque || shape.objects.some(({ stated }) => stated)) return places
  return shape.objects.flatMap(({ unevaluated }) => (unevaluated?.value === true ? [] : (unevaluated ?? [])))
}

interface Making {
  readonly of: (places: readonly Place[]) => Shape
  readonly isOpen: (place: Place) => boolean
  readonly resolve: Resolve
}

function build(roots: readonly Place[], making: Making): Shape {
  const leaves = roots.flatMap((root) => leavesOf(root, making.resolve))
  const places = leaves.map(({ place }) => place)
  const groups = leaves.flatMap(groupsOf)
  const sets = leaves.flatMap(valuesOf)
  const values = intersection(sets)
  const declared = declaredTypes(leaves, groups.length === 0, making)
  const contains = places.flatMap((place) => given(place, 'contains'))
  // `minContains: 0` lets an array be without any, so it takes the place of the default of 1.
  const least = numbers(places, 'minContains')
  const objects = leaves.map(objectPart)
  const arrays = leaves.map(arrayPart)
  const [root] = roots
  const whole = root === undefined ? anything : follow(root, making.resolve)
  const shape: Shape = {
    id: ++counter,
    place: whole,
    roots,
    leaves: places,
    members: roots.length === 1 ? itemsOf(at(whole, 'allOf')) : [],
    declared,
    types: effectiveTypes(declared, values, groups, making),
    typed: places.some(({ value }) => keyOf(value, 'type') !== undefined),
    typeList: places.some(
      ({ value }) => stringsOf(keyOf(value, 'type')).filter((t) => t !== 'null').length > 1,
    ),
    values,
    usesConst: places.some(({ value }) => isObject(value) && Object.hasOwn(value, 'const')),
    extensible: places
      .map(({ value }) => keyOf(value, 'x-extensible-enum'))
      .find(Array.isArray)
      ?.map((value) => canonical(value)),
    bounds: boundsOf(places),
    multiples: numbers(places, 'multipleOf'),
    unique: places.some(({ value }) => keyOf(value, 'uniqueItems') === true),
    patterns: new Map(places.flatMap((place) => strings(place, 'pattern'))),
    formats: [...new Set(places.flatMap((place) => strings(place, 'format').map(([text]) => text)))].sort(),
    contentEncoding: places.flatMap((place) => strings(place, 'contentEncoding'))[0]?.[0],
    contentMediaType: places.flatMap((place) => strings(place, 'contentMediaType'))[0]?.[0],
    contentSchema: places.flatMap((place) => given(place, 'contentSchema')),
    objects,
    required: new Map(
      places.flatMap((place) => {
        const list = at(place, 'required')
        return stringsOf(list.value).map((name) => [name, list] as const)
      }),
    ),
    names: new Set(objects.flatMap(({ properties }) => [...properties.keys()])),
    patternNames: new Set(objects.flatMap(({ patterns }) => [...patterns.keys()])),
    propertyNames: places.flatMap((place) => given(place, 'propertyNames')),
    unevaluatedProperties: places.flatMap((place) => given(place, 'unevaluatedProperties')),
    dependentRequired: joined(leaves.flatMap(dependentRequiredOf), (lists) => new Set(lists.flat())),
    dependentSchemas: joined(
      places.flatMap((place) => entriesOf(at(place, 'dependentSchemas'))),
      (list) => list,
    ),
    arrays,
    contains,
    minContains: contains.length === 0 ? 0 : Math.max(0, ...(least.length === 0 ? [1] : least)),
    maxContains: Math.min(Number.POSITIVE_INFINITY, ...numbers(places, 'maxContains')),
    unevaluatedItems: places.flatMap((place) => given(place, 'unevaluatedItems')),
    groups,
    nots: places.flatMap((place) => given(place, 'not')),
    conditionals: leaves.flatMap((leaf) => conditionalOf(leaf) ?? []),
    discriminator: places.flatMap((place) => given(place, 'discriminator'))[0],
    fallback: places.map(({ value }) => keyOf(value, 'default')).find((value) => value !== undefined),
    hasDefault: places.some(({ value }) => keyOf(value, 'default') !== undefined),
    readOnly: places.some(({ value }) => keyOf(value, 'readOnly') === true),
    writeOnly: places.some(({ value }) => keyOf(value, 'writeOnly') === true),
    deprecated: places.some(({ value }) => keyOf(value, 'deprecated') === true),
    opaque: false,
  }
  return { ...shape, opaque: isOpaque(shape) }
}

function numbers(places: readonly Place[], keyword: string): readonly number[] {
  return places.map(({ value }) => keyOf(value, keyword)).filter((value) => typeof value === 'number')
}

function given(place: Place, keyword: string): readonly Place[] {
  const here = at(place, keyword)
  return here.value === undefined ? [] : [here]
}

function strings(place: Place, keyword: string): readonly (readonly [string, Place])[] {
  const here = at(place, keyword)
  return typeof here.value === 'string' ? [[here.value, here]] : []
}

function joined<T, R>(
  entries: readonly (readonly [string, T])[],
  join: (list: readonly T[]) => R,
): Map<string, R> {
  const names = [...new Set(entries.map(([name]) => name))]
  return new Map(
    names.map((name) => [name, join(entries.filter(([one]) => one === name).map(([, value]) => value))]),
  )
}

function intersection(sets: readonly (readonly unknown[])[]): ReadonlyMap<string, unknown> | undefined {
  if (sets.length === 0) return undefined
  const maps = sets.map((set) => new Map(set.map((value) => [canonical(value), value])))
  const [first = new Map<string, unknown>(), ...others] = maps
  const kept = [...first].filter(
    ([text, value]) => value !== null && others.every((other) => other.has(text)),
  )
  return new Map(kept)
}

function declaredTypes(leaves: readonly Leaf[], plain: boolean, making: Making): number {
  let bits = allTypes
  for (const leaf of leaves) {
    const { value } = leaf.place
    if (value === false) return 0
    const stated = typesOf(keyOf(value, 'type'))
    bits &= declaresNull(leaf, stated) ? stated | bit.null : stated & ~bit.null
    if (!plain && !leaf.orNull && !groupsTakeNull(leaf, making)) bits &= ~bit.null
  }
  return bits
}

function groupsTakeNull(leaf: Leaf, making: Making): boolean {
  return groupsOf(leaf).every(({ branches }) =>
    branches.some((branch) => making.isOpen(branch) || (making.of([branch]).types & bit.null) !== 0),
  )
}

function effectiveTypes(
  declared: number,
  values: ReadonlyMap<string, unknown> | undefined,
  groups: Shape['groups'],
  making: Making,
): number {
  let bits = declared
  if (values !== undefined) {
    bits &= [...values.values()].reduce((sum: number, value) => sum | typeOfValue(value), declared & bit.null)
  }
  for (const { branches } of groups) {
    const some = branches.map((branch) => (making.isOpen(branch) ? allTypes : making.of([branch]).types))
    bits &= some.reduce((sum, one) => sum | one, declared & bit.null)
  }
  return bits
}

/** The tightest of each bound; the boolean `exclusive*` of 3.0 turns its bound into the numeric one of 3.1. */
function boundsOf(places: readonly Place[]): ReadonlyMap<BoundName, number> {
  const bounds = new Map<BoundName, number>()
  const add = (name: BoundName, value: unknown): void => {
    if (typeof value !== 'number' || Number.isNaN(value)) return
    const old = bounds.get(name)
    const tighter = old === undefined ? value : isLower(name) ? Math.max(old, value) : Math.min(old, value)
    bounds.set(name, tighter)
  }
  for (const { value } of places) {
    for (const name of boundNames) {
      const exclusive = name === 'min' ? 'exclusive-min' : name === 'max' ? 'exclusive-max' : undefined
      const turned = exclusive !== undefined && keyOf(value, boundKeywords[exclusive]) === true
      add(turned ? exclusive : name, keyOf(value, boundKeywords[name]))
    }
  }
  return bounds
}

/**
 * `unevaluatedProperties` equals `additionalProperties` of the merged schema where nothing but properties is beside
 * it, and it stands at the outermost level; everywhere else it depends on which branches an instance has met.
 */
function isOpaque(shape: Shape): boolean {
  if (shape.unevaluatedItems.length > 0) return true
  if (shape.unevaluatedProperties.length === 0) return false
  const simple = shape.objects.every(({ own, unevaluated }) => unevaluated === undefined || own)
  return !simple || hasBranches(shape) || shape.nots.length > 0 || shape.roots.length > 1
}
