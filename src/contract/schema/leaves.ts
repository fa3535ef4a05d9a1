import { isObject, keyOf, stringsOf } from './json.ts'
import { at, entriesOf, itemsOf, type Place, type Resolve } from './place.ts'
import type { Conditional, Group, LeafArray, LeafObject } from './shape.ts'
import { bit, typesOf } from './types.ts'

/** A schema object without its `$ref` and `allOf`; `own` when it stands at the outermost level of its root. */
export interface Leaf {
  readonly place: Place
  readonly own: boolean
  /** Accepts null beside its other types, because the null branch of a group was taken out. */
  readonly orNull: boolean
}

/** Keywords that say nothing about which instances are accepted. */
export const annotations: ReadonlySet<string> = new Set([
  'title',
  'description',
  'summary',
  'example',
  'examples',
  'default',
  'deprecated',
  'externalDocs',
  'xml',
  '$comment',
  '$id',
  '$anchor',
  '$dynamicAnchor',
  '$schema',
  '$defs',
  'definitions',
])

export function isAnnotationOnly(value: unknown): boolean {
  return isObject(value) && Object.keys(value).every((key) => annotations.has(key) || key.startsWith('x-'))
}

/** All leaves of a schema. A cycle of `$ref` and `allOf` constrains nothing more than one turn of it. */
export function leavesOf(root: Place, resolve: Resolve): readonly Leaf[] {
  const leaves: Leaf[] = []
  const seen = new Set<unknown>()
  const walk = (place: Place, own: boolean, orNull: boolean): void => {
    if (!isObject(place.value)) {
      leaves.push({ place, own, orNull })
      return
    }
    if (seen.has(place.value)) return
    seen.add(place.value)
    const ref = refOf(place)
    if (ref !== undefined) {
      walk(resolve(place, ref), own, orNull)
      // Beside a `$ref`, JSON Schema reads on; OpenAPI 3.0 ignores what stands there.
      if (place.source.dialect === 'openapi-3.0' || !saysMore(place)) return
    }
    // OpenAPI 3.0 lets `nullable` beside an allOf speak for all of it: generators write a nullable reference so.
    const nullable = orNull || takesNullBesideGroups(place, resolve)
    const only = onlyBranch(place, nullable)
    if (only !== undefined) walk(only.branch, false, nullable)
    leaves.push({ place: only === undefined ? place : without(place, only.kind), own, orNull: nullable })
    for (const member of itemsOf(at(place, 'allOf'))) walk(member, false, nullable)
  }
  walk(root, true, false)
  return leaves
}

export function refOf(place: Place): string | undefined {
  const ref = keyOf(place.value, '$ref') ?? keyOf(place.value, '$dynamicRef')
  return typeof ref === 'string' ? ref : undefined
}

function saysMore({ value }: Place): boolean {
  return isObject(value) && Object.keys(value).some((key) => !key.startsWith('$') && !annotations.has(key))
}

const groupKinds = ['oneOf', 'anyOf'] as const
type GroupKind = (typeof groupKinds)[number]

/** Whether null passes whatever the branches of `oneOf` and `anyOf` say, because it has a branch of its own. */
function takesNullBesideGroups(place: Place, resolve: Resolve): boolean {
  const { value, source } = place
  if (source.dialect === 'openapi-3.0') return keyOf(value, 'nullable') === true
  const groups = groupKinds.map((kind) => [kind, itemsOf(at(place, kind))] as const)
  const given = groups.filter(([, branches]) => branches.length > 0)
  if (given.length === 0 || (typesOf(keyOf(value, 'type')) & bit.null) === 0) return false
  return given.every(([kind, branches]) => hasNullBranch(kind, branches, resolve))
}

/** In a oneOf null has to be taken by its own branch only, or it is taken by none. */
function hasNullBranch(kind: GroupKind, branches: readonly Place[], resolve: Resolve): boolean {
  const others = branches.filter(({ value }) => !isNullSchema(value))
  if (others.length === branches.length || others.length === 0) return false
  if (kind === 'anyOf') return true
  return branches.length - others.length === 1 && !others.some((branch) => mayTakeNull(branch, resolve, 0))
}

function mayTakeNull(place: Place, resolve: Resolve, depth: number): boolean {
  const ref = refOf(place)
  if (depth > 20) return true
  if (ref !== undefined) return mayTakeNull(resolve(place, ref), resolve, depth + 1)
  const { value, source } = place
  const type = keyOf(value, 'type')
  if (source.dialect === 'openapi-3.0' && type !== undefined) return keyOf(value, 'nullable') === true
  if (type !== undefined) return (typesOf(type) & bit.null) !== 0
  const allowed = keyOf(value, 'enum')
  if (Array.isArray(allowed)) return allowed.includes(null)
  const members = itemsOf(at(place, 'allOf'))
  return members.every((member) => mayTakeNull(member, resolve, depth + 1))
}

