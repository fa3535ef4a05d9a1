import { posix } from 'node:path'
import * as z from 'zod'
import { err, nearest, ok, parseDuration, type Result } from '../../release/index.ts'
import { unreadable } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { type Description, loadDocument } from '../openapi/document.ts'
import type { Lines } from '../openapi/report.ts'
import { at, type Place } from '../schema/place.ts'
import { type AvroSchema, loadAvro } from './avro.ts'
import { loadJsonSchema } from './json-schema.ts'

const word = z.string().trim().min(1).max(300)
const day = z.iso.date('is no date such as 2026-03-31')
const consumer = z.union([
  word.transform((service) => ({ service, environments: undefined })),
  z.strictObject({ service: word, environments: z.array(word).min(1).optional() }),
])
const entry = z.strictObject({
  type: word,
  version: z.int().min(1).max(10_000),
  subject: word,
  schema: word,
  format: z.enum(['json-schema', 'avro']).optional(),
  status: z.enum(['proposed', 'active', 'deprecated', 'retired']).default('active'),
  publishes: z.boolean().default(true),
  'deprecated-on': day.optional(),
  sunset: day.optional(),
  retention: z
    .string()
    .regex(/^\d+(h|d)$/, 'is no duration such as 30d')
    .default('0d'),
  translator: word.optional(),
  owner: word.optional(),
  description: z.string().max(5000).optional(),
  producers: z.array(word).default([]),
  consumers: z.array(consumer).default([]),
})
const form = z.looseObject({ version: z.literal(1), events: z.array(entry).max(2000) })

export type Entry = z.output<typeof entry> & {
  readonly place: Place
  readonly body: Body
  readonly retentionMs: number
}
export type Body =
  | { readonly format: 'json-schema'; readonly document: Description }
  | { readonly format: 'avro'; readonly document: AvroSchema }

export interface Catalogue extends Lines {
  readonly root: Place
  /** By type, then by major version, in the order of the versions. */
  readonly events: ReadonlyMap<string, readonly Entry[]>
}

/** The catalogue of what a service publishes, with every schema that it names. */
export async function loadCatalogue(path: string, reader: FileReader): Promise<Result<Catalogue>> {
  const main = await loadDocument(path, reader, () => ok('1'))
  if (!main.ok) return main
  const { root } = main.value
  const parsed = form.safeParse(root.value)
  if (!parsed.success) return err(invalid(path, main.value, parsed.error.issues))
  const entries: Entry[] = []
  for (const [index, given] of parsed.data.events.entries()) {
    const file = posix.join(posix.dirname(path), given.schema)
    const body = await loadBody(given.format ?? formatOf(given.schema), file, reader)
    if (!body.ok) return body
    const place = at(root, 'events', index)
    const retentionMs = parseDuration(given.retention) ?? 0
    entries.push({ ...given, place, body: body.value, retentionMs })
  }
  const twice = entries.find((one, index) =>
    entries.slice(0, index).some(({ type, version }) => type === one.type && version === one.version),
  )
  if (twice !== undefined) {
    const line = main.value.lineOf(twice.place)
    return err(unreadable(path, `${twice.type} v${twice.version} stands there twice.`, line))
  }
  const lines: readonly Lines[] = [main.value, ...entries.map(({ body }) => body.document)]
  return ok({
    root,
    events: new Map(
      [...Map.groupBy(entries, ({ type }) => type)].map(([type, list]) => [
        type,
        list.toSorted((left, right) => left.version - right.version),
      ]),
    ),
    lineOf: (place) => lines.map(({ lineOf }) => lineOf(place)).find((line) => line !== undefined),
  })
}

function formatOf(file: string): Body['format'] {
  return file.endsWith('.avsc') ? 'avro' : 'json-schema'
}

async function loadBody(format: Body['format'], file: string, reader: FileReader): Promise<Result<Body>> {
  if (format === 'avro') {
    const loaded = await loadAvro(file, reader)
    return loaded.ok ? ok({ format, document: loaded.value }) : loaded
  }
  const loaded = await loadJsonSchema(file, reader)
  return loaded.ok ? ok({ format, document: loaded.value }) : loaded
}

function invalid(path: string, main: Description, issues: readonly z.core.$ZodIssue[]) {
  const [issue] = issues
  const keys = issue?.path.map(String) ?? []
  const line = main.lineOf(at(main.root, ...keys))
  if (issue?.code !== 'unrecognized_keys') {
    return unreadable(path, `\`${keys.join('.') || 'version'}\` ${issue?.message ?? 'is wrong'}.`, line)
  }
  const [key = ''] = issue.keys
  const meant = nearest(key, Object.keys(entry.shape))
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
  return unreadable(path, `\`${[...keys, key].join('.')}\` is not a known key${hint}.`, line)
}
