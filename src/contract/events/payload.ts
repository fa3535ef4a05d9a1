import type { Description } from '../openapi/document.ts'
import type { Report } from '../openapi/report.ts'
import { editsAt, type Position, type SchemaEdit } from '../openapi/schema-position.ts'
import { createChanged } from '../schema/changed.ts'
import { createComparer } from '../schema/compare.ts'
import type { Place } from '../schema/place.ts'
import { createShapes } from '../schema/shapes.ts'
import type { Policy } from '../types.ts'

/**
 * Who may be hurt by another schema of a message. `consumers` hold the schema of before and get messages of the new
 * one, so nothing may widen. `messages` of before lie in the stream and are read with the new schema, so nothing may
 * narrow. A stream that keeps its messages needs both.
 */
export type Concern = 'consumers' | 'messages'

const positions: Readonly<Record<Concern, Position>> = {
  consumers: { kind: 'body', side: 'response', serverReads: false, text: false },
  messages: { kind: 'body', side: 'request', serverReads: true, text: false },
}
export const concernText: Readonly<Record<Concern, string>> = {
  consumers: 'for consumers of the schema of before',
  messages: 'for messages of before',
}

export interface PayloadSide {
  readonly document: Pick<Description, 'resolve'>
  readonly schema: Place
}

/** Compares the schemas of one message on both sides, for each concern. */
export function comparePayloads(
  base: PayloadSide,
  revision: PayloadSide,
  concerns: readonly Concern[],
  where: string,
  report: Report,
  policy: Policy,
): void {
  const comparer = createComparer(
    createShapes(base.document.resolve),
    createShapes(revision.document.resolve),
    { contentModel: policy.contentModel ?? 'tolerant' },
  )
  const changed = createChanged(comparer)
  const pair = comparer.pair(comparer.base.of([base.schema]), comparer.revision.of([revision.schema]))
  const all = concerns.map((concern) => ({ concern, edits: editsAt(pair, positions[concern], changed) }))
  const keyOf = ({ id, steps, subject }: SchemaEdit): string => [eventId(id), ...steps, subject].join('\n')
  const broken = new Set(all.flatMap(({ edits }) => edits.filter(({ breaking }) => breaking).map(keyOf)))
  for (const [index, { concern, edits }] of all.entries()) {
    for (const edit of edits) {
      // What breaks nobody is told once, and what breaks somebody is not told as harmless to others.
      if (!edit.breaking && (index > 0 || broken.has(keyOf(edit)))) continue
      const path = edit.steps.length === 0 ? '' : `, ${edit.steps.join('/')}`
      const whom = edit.breaking ? `, ${concernText[concern]}` : ''
      report.raise({ ...edit, id: eventId(edit.id), where: `${where}${path}${whom}` })
    }
  }
}

/** The ids of the comparer name a position of HTTP; a message has none. */
export function eventId(id: string): string {
  const [, duty] = /^new-(required|optional)-request-property/.exec(id) ?? []
  if (duty !== undefined) return `event-${duty}-property-added`
  return `event-${id.replace(/^(request|response)-((read-only-|write-only-)?property-|body-)?/, '')}`
}
