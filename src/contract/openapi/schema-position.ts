import type { Change, Edge, Pair, PropertyFacts } from '../schema/change.ts'
import type { Changed } from '../schema/changed.ts'
import { type Effect, flipped, narrows, widens } from '../schema/effect.ts'
import type { Place } from '../schema/place.ts'
import { propertyEdit } from './property-edits.ts'

/** Where a schema is used. Everything that depends on direction is decided from this. */
export interface Position {
  readonly kind: 'body' | 'parameter' | 'header'
  /** What the ids say. In a callback a request goes the other way, and keeps the name of a request. */
  readonly side: 'request' | 'response'
  /** The server reads what the schema describes: narrowing breaks. Otherwise widening does. */
  readonly serverReads: boolean
  /** The values travel as text: path, query, header, cookie. */
  readonly text: boolean
  /** A header of a request, whose object properties have ids of their own. */
  readonly requestHeader?: boolean
}

/** The way from the start, last step first: pairs by the thousand share their beginnings. */
interface Steps {
  readonly step: string
  readonly before: Steps | undefined
}

export interface SchemaEdit {
  readonly id: string
  readonly breaking: boolean
  readonly what: string
  readonly steps: readonly string[]
  readonly subject: string | undefined
  readonly base: Place | undefined
  readonly revision: Place | undefined
}

interface Visit {
  readonly pair: Pair
  readonly turned: boolean
  /** Under a property that this direction does not carry: readOnly in requests, writeOnly in responses. */
  readonly hidden: boolean
  readonly deep: boolean
  readonly steps: Steps | undefined
}