/** A group of one branch, apart from null, is that branch. */
function onlyBranch(place: Place, nullable: boolean): { branch: Place; kind: GroupKind } | undefined {
  for (const kind of groupKinds) {
    const branches = withoutNull(itemsOf(at(place, kind)), nullable)
    const [branch] = branches
    if (branch !== undefined && branches.length === 1) return { branch, kind }
  }
  return undefined
}

function withoutNull(branches: readonly Place[], nullable: boolean): readonly Place[] {
  const others = branches.filter(({ value }) => !isNullSchema(value))
  return nullable && others.length > 0 ? others : branches
}

/** A schema that takes null and nothing else, and says nothing more of it. */
export function isNullSchema(value: unknown): boolean {
  if (!isObject(value)) return false
  const said = Object.keys(value).filter((key) => !annotations.has(key) && !key.startsWith('x-'))
  const [keyword] = said
  if (keyword === undefined || said.length > 1) return false
  if (keyword === 'type') return value.type === 'null'
  if (keyword === 'const') return value.const === null
  return keyword === 'enum' && Array.isArray(value.enum) && value.enum.length === 1 && value.enum[0] === null
}

const stripped = new WeakMap<object, Map<string, object>>()

/** The same schema object without some keywords, always the same object for the same question. */
export function without(place: Place, ...keys: readonly string[]): Place {
  const { value } = place
  // What has nothing to take out stays itself, or schemas that nest in themselves would be made anew for ever.
  if (!isObject(value) || !keys.some((key) => Object.hasOwn(value, key))) return place
  const known = stripped.get(value) ?? new Map<string, object>()
  stripped.set(value, known)
  const name = keys.join()
  const rest =
    known.get(name) ?? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
  known.set(name, rest)
  return { ...place, value: rest }
}

const given = (place: Place): Place | undefined => (place.value === undefined ? undefined : place)

export function objectPart({ place, own }: Leaf): LeafObject {
  const closed = keyOf(place.value, 'additionalProperties')
  return {
    own,
    properties: new Map(entriesOf(at(place, 'properties'))),
    patterns: new Map(entriesOf(at(place, 'patternProperties'))),
    additional: closed === true ? undefined : given(at(place, 'additionalProperties')),
    stated: closed !== undefined,
    unevaluated: given(at(place, 'unevaluatedProperties')),
  }
}

export function arrayPart({ place }: Leaf): LeafArray {
  const items = at(place, 'items')
  // A list of `items` is the tuple of JSON Schema before 2020-12.
  const tuple = Array.isArray(items.value)
  return {
    prefix: tuple ? itemsOf(items) : itemsOf(at(place, 'prefixItems')),
    items: tuple ? given(at(place, 'additionalItems')) : given(items),
    unevaluated: given(at(place, 'unevaluatedItems')),
  }
}

export function groupsOf({ place, orNull }: Leaf): readonly Group[] {
  const groups: Group[] = []
  for (const kind of groupKinds) {
    const here = at(place, kind)
    const branches = withoutNull(itemsOf(here), orNull)
    if (branches.length > 0) groups.push({ kind, place: here, branches })
  }
  return groups
}

export function conditionalOf({ place }: Leaf): Conditional | undefined {
  const when = given(at(place, 'if'))
  const [yes, no] = [given(at(place, 'then')), given(at(place, 'else'))]
  return when === undefined || (yes === undefined && no === undefined) ? undefined : { place, when, yes, no }
}

/** 3.0: `nullable` counts only beside a `type`, and an `enum` need not repeat null (people never do). */
export function declaresNull({ place, orNull }: Leaf, bits: number): boolean {
  const { value, source } = place
  if (orNull) return true
  if (source.dialect === 'openapi-3.0') return (bits & bit.null) !== 0 || keyOf(value, 'nullable') === true
  const allowed = keyOf(value, 'enum')
  if (Array.isArray(allowed) && !allowed.includes(null)) return false
  const only = keyOf(value, 'const')
  return (bits & bit.null) !== 0 && (only === undefined || only === null)
}

/** Values of `enum` and `const` together, or undefined when neither stands there. */
export function valuesOf({ place }: Leaf): readonly (readonly unknown[])[] {
  const { value } = place
  const sets: (readonly unknown[])[] = []
  if (!isObject(value)) return sets
  if (Array.isArray(value.enum)) sets.push(value.enum)
  if (Object.hasOwn(value, 'const')) sets.push([value.const])
  return sets
}

export function dependentRequiredOf({ place }: Leaf): readonly (readonly [string, readonly string[]])[] {
  return entriesOf(at(place, 'dependentRequired')).map(([name, list]) => [name, stringsOf(list.value)])
}
