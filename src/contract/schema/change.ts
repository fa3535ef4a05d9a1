import type { Effect } from './effect.ts'
import type { Place } from './place.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'

/** One edit of one schema. `name` is the second half of a rule id; the position in the document gives the first. */
export interface Change {
  readonly name: string
  readonly effect: Effect
  /** What the edit does where values travel as text (path, query, header); as `effect` when it is not given. */
  readonly textEffect?: Effect
  /** The keyword or the value that the edit is about, for the message and the fingerprint. */
  readonly subject?: string
  readonly from?: string
  readonly to?: string
  readonly base?: Place
  readonly revision?: Place
  /** For properties that come, go, or change their duty. */
  readonly property?: PropertyFacts
}

/** What is known of a property on both sides; undefined where it is not declared. */
export interface PropertyFacts {
  readonly name: string
  readonly base: PropertySide | undefined
  readonly revision: PropertySide | undefined
}

export interface PropertySide {
  readonly required: boolean
  readonly readOnly: boolean
  readonly writeOnly: boolean
  readonly hasDefault: boolean
}

/** A pair of schemas: its own edits, and the pairs under it. The graph may have cycles, as schemas do. */
export interface Pair {
  readonly base: Shape
  readonly revision: Shape
  changes: readonly Change[]
  edges: readonly Edge[]
  state: 'new' | 'building' | 'built'
  /** Cached answers of `judge`. */
  verdict: Effect | undefined
}

export interface Edge {
  readonly to: Pair
  /** How a path shows the way: a property name, `items`, `oneOf[1]`. */
  readonly step: string
  /** Under `not` and `if` an edit works the other way round. */
  readonly flip: boolean
  /** Set when the step goes to a declared property on at least one side. */
  readonly property?: PropertyFacts
}

/** What the parts of the comparer may ask of the whole. */
export interface Comparer {
  pair(base: Shape, revision: Shape): Pair
  /** The effect of all edits of a pair and below it; `both` where it cannot be proved better in time. */
  judge(pair: Pair): Effect
  /** Compares the two shapes of a pair, if that has not been done. */
  build(pair: Pair): void
  readonly base: Shapes
  readonly revision: Shapes
  /** `strict` counts what open schemas leave unsaid: a new optional property may collide with an undeclared one. */
  readonly contentModel: 'tolerant' | 'strict'
}

/** What the comparison of two shapes finds at their own level, and where it goes on. */
export interface Found {
  readonly changes: readonly Change[]
  readonly edges: readonly Edge[]
}
