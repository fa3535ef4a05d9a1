import type { Comparer, Found, Pair } from './change.ts'
import { compareArrays } from './compare-arrays.ts'
import { compareBranches } from './compare-branches.ts'
import { compareComposition } from './compare-composition.ts'
import { compareIdle } from './compare-idle.ts'
import { compareObjects } from './compare-objects.ts'
import { compareScalars, compareValues } from './compare-scalars.ts'
import { compareTypes } from './compare-types.ts'
import { type Effect, effectOf, flipped, narrows, widens } from './effect.ts'
import type { Shape } from './shape.ts'
import type { Shapes } from './shapes.ts'
import { bit } from './types.ts'

/** More nested proofs than this are given up: what is unproved counts as an incompatible edit. */
const maxProofDepth = 12

export interface CompareOptions {
  readonly contentModel?: 'tolerant' | 'strict'
}

/**
 * The one comparer of schemas, for every position. It knows no direction: it says of each edit whether it narrows or
 * widens what is accepted. Pairs are kept by identity, so shared schemas are compared once and cycles end.
 */
export function createComparer(base: Shapes, revision: Shapes, options: CompareOptions = {}): Comparer {
  const pairs = new Map<number, Map<number, Pair>>()
  let depth = 0

  const pair = (from: Shape, to: Shape): Pair => {
    const row = pairs.get(from.id) ?? new Map<number, Pair>()
    pairs.set(from.id, row)
    const known = row.get(to.id)
    if (known !== undefined) return known
    const made: Pair = { base: from, revision: to, changes: [], edges: [], state: 'new', verdict: undefined }
    row.set(to.id, made)
    return made
  }

  const build = (one: Pair): void => {
    one.state = 'building'
    const found = compareShapes(one.base, one.revision, comparer)
    one.changes = found.changes
    one.edges = found.edges
    one.state = 'built'
  }

  const judge = (start: Pair): Effect => {
    if (start.verdict !== undefined) return start.verdict
    if (start.state === 'building' || depth > maxProofDepth) return 'both'
    depth += 1
    const verdict = walk(start)
    depth -= 1
    return verdict
  }

  /** Reachability: each pair is visited once as it stands and once turned round. */
  const walk = (start: Pair): Effect => {
    const seen = { straight: new Set<Pair>(), turned: new Set<Pair>() }
    const open: { readonly at: Pair; readonly turned: boolean }[] = [{ at: start, turned: false }]
    let [down, up] = [false, false]
    let settled = true
    for (let next = open.pop(); next !== undefined && !(down && up); next = open.pop()) {
      const { at, turned } = next
      const visited = turned ? seen.turned : seen.straight
      if (visited.has(at)) continue
      visited.add(at)
      if (at.state === 'new') build(at)
      if (at.state === 'building') {
        // The pair is being compared further up and asks for itself: unproved.
        settled = false
        down = up = true
        break
      }
      for (const { effect } of at.changes) {
        const here = turned ? flipped(effect) : effect
        down ||= narrows(here)
        up ||= widens(here)
      }
      for (const { to, flip } of at.edges) open.push({ at: to, turned: turned !== flip })
    }
    const verdict = effectOf(down, up)
    if (settled) start.verdict = verdict
    return verdict
  }

  const comparer: Comparer = {
    pair,
    judge,
    build: (one) => {
      if (one.state === 'new') build(one)
    },
    base,
    revision,
    contentModel: options.contentModel ?? 'tolerant',
  }
  return comparer
}

/** All that differs between two shapes at their own level, and the pairs below. */
export function compareShapes(base: Shape, revision: Shape, comparer: Comparer): Found {
  if (base === revision) return { changes: [], edges: [] }
  const whole = compareComposition(base, revision, comparer)
  if (whole !== undefined) return whole
  const types = compareTypes(base, revision)
  const found: Found[] = [types]
  // By what the schemas state: what groups leave of it is their own matter, and may be nothing at all.
  const shared = base.declared & revision.declared
  // Schemas without a common type have nothing to say of each other than that.
  if (shared !== 0) {
    found.push(compareScalars(base, revision, comparer))
    if ((shared & bit.array) !== 0) found.push(compareArrays(base, revision, comparer))
    if ((shared & bit.object) !== 0) found.push(compareObjects(base, revision, comparer))
    found.push({ changes: compareIdle(base, revision, shared), edges: [] })
    found.push(compareBranches(base, revision, comparer))
  } else found.push({ changes: compareValues(base, revision), edges: [] })
  return guarded(base, revision, joinFound(found), comparer)
}

/**
 * `unevaluated*` takes part in what every branch beside it says, so with one of them there an edit is never proved
 * harmless by looking at its own keyword alone.
 */
function guarded(base: Shape, revision: Shape, found: Found, comparer: Comparer): Found {
  if (!base.opaque && !revision.opaque) return found
  const others = found.changes.filter(({ name }) => !name.startsWith('unevaluated-'))
  const touched = others.length > 0 || found.edges.some(({ to }) => comparer.judge(to) !== 'none')
  if (!touched) return found
  const change = {
    name: 'unevaluated-scope-changed',
    effect: 'both',
    base: base.place,
    revision: revision.place,
  } as const
  return { changes: [...found.changes, change], edges: found.edges }
}

function joinFound(found: readonly Found[]): Found {
  return {
    changes: found.flatMap(({ changes }) => changes),
    edges: found.flatMap(({ edges }) => edges),
  }
}
