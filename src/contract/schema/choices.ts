import type { Alternative } from './alternatives.ts'
import type { Change, Comparer, Edge, Found } from './change.ts'
import { disjoint } from './disjoint.ts'
import { effectOf, narrows, widens } from './effect.ts'
import { keyOf } from './json.ts'
import type { Group } from './shape.ts'
import type { Shapes } from './shapes.ts'

export interface Choices {
  readonly base: readonly Alternative[]
  readonly revision: readonly Alternative[]
}

export interface Kinds {
  /** Undefined where the side has no group and was taken apart by its types. */
  readonly before: Group | undefined
  readonly after: Group | undefined
  /** A discriminator tells the branches apart, whatever their schemas allow. */
  readonly skipOverlaps: boolean
  readonly name: string
}

/** More comparisons than this for one group are not tried: unmatched branches then count as removed and added. */
const maxTries = 400

/** Two lists of branches: which of them are the same one, what each edit of them does, and what is left over. */
export function compareChoices(choices: Choices, kinds: Kinds, comparer: Comparer): Found {
  const { matched, gone, come } = match(choices, comparer)
  const changes: Change[] = []
  const edges: Edge[] = matched.map(([from, to]) => ({
    to: comparer.pair(from.shape, to.shape),
    step: `${kinds.after?.kind ?? kinds.before?.kind ?? 'type'}[${choices.revision.indexOf(to)}]`,
    flip: false,
  }))
  const tries = (gone.length + come.length) * Math.max(choices.base.length, choices.revision.length)
  const provable = tries <= maxTries
  // Taking a branch out or putting one in is an edit as it stands, even if another branch took the same all along:
  // only a branch that is new or edited itself can be what the other one became.
  const edited = matched.filter(([from, to]) => judge(from, to, comparer) !== 'none')
  const isRegrouping = kinds.before === undefined || kinds.after === undefined
  const heirs = isRegrouping ? choices.revision : [...come, ...edited.map(([, to]) => to)]
  const origins = isRegrouping ? choices.base : [...gone, ...edited.map(([from]) => from)]
  for (const one of gone) {
    const covered = provable && heirs.some((other) => !narrows(judge(one, other, comparer)))
    changes.push(edit(`${kinds.name}-removed`, covered ? 'none' : 'narrows', one, choices.revision[0]))
  }
  for (const one of come) {
    const covered = provable && origins.some((other) => !widens(judge(other, one, comparer)))
    changes.push(edit(`${kinds.name}-added`, covered ? 'none' : 'widens', choices.base[0], one))
  }
  const overlap = kinds.skipOverlaps ? 'none' : overlaps(choices, kinds, { matched, gone, come }, comparer)
  if (overlap !== 'none') {
    changes.push({ ...edit('one-of-overlap', overlap, choices.base[0], choices.revision[0]) })
  }
  return { changes, edges }
}

function edit(
  name: string,
  effect: Change['effect'],
  base: Alternative | undefined,
  revision: Alternative | undefined,
): Change {
  const added = name.endsWith('-added')
  return {
    name,
    effect,
    subject: (added ? revision : base)?.key.slice(0, 200) ?? '',
    ...(base === undefined ? {} : { base: base.place }),
    ...(revision === undefined ? {} : { revision: revision.place }),
  }
}

const judge = (from: Alternative, to: Alternative, comparer: Comparer) =>
  comparer.judge(comparer.pair(from.shape, to.shape))

interface Matching {
  readonly matched: readonly (readonly [Alternative, Alternative])[]
  readonly gone: readonly Alternative[]
  readonly come: readonly Alternative[]
}

/** Each way of recognising a branch, the surest first. */
function match(choices: Choices, comparer: Comparer): Matching {
  const [gone, come] = [new Set(choices.base), new Set(choices.revision)]
  const matched: [Alternative, Alternative][] = []
  const take = (same: (from: Alternative, to: Alternative) => boolean, unique: boolean): void => {
    if (unique && gone.size * come.size > maxTries) return
    for (const from of [...gone]) {
      const found = [...come].filter((to) => same(from, to))
      const [to] = found
      if (to === undefined || (unique && found.length > 1)) continue
      if (unique && [...gone].filter((other) => same(other, to)).length > 1) continue
      matched.push([from, to])
      gone.delete(from)
      come.delete(to)
    }
  }
  take((from, to) => from.key === to.key, false)
  take((from, to) => judgeFew(from, to, gone.size * come.size, comparer) === 'none', false)
  take((from, to) => label(from) !== undefined && label(from) === label(to), true)
  take((from, to) => judgeFew(from, to, gone.size * come.size, comparer) !== 'both', true)
  take((from, to) => from.shape.types === to.shape.types, true)
  if (gone.size === 1 && come.size === 1) take((from, to) => (from.shape.types & to.shape.types) !== 0, true)
  return { matched, gone: [...gone], come: [...come] }
}

function judgeFew(from: Alternative, to: Alternative, tries: number, comparer: Comparer) {
  return tries > maxTries ? 'both' : judge(from, to, comparer)
}

/** What people call a branch: its title. */
function label({ shape }: Alternative): string | undefined {
  const title = keyOf(shape.place.value, 'title')
  return typeof title === 'string' ? title : undefined
}

/**
 * `oneOf` takes what exactly one branch takes. A branch that came or grew can take away from the others what they
 * took; one that went or shrank can give it back. Only branches that cannot meet are free of that.
 */
function overlaps(choices: Choices, kinds: Kinds, found: Matching, comparer: Comparer) {
  const exclusive = { before: kinds.before?.kind === 'oneOf', after: kinds.after?.kind === 'oneOf' }
  const edited = found.matched.filter(([from, to]) => judge(from, to, comparer) !== 'none')
  const grown = new Set([...found.come, ...edited.map(([, to]) => to)])
  const shrunk = new Set([...found.gone, ...edited.map(([from]) => from)])
  const down =
    exclusive.after && meets(choices.revision, exclusive.before ? grown : undefined, comparer.revision)
  const up = exclusive.before && meets(choices.base, exclusive.after ? shrunk : undefined, comparer.base)
  return effectOf(down, up)
}

/** Whether one of the touched branches (all of them, when none are named) may take what another one takes. */
function meets(
  all: readonly Alternative[],
  touched: ReadonlySet<Alternative> | undefined,
  shapes: Shapes,
): boolean {
  if (all.length * (touched?.size ?? all.length) > maxTries * 10) return true
  return all.some(
    (one) =>
      (touched === undefined || touched.has(one)) &&
      all.some((other) => other !== one && !disjoint(one.shape, other.shape, shapes)),
  )
}
