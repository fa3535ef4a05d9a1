import type { Schema, Type } from 'avsc'
import { err, ok, type Result } from '../../release/index.ts'
import { unreadable } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { parseText } from '../openapi/parse.ts'
import { createReport, type Lines, type Report } from '../openapi/report.ts'
import { type Place, rootPlace } from '../schema/place.ts'
import type { Comparison, Policy } from '../types.ts'
import { type Concern, concernText } from './payload.ts'

/** An Avro schema, ready for its resolution rules (Avro 1.12, schema resolution). */
export interface AvroSchema extends Lines {
  readonly root: Place
  readonly type: Type
}

export async function loadAvro(path: string, reader: FileReader): Promise<Result<AvroSchema>> {
  const text = await reader.read(path)
  if (!text.ok) return text
  const parsed = parseText(text.value, path)
  if (!parsed.ok) return parsed
  const { Type: types } = await import('avsc')
  try {
    const type = types.forSchema(parsed.value.value as Schema)
    const root = rootPlace({ file: path, dialect: 'json-schema' }, parsed.value.value)
    const { lineOf } = parsed.value
    return ok({ root, type, lineOf: (place) => (place.source.file === path ? lineOf(place) : undefined) })
  } catch (error) {
    return err(unreadable(path, `it is no Avro schema: ${said(error)}.`, 1))
  }
}

/** A consumer of before reads what is written now, and one of now reads what was written before. */
export function raiseAvro(base: AvroSchema, revision: AvroSchema, where: string, report: Report): void {
  for (const [concern, reader, writer] of [
    ['consumers', base, revision],
    ['messages', revision, base],
  ] as const satisfies readonly (readonly [Concern, AvroSchema, AvroSchema])[]) {
    try {
      reader.type.createResolver(writer.type)
    } catch (error) {
      report.raise({
        id: 'event-avro-unresolvable',
        breaking: true,
        where: `${where}, ${concernText[concern]}`,
        what: said(error),
        subject: concern,
        base: base.root,
        revision: revision.root,
      })
    }
  }
}

export function compareAvro(base: AvroSchema, revision: AvroSchema, policy: Policy): Result<Comparison> {
  const report = createReport(base, revision, policy)
  raiseAvro(base, revision, 'message', report)
  return ok(report.finish())
}

const said = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300)
