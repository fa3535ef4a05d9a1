import type { Comparer, Pair } from '../schema/change.ts'
import type { Changed } from '../schema/changed.ts'
import { areTwins, at, follow, type Place } from '../schema/place.ts'
import type { Policy } from '../types.ts'
import type { Description } from './document.ts'
import type { Report } from './report.ts'
import { editsAt, type Position, type SchemaEdit } from './schema-position.ts'

/** What every part of the comparison needs. */
export interface Context {
  readonly base: Description
  readonly revision: Description
  readonly comparer: Comparer
  readonly report: Report
  readonly policy: Policy
  readonly changed: Changed
  readonly edits: Map<Pair, Map<string, readonly SchemaEdit[]>>
}

/** One operation on both sides, or what stands in its place. */
export interface Scope {
  readonly method: string
  readonly path: string
  /** Callbacks and webhooks: our server is the client there, so everything works the other way round. */
  readonly turned: boolean
}

export const followBase = (context: Context, place: Place): Place => follow(place, context.base.resolve)
export const followRevision = (context: Context, place: Place): Place =>
  follow(place, context.revision.resolve)

/** The places of an entry on both sides; undefined where it does not stand. */
export function given(place: Place | undefined, ...keys: readonly string[]): Place | undefined {
  if (place === undefined) return undefined
  const here = at(place, ...keys)
  return here.value === undefined ? undefined : here
}

/** Compares two schemas in a position and raises what it finds. */
export function compareSchemas(
  base: Place,
  revision: Place,
  position: Position,
  where: string,
  scope: Scope,
  context: Context,
): void {
  if (areTwins(base, revision)) return
  const { comparer } = context
  const pair = comparer.pair(comparer.base.of([base]), comparer.revision.of([revision]))
  raisePair(pair, position, where, scope, context)
}

export function raisePair(
  pair: Pair,
  position: Position,
  where: string,
  scope: Scope,
  context: Context,
): void {
  for (const edit of cachedEdits(pair, position, context)) {
    context.report.raise({
      id: edit.id,
      breaking: edit.breaking,
      method: scope.method,
      path: scope.path,
      where: edit.steps.length === 0 ? where : `${where}, ${edit.steps.join('/')}`,
      what: edit.what,
      base: edit.base,
      revision: edit.revision,
      subject: edit.subject,
    })
  }
}

/** Operations share their components, so what a position sees of a pair is found once. */
function cachedEdits(pair: Pair, position: Position, context: Context): readonly SchemaEdit[] {
  const { kind, side, serverReads, text, requestHeader } = position
  const key = `${kind} ${side} ${serverReads} ${text} ${requestHeader ?? false}`
  const row = context.edits.get(pair) ?? new Map<string, readonly SchemaEdit[]>()
  context.edits.set(pair, row)
  const edits = row.get(key) ?? editsAt(pair, position, context.changed)
  row.set(key, edits)
  return edits
}

export function bodyPosition(side: 'request' | 'response', scope: Scope): Position {
  return { kind: 'body', side, serverReads: (side === 'request') !== scope.turned, text: false }
}
