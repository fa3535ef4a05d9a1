import type { Place } from './place.ts'

/** Bounds by the names that rule ids use. `lower` bounds narrow when they rise, the others when they fall. */
export const boundKeywords = {
  min: 'minimum',
  'exclusive-min': 'exclusiveMinimum',
  max: 'maximum',
  'exclusive-max': 'exclusiveMaximum',
  'min-length': 'minLength',
  'max-length': 'maxLength',
  'min-items': 'minItems',
  'max-items': 'maxItems',
  'min-properties': 'minProperties',
  'max-properties': 'maxProperties',
} as const
export type BoundName = keyof typeof boundKeywords
export const boundNames = Object.keys(boundKeywords) as readonly BoundName[]
export const isLower = (name: BoundName): boolean => name.includes('min')

export interface Group {
  readonly kind: 'oneOf' | 'anyOf'
  readonly place: Place
  readonly branches: readonly Place[]
}

export interface Conditional {
  readonly place: Place
  readonly when: Place
  readonly yes: Place | undefined
  readonly no: Place | undefined
}

/** The keywords of one schema object, references followed and `allOf` taken apart: what it says of objects. */
export interface LeafObject {
  readonly own: boolean
  readonly properties: ReadonlyMap<string, Place>
  readonly patterns: ReadonlyMap<string, Place>
  readonly additional: Place | undefined
  /** The keyword stands there; `true` says nothing but leaves nothing unevaluated. */
  readonly stated: boolean
  readonly unevaluated: Place | undefined
}

export interface LeafArray {
  readonly prefix: readonly Place[]
  readonly items: Place | undefined
  readonly unevaluated: Place | undefined
}

/**
 * A schema in normal form: the conjunction of everything that `$ref` and `allOf` bring together. Spellings that mean
 * the same (3.0 and 3.1, `const` and an `enum` of one, a `oneOf` with null and a nullable schema) have one shape.
 */
export interface Shape {
  readonly id: number
  /** Where the schema stands; for a reference, what it refers to. */
  readonly place: Place
  /** The places that were put together, before references were followed. */
  readonly roots: readonly Place[]
  readonly leaves: readonly Place[]
  /** Members of the outermost `allOf`, when the schema is one place. */
  readonly members: readonly Place[]
  /** Types that the `type` keywords leave; and those that values and groups leave as well. */
  readonly declared: number
  readonly types: number
  readonly typed: boolean
  readonly typeList: boolean
  /** The finite set of values of `enum` and `const`, by canonical text, without null. */
  readonly values: ReadonlyMap<string, unknown> | undefined
  readonly usesConst: boolean
  readonly extensible: readonly string[] | undefined
  readonly bounds: ReadonlyMap<BoundName, number>
  readonly multiples: readonly number[]
  readonly unique: boolean
  readonly patterns: ReadonlyMap<string, Place>
  readonly formats: readonly string[]
  readonly contentEncoding: string | undefined
  readonly contentMediaType: string | undefined
  readonly contentSchema: readonly Place[]
  readonly objects: readonly LeafObject[]
  readonly required: ReadonlyMap<string, Place>
  readonly names: ReadonlySet<string>
  readonly patternNames: ReadonlySet<string>
  readonly propertyNames: readonly Place[]
  readonly unevaluatedProperties: readonly Place[]
  readonly dependentRequired: ReadonlyMap<string, ReadonlySet<string>>
  readonly dependentSchemas: ReadonlyMap<string, readonly Place[]>
  readonly arrays: readonly LeafArray[]
  readonly contains: readonly Place[]
  readonly minContains: number
  readonly maxContains: number
  readonly unevaluatedItems: readonly Place[]
  readonly groups: readonly Group[]
  readonly nots: readonly Place[]
  readonly conditionals: readonly Conditional[]
  readonly discriminator: Place | undefined
  readonly fallback: unknown
  readonly hasDefault: boolean
  readonly readOnly: boolean
  readonly writeOnly: boolean
  readonly deprecated: boolean
  /** `unevaluated*` sees through groups, so an edit inside of them cannot be judged keyword by keyword. */
  readonly opaque: boolean
}

/** In-place applicators other than `allOf`: they say something about the same instance in a branch of their own. */
export function hasBranches(shape: Shape): boolean {
  return shape.groups.length > 0 || shape.conditionals.length > 0 || shape.dependentSchemas.size > 0
}
