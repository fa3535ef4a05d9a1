import type { Change, Comparer, Edge, Found } from './change.ts'
import { type Effect, effectOf, narrows, widens } from './effect.ts'
import { isAnnotationOnly } from './leaves.ts'
import type { Place } from './place.ts'
import type { Shape } from './shape.ts'

/** A tuple longer than this is compared to here only; a document with more is not written by people. */
const maxTuple = 1000

export function compareArrays(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  const places = { base: base.place, revision: revision.place }
  if (base.unique !== revision.unique) {
    const name = revision.unique ? 'unique-items-added' : 'unique-items-removed'
    changes.push({ name, effect: effectOf(revision.unique, base.unique), ...places })
  }
  const [from, to] = [tupleLength(base), tupleLength(revision)]
  for (let index = 0; index < Math.min(Math.max(from, to), maxTuple); index += 1) {
    const before = comparer.base.element(base, index)
    const after = comparer.revision.element(revision, index)
    if (before === undefined && after === undefined) continue
    const pair = comparer.pair(before ?? comparer.base.of([]), after ?? comparer.revision.of([]))
    if (index < from && index < to) edges.push({ to: pair, step: `prefixItems[${index}]`, flip: false })
    else
      changes.push(
        tupleChange(index < to, index, before === undefined, comparer.judge(pair), comparer, places),
      )
  }
  const [before, after] = [comparer.base.rest(base), comparer.revision.rest(revision)]
  if (before !== undefined || after !== undefined) {
    const pair = comparer.pair(before ?? comparer.base.of([]), after ?? comparer.revision.of([]))
    edges.push({ to: pair, step: 'items', flip: false })
  }
  const contains = compareContains(base, revision, comparer)
  const unevaluated = compareKeyword(
    'unevaluated-items',
    base.unevaluatedItems,
    revision.unevaluatedItems,
    comparer,
    places,
  )
  return {
    changes: [...changes, ...contains.changes, ...unevaluated.changes],
    edges: [...edges, ...contains.edges, ...unevaluated.edges],
  }
}

function tupleLength(shape: Shape): number {
  return Math.max(0, ...shape.arrays.map(({ prefix }) => prefix.length))
}

/**
 * A position that came or went: readers take elements by position, so that the tuple is longer or shorter is the
 * edit itself. What the schema of the other elements says at this position is counted as well, unless nothing was
 * said of it and open content is not counted.
 */
function tupleChange(
  added: boolean,
  index: number,
  unsaid: boolean,
  effect: Effect,
  comparer: Comparer,
  places: { base: Place; revision: Place },
): Change {
  const tolerated = added && unsaid && comparer.contentModel === 'tolerant'
  const [down, up] = tolerated ? [false, false] : [narrows(effect), widens(effect)]
  const name = added ? 'prefix-items-added' : 'prefix-items-removed'
  return { name, effect: effectOf(!added || down, added || up), subject: String(index), ...places }
}

function compareContains(base: Shape, revision: Shape, comparer: Comparer): Found {
  const changes: Change[] = []
  const edges: Edge[] = []
  const places = { base: base.place, revision: revision.place }
  const [from, to] = [base.contains, revision.contains]
  if (from.length === 0 && to.length === 0) return { changes, edges }
  const facts = { ...places, from: occurrences(base), to: occurrences(revision) }
  if (from.length === 0) return { changes: [{ name: 'contains-added', effect: 'narrows', ...facts }], edges }
  if (to.length === 0) return { changes: [{ name: 'contains-removed', effect: 'widens', ...facts }], edges }
  const pair = comparer.pair(comparer.base.of(from), comparer.revision.of(to))
  edges.push({ to: pair, step: 'contains', flip: false })
  if (base.maxContains < Number.POSITIVE_INFINITY || revision.maxContains < Number.POSITIVE_INFINITY) {
    // With an upper limit, what is counted works the other way round as well.
    edges.push({ to: pair, step: 'contains', flip: true })
  }
  for (const [name, before, after, tighter] of [
    ['min-contains', base.minContains, revision.minContains, revision.minContains > base.minContains],
    ['max-contains', base.maxContains, revision.maxContains, revision.maxContains < base.maxContains],
  ] as const) {
    if (before === after) continue
    const action = after > before ? 'increased' : 'decreased'
    changes.push({ name: `${name}-${action}`, effect: tighter ? 'narrows' : 'widens', ...facts })
  }
  return { changes, edges }
}

function occurrences(shape: Shape): string {
  if (shape.contains.length === 0) return 'none asked for'
  const most = Number.isFinite(shape.maxContains) ? shape.maxContains : 'any number'
  return `${shape.minContains} to ${most}`
}

/** A keyword that holds a schema which has to be met: it narrows when it comes and widens when it goes. */
export function compareKeyword(
  name: string,
  from: readonly Place[],
  to: readonly Place[],
  comparer: Comparer,
  places: { base: Place; revision: Place },
): Found {
  if (from.length === 0 && to.length === 0) return { changes: [], edges: [] }
  if (from.length > 0 && to.length > 0) {
    const pair = comparer.pair(comparer.base.of(from), comparer.revision.of(to))
    return { changes: [], edges: [{ to: pair, step: name, flip: false }] }
  }
  const action = to.length > 0 ? 'added' : 'removed'
  return { changes: [{ name: `${name}-${action}`, effect: constraint(from, to), ...places }], edges: [] }
}

/** A constraint that came narrows and one that went widens, unless it says nothing of what is accepted. */
export function constraint(from: readonly Place[], to: readonly Place[]): Effect {
  const says = (places: readonly Place[]): boolean =>
    places.some(({ value }) => value !== true && !isAnnotationOnly(value))
  return effectOf(says(to), says(from))
}