/** Steps that stay at the same instance; all others go to a property or an element. */
const inPlace = /^((oneOf|anyOf|type|allOf)\[|not$|if$|then$|else$|dependentSchemas\.)/

/** All edits below a pair, as this position sees them. Each pair is visited once per way of looking at it. */
export function editsAt(start: Pair, position: Position, changed: Changed): readonly SchemaEdit[] {
  const edits: SchemaEdit[] = []
  const seen = new Map<Pair, number>()
  const open: Visit[] = []
  const visit = (next: Visit): void => {
    const way = 1 << ((next.turned ? 1 : 0) + (next.hidden ? 2 : 0) + (next.deep ? 4 : 0))
    const ways = seen.get(next.pair) ?? 0
    if ((ways & way) !== 0) return
    seen.set(next.pair, ways | way)
    open.push(next)
  }
  const first: Visit = { pair: start, turned: false, hidden: false, deep: false, steps: undefined }
  if (changed.is(start)) visit(glide(first, position, changed))
  // The list grows while it is walked: the nearest edits come first.
  for (const next of open) {
    for (const change of next.pair.changes) {
      const edit = editOf(change, position, next)
      if (edit !== undefined) edits.push(edit)
    }
    for (const edge of changed.edges(next.pair)) {
      visit(glide(along(next, edge, position), position, changed))
    }
  }
  return edits
}

function along(from: Visit, edge: Edge, position: Position): Visit {
  return {
    pair: edge.to,
    turned: from.turned !== edge.flip,
    hidden: from.hidden || (edge.property !== undefined && isHidden(edge.property, position)),
    deep: from.deep || !inPlace.test(edge.step),
    steps: { step: edge.step, before: from.steps },
  }
}

/**
 * Goes on through pairs without an edit of their own that lead one way only: schemas by the thousand that refer to
 * each other are chains of these. Such a chain ends, for its pairs are there because they lead to an edit.
 */
function glide(from: Visit, position: Position, changed: Changed): Visit {
  let { pair, turned, hidden, deep } = from
  const way: string[] = []
  for (;;) {
    const [edge, ...others] = pair.changes.length > 0 ? [] : changed.edges(pair)
    if (edge === undefined || others.length > 0) break
    turned = turned !== edge.flip
    hidden ||= edge.property !== undefined && isHidden(edge.property, position)
    deep ||= !inPlace.test(edge.step)
    way.push(edge.step)
    pair = edge.to
  }
  if (way.length === 0) return from
  const steps = ends(way).reduce((before: Steps | undefined, step) => ({ step, before }), from.steps)
  return { pair, turned, hidden, deep, steps }
}

function ends(way: readonly string[]): readonly string[] {
  return way.length <= 20 ? way : [...way.slice(0, 10), '…', ...way.slice(-10)]
}

/** A long way is shown by its ends. */
function spelt(steps: Steps | undefined): readonly string[] {
  const all: string[] = []
  for (let here = steps; here !== undefined; here = here.before) all.push(here.step)
  return ends(all.reverse())
}

function isHidden({ base, revision }: PropertyFacts, position: Position): boolean {
  const flag = position.side === 'request' ? 'readOnly' : 'writeOnly'
  const sides = [base, revision].filter((side) => side !== undefined)
  return sides.length > 0 && sides.every((side) => side[flag])
}

function editOf(change: Change, position: Position, visit: Visit): SchemaEdit | undefined {
  const effect = position.text && change.textEffect !== undefined ? change.textEffect : change.effect
  const seen = visit.turned ? flipped(effect) : effect
  // A request that leaves a parameter out means what its default says.
  const meaning = position.kind === 'parameter' && !visit.deep && change.name.startsWith('default-value-')
  const breaking = !visit.hidden && (meaning || breaks(seen, position))
  const places = { steps: spelt(visit.steps), base: change.base, revision: change.revision }
  if (change.property !== undefined) {
    const edit = propertyEdit(change, change.property, position, visit, breaking)
    return edit === undefined
      ? undefined
      : { ...edit, what: sentence(change), subject: change.subject, ...places }
  }
  const name = settled(change.name, seen, position)
  const id = `${prefixOf(position, visit, name)}${name}`
  return { id, breaking, what: sentence({ ...change, name }), subject: change.subject, ...places }
}

export function breaks(effect: Effect, position: Position): boolean {
  return position.serverReads ? narrows(effect) : widens(effect)
}

/** Type edits have a name by direction in the vocabulary of oasdiff. */
function settled(name: string, effect: Effect, position: Position): string {
  if (name === 'list-of-types') {
    if (effect === 'both') return 'type-changed'
    return effect === 'widens' ? 'list-of-types-widened' : 'list-of-types-narrowed'
  }
  if (name === 'type-any')
    return effect === 'none'
      ? 'type-compatible'
      : breaks(effect, position)
        ? 'type-changed'
        : generality(effect)
  if (name !== 'type') return name
  if (effect === 'none') return 'type-compatible'
  if (effect === 'both') return 'type-changed'
  // A request that narrows is `changed`, a response that widens is `generalized`: so the ids were given.
  if (effect === 'narrows' && position.side === 'request' && !position.text) return 'type-changed'
  return generality(effect)
}

function generality(effect: Effect): string {
  return effect === 'widens' ? 'type-generalized' : 'type-specialized'
}

function prefixOf(position: Position, visit: Visit, name: string): string {
  const { kind, side } = position
  if (kind === 'header') return 'response-header-'
  if (kind === 'parameter') {
    if (!visit.deep) return 'request-parameter-'
    const own = position.requestHeader === true && name === 'became-enum'
    return own ? 'request-header-property-' : 'request-parameter-property-'
  }
  if (!visit.deep) return `${side}-body-`
  if (!visit.hidden) return `${side}-property-`
  return side === 'request' ? 'request-read-only-property-' : 'response-write-only-property-'
}

function sentence({ name, subject, from, to }: Change): string {
  const words = name.replaceAll('-', ' ')
  const about = subject === undefined || subject === from || subject === to ? '' : ` (${shorten(subject)})`
  if (from !== undefined && to !== undefined)
    return `${words}${about}, from ${shorten(from)} to ${shorten(to)}`
  if (from !== undefined) return `${words}${about}, was ${shorten(from)}`
  return to === undefined ? `${words}${about}` : `${words}${about}, is ${shorten(to)}`
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
