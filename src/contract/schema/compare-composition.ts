import { alternativesOf, isFiniteSet, keyOfBranch } from './alternatives.ts'
import type { Change, Comparer, Found } from './change.ts'
import { compareChoices } from './choices.ts'
import { type Effect, effectOf, narrows, widens } from './effect.ts'
import { isAnnotationOnly, without } from './leaves.ts'
import { follow, type Place } from './place.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { bit } from './types.ts'

/**
 * Edits of the form of a schema, where comparing keyword by keyword would report the same edit many times or miss
 * that nothing changed. Undefined when the two can be compared keyword by keyword.
 */
export function compareComposition(base: Shape, revision: Shape, comparer: Comparer): Found | undefined {
  const members = compareMembers(base, revision, comparer)
  if (members !== undefined) return members
  const [from, to] = [base.groups.length, revision.groups.length]
  if (from === to || from + to !== 1) return undefined
  return compareWithoutGroup(base, revision, comparer)
}

/** `allOf` got or lost a member, and nothing else differs. */
function compareMembers(base: Shape, revision: Shape, comparer: Comparer): Found | undefined {
  const gone = unmatched(base.members, revision.members)
  const come = unmatched(revision.members, base.members)
  if ((gone.length === 0) === (come.length === 0)) return undefined
  const [shape, shapes, extra] =
    come.length > 0 ? ([revision, comparer.revision, come] as const) : ([base, comparer.base, gone] as const)
  const rest = withoutMembers(shape, extra, shapes)
  if (rest === undefined) return undefined
  const pair = come.length > 0 ? comparer.pair(base, rest) : comparer.pair(rest, revision)
  if (comparer.judge(pair) !== 'none') return undefined
  comparer.build(pair)
  // Properties that moved between the schema and its new or old member were not taken away: by keywords they match.
  if (pair.changes.some(({ property }) => property !== undefined)) return undefined
  const edits = extra.map((member): Change => {
    const silent = isAnnotationOnly(follow(member, shapes.resolve).value)
    const action = come.length > 0 ? 'all-of-added' : 'all-of-removed'
    const effect: Effect = silent ? 'none' : come.length > 0 ? 'narrows' : 'widens'
    return {
      name: silent ? `${action}-annotation-only` : action,
      effect,
      subject: keyOfBranch(member).slice(0, 200),
      base: come.length > 0 ? base.place : member,
      revision: come.length > 0 ? member : revision.place,
    }
  })
  return { changes: [...pair.changes, ...edits], edges: pair.edges }
}

function unmatched(from: readonly Place[], to: readonly Place[]): readonly Place[] {
  const keys = to.map(keyOfBranch)
  return from.filter((place) => {
    const same = keys.indexOf(keyOfBranch(place))
    if (same >= 0) keys.splice(same, 1)
    return same < 0
  })
}

/** The schema without some members of its allOf; undefined when it is not one plain schema object. */
function withoutMembers(shape: Shape, extra: readonly Place[], shapes: Shapes): Shape | undefined {
  const [root] = shape.roots
  if (
    root === undefined ||
    shape.roots.length !== 1 ||
    shape.place.value !== follow(root, shapes.resolve).value
  ) {
    return undefined
  }
  return shapes.of([
    without(shape.place, 'allOf'),
    ...shape.members.filter((member) => !extra.includes(member)),
  ])
}

/** One side leaves a choice by `oneOf` or `anyOf`, the other does not: both are taken as lists of alternatives. */
function compareWithoutGroup(base: Shape, revision: Shape, comparer: Comparer): Found | undefined {
  const [before, after] = [base.groups[0], revision.groups[0]]
  const group = before ?? after
  if (group === undefined) return undefined
  const shapes = before === undefined ? comparer.revision : comparer.base
  const byValue = group.branches.every((branch) => isFiniteSet(shapes.of([branch])))
  const choices = {
    base: alternativesOf(base, comparer.base, byValue),
    revision: alternativesOf(revision, comparer.revision, byValue),
  }
  const name = group.kind === 'oneOf' ? 'one-of' : 'any-of'
  const found = compareChoices(choices, { before, after, skipOverlaps: false, name }, comparer)
  const effect = total(found, comparer)
  if (effect === 'none') return found
  const wrapped = before === undefined && after?.kind === 'oneOf' && isWrapping(base, choices.revision)
  if (!wrapped) return found
  const change = { name: 'wrapped-in-one-of', effect, base: base.place, revision: after.place }
  return { changes: [change], edges: [] }
}

/** An object that became a choice between objects: what a client knew as one type is several now. */
function isWrapping(base: Shape, branches: readonly { readonly shape: Shape }[]): boolean {
  const objects = branches.filter(({ shape }) => (shape.types & ~bit.null) === bit.object)
  return (base.types & ~bit.null) === bit.object && objects.length > 1 && objects.length === branches.length
}

function total(found: Found, comparer: Comparer): Effect {
  let [down, up] = [false, false]
  const effects = [
    ...found.changes.map(({ effect }) => effect),
    ...found.edges.map(({ to }) => comparer.judge(to)),
  ]
  for (const effect of effects) {
    down ||= narrows(effect)
    up ||= widens(effect)
  }
  return effectOf(down, up)
}
