import { canonical, keyOf } from './json.ts'
import { refOf, without } from './leaves.ts'
import { type Place, pointerOf, rootPlace } from './place.ts'
import type { Group, Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { bit, numberTypes } from './types.ts'

/** One of the schemas that a schema leaves the choice between. */
export interface Alternative {
  readonly shape: Shape
  /** Equal for the same reference or the same text on both sides. */
  readonly key: string
  readonly place: Place
}

export function branchesOf(group: Group, shapes: Shapes): readonly Alternative[] {
  return group.branches.map((place) => ({ shape: shapes.of([place]), key: keyOfBranch(place), place }))
}

export function keyOfBranch(place: Place): string {
  const ref = refOf(place)
  return ref === undefined ? canonical(place.value) : `ref ${ref}`
}

/**
 * A schema with one group as the list of its branches, each together with what stands beside the group; one without
 * a group as the list of its types or values. So `type: [a, b]` and a `oneOf` of the two can be compared.
 */
export function alternativesOf(shape: Shape, shapes: Shapes, byValue: boolean): readonly Alternative[] {
  const [group] = shape.groups
  const orNull = (beside: readonly Place[]): readonly Alternative[] =>
    (shape.types & bit.null) !== 0 ? [alternative(shapes, [...beside, typePlace(bit.null)])] : []
  if (group !== undefined && shape.groups.length === 1) {
    const beside = shape.leaves.map((leaf) => without(leaf, '$ref', '$dynamicRef', 'allOf', group.kind))
    const said = beside.filter(({ value }) => canonical(value) !== '{}')
    const list = group.branches.map((branch) => {
      const made = said.length === 0 ? shapes.of([branch]) : shapes.of([...said, branch])
      return { shape: made, key: keyOfBranch(branch), place: branch }
    })
    return list.some(({ shape: one }) => (one.types & bit.null) !== 0) ? list : [...list, ...orNull(said)]
  }
  if (byValue && shape.values !== undefined && shape.values.size <= 64) {
    const values = [...shape.values.values()].map((value) =>
      alternative(shapes, [...shape.roots, valuePlace(value)]),
    )
    return [...values, ...orNull(shape.roots)]
  }
  const types = singleTypes(shape.types & ~bit.null)
  if (types.length <= 1 && (shape.types & bit.null) === 0)
    return [{ shape, key: `whole ${shape.id}`, place: shape.place }]
  return [
    ...types.map((type) => alternative(shapes, [...shape.roots, typePlace(type)])),
    ...orNull(shape.roots),
  ]
}

function alternative(shapes: Shapes, places: readonly Place[]): Alternative {
  const shape = shapes.of(places)
  const [place = shape.place] = places
  return {
    shape,
    key: `made ${places.map((one) => pointerOf(one) || canonical(one.value)).join(' & ')}`,
    place,
  }
}

function singleTypes(bits: number): readonly number[] {
  const types = (bits & numberTypes) === 0 ? [] : [bits & numberTypes]
  for (const one of [bit.boolean, bit.string, bit.array, bit.object]) if ((bits & one) !== 0) types.push(one)
  return types
}

const made = new Map<string, Place>()
function synthetic(key: string, value: object): Place {
  const known = made.get(key) ?? rootPlace({ file: '', dialect: 'json-schema' }, value)
  made.set(key, known)
  return known
}

const names: Readonly<Record<number, unknown>> = {
  [bit.null]: 'null',
  [bit.boolean]: 'boolean',
  [bit.integer]: 'integer',
  [numberTypes]: 'number',
  [bit.string]: 'string',
  [bit.array]: 'array',
  [bit.object]: 'object',
}

function typePlace(type: number): Place {
  return synthetic(`type ${type}`, { type: names[type] ?? 'number' })
}

/** The place of a schema that takes one value; made anew each time, for the values of documents are without end. */
function valuePlace(value: unknown): Place {
  return rootPlace({ file: '', dialect: 'json-schema' }, { const: value })
}

/** Schemas that allow a finite set of values only. */
export function isFiniteSet(shape: Shape): boolean {
  return shape.values !== undefined || keyOf(shape.place.value, 'const') !== undefined
}
