import { branchesOf, keyOfBranch } from './alternatives.ts'
import type { Change, Comparer, Edge, Found } from './change.ts'
import { compareChoices } from './choices.ts'
import { constraint } from './compare-arrays.ts'
import type { Effect } from './effect.ts'
import { canonical, keyOf } from './json.ts'
import { at, entriesOf, type Place } from './place.ts'
import type { Conditional, Group, Shape } from './shape.ts'

/** Groups that stand on both sides, `not`, `if` and discriminators. */
export function compareBranches(base: Shape, revision: Shape, comparer: Comparer): Found {
  const found = [
    compareGroups(base, revision, comparer),
    compareNots(base, revision, comparer),
    compareConditionals(base, revision, comparer),
    compareDiscriminators(base, revision),
  ]
  return {
    changes: found.flatMap(({ changes }) => changes),
    edges: found.flatMap(({ edges }) => edges),
  }
}

const groupName = (group: Group): string => (group.kind === 'oneOf' ? 'one-of' : 'any-of')

function compareGroups(base: Shape, revision: Shape, comparer: Comparer): Found {
  const [from, to] = [[...base.groups], [...revision.groups]]
  const found: Found[] = []
  while (from.length > 0 && to.length > 0) {
    const before = from.shift()
    if (before === undefined) break
    const same = to.findIndex(({ kind }) => kind === before.kind)
    const [after] = to.splice(Math.max(same, 0), 1)
    if (after === undefined) break
    const choices = {
      base: branchesOf(before, comparer.base),
      revision: branchesOf(after, comparer.revision),
    }
    const skipOverlaps = base.discriminator !== undefined && revision.discriminator !== undefined
    found.push(compareChoices(choices, { before, after, skipOverlaps, name: groupName(after) }, comparer))
  }
  const changes: Change[] = [
    ...from.map((group) => change(`${groupName(group)}-constraint-removed`, 'widens', base, revision)),
    ...to.map((group) => change(`${groupName(group)}-constraint-added`, 'narrows', base, revision)),
  ]
  return {
    changes: [...found.flatMap((one) => one.changes), ...changes],
    edges: found.flatMap(({ edges }) => edges),
  }
}

function compareNots(base: Shape, revision: Shape, comparer: Comparer): Found {
  // The same text first, so that an added one does not shift the others; what is left goes by order.
  const [gone, come] = alignedBy(base.nots, revision.nots)
  const edges: Edge[] = []
  const both = Math.min(base.nots.length, revision.nots.length)
  for (let index = 0; index < both; index += 1) {
    const [from, to] = [gone[index], come[index]]
    if (from === undefined || to === undefined) continue
    const pair = comparer.pair(comparer.base.of([from]), comparer.revision.of([to]))
    edges.push({ to: pair, step: 'not', flip: true })
  }
  const changes = [
    ...gone.slice(both).map(() => change('not-removed', 'widens', base, revision)),
    ...come.slice(both).map(() => change('not-added', 'narrows', base, revision)),
  ]
  return { changes, edges }
}

function alignedBy(
  from: readonly Place[],
  to: readonly Place[],
): readonly [readonly Place[], readonly Place[]] {
  const [left, right] = [new Set(from), new Set(to)]
  const pairs: [Place, Place][] = []
  for (const place of from) {
    const same = [...right].find((other) => keyOfBranch(other) === keyOfBranch(place))
    if (same === undefined) continue
    pairs.push([place, same])
    left.delete(place)
    right.delete(same)
  }
  return [
    [...pairs.map(([one]) => one), ...left],
    [...pairs.map(([, one]) => one), ...right],
  ]
}

function compareConditionals(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  const count = Math.max(base.conditionals.length, revision.conditionals.length)
  for (let index = 0; index < count; index += 1) {
    const [from, to] = [base.conditionals[index], revision.conditionals[index]]
    if (from === undefined) changes.push(...conditionalEdits(to, 'added', 'narrows', base, revision))
    else if (to === undefined) changes.push(...conditionalEdits(from, 'removed', 'widens', base, revision))
    else {
      const when = comparer.pair(comparer.base.of([from.when]), comparer.revision.of([to.when]))
      if (comparer.judge(when) !== 'none') {
        changes.push(change('if-changed', 'both', base, revision))
      }
      for (const [key, step] of [
        ['yes', 'then'],
        ['no', 'else'],
      ] as const) {
        const [before, after] = [from[key], to[key]]
        if (before === undefined && after === undefined) continue
        if (before !== undefined && after !== undefined) {
          const pair = comparer.pair(comparer.base.of([before]), comparer.revision.of([after]))
          edges.push({ to: pair, step, flip: false })
        } else {
          const name = after === undefined ? `${step}-removed` : `${step}-added`
          changes.push(change(name, constraint(listOf(before), listOf(after)), base, revision))
        }
      }
    }
  }
  return { changes, edges }
}

const listOf = (place: Place | undefined): readonly Place[] => (place === undefined ? [] : [place])

function conditionalEdits(
  conditional: Conditional | undefined,
  action: 'added' | 'removed',
  effect: Effect,
  base: Shape,
  revision: Shape,
): readonly Change[] {
  if (conditional === undefined) return []
  const edits = [change(`if-${action}`, effect, base, revision)]
  if (conditional.yes !== undefined) edits.push(change(`then-${action}`, effect, base, revision))
  if (conditional.no !== undefined) edits.push(change(`else-${action}`, effect, base, revision))
  return edits
}

function compareDiscriminators(base: Shape, revision: Shape): Found {
  const [from, to] = [base.discriminator, revision.discriminator]
  const edit = (name: string, subject?: string, before?: unknown, after?: unknown): Change => ({
    name: `discriminator-${name}`,
    effect: 'none',
    ...(subject === undefined ? {} : { subject }),
    ...(before === undefined ? {} : { from: String(before) }),
    ...(after === undefined ? {} : { to: String(after) }),
    base: from ?? base.place,
    revision: to ?? revision.place,
  })
  if (from === undefined && to === undefined) return { changes: [], edges: [] }
  if (from === undefined)
    return { changes: [edit('added', undefined, undefined, keyOf(to?.value, 'propertyName'))], edges: [] }
  if (to === undefined)
    return { changes: [edit('removed', undefined, keyOf(from.value, 'propertyName'))], edges: [] }
  const changes: Change[] = []
  const [before, after] = [keyOf(from.value, 'propertyName'), keyOf(to.value, 'propertyName')]
  if (before !== after) changes.push(edit('property-name-changed', undefined, before, after))
  const [old, now] = [new Map(entriesOf(at(from, 'mapping'))), new Map(entriesOf(at(to, 'mapping')))]
  for (const [value, place] of old) {
    const other = now.get(value)
    if (other === undefined) changes.push(edit('mapping-deleted', value, place.value))
    else if (canonical(other.value) !== canonical(place.value)) {
      changes.push(edit('mapping-changed', value, place.value, other.value))
    }
  }
  for (const [value, place] of now)
    if (!old.has(value)) changes.push(edit('mapping-added', value, undefined, place.value))
  return { changes, edges: [] }
}

function change(name: string, effect: Effect, base: Shape, revision: Shape): Change {
  return { name, effect, base: base.place, revision: revision.place }
}
