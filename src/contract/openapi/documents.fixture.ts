import { err, ok } from '../../release/index.ts'
import { missingFile } from '../faults.ts'
import type { FileReader } from '../files.ts'
import type { Comparison, Policy } from '../types.ts'
import { compareDescriptions } from './compare.ts'
import { loadDescription } from './document.ts'

export type Files = Readonly<Record<string, unknown>>

/** Files in memory: text as it is, anything else as JSON. */
export function readerOf(files: Files): FileReader {
  return {
    read: async (path) => {
      const file = files[path]
      if (file === undefined) return err(missingFile(path))
      return ok(typeof file === 'string' ? file : JSON.stringify(file))
    },
  }
}

export async function load(files: Files) {
  return loadDescription('openapi.yaml', readerOf(files))
}

/** Both sides given as documents, or as files with `openapi.yaml` among them. */
export async function compare(base: Files, revision: Files, policy: Policy = {}): Promise<Comparison> {
  const filesOf = (given: Files): Files => ('openapi.yaml' in given ? given : { 'openapi.yaml': given })
  const [from, to] = [await load(filesOf(base)), await load(filesOf(revision))]
  if (!from.ok) throw new Error(from.fault.cause)
  if (!to.ok) throw new Error(to.fault.cause)
  const compared = compareDescriptions(from.value, to.value, policy)
  if (!compared.ok) throw new Error(compared.fault.cause)
  return compared.value
}

export const levelAndId = ({ findings }: Comparison): readonly string[] =>
  findings.map(({ level, id }) => `${level} ${id}`)

export function document(operation: object, more: object = {}): Files {
  const paths = { '/things/{id}': { post: { responses: { 200: { description: 'ok' } }, ...operation } } }
  return { openapi: '3.1.0', info: { title: 't', version: '1.0.0' }, paths, ...more }
}

const json = (schema: unknown): object => ({ content: { 'application/json': { schema } } })

export const asRequest = (schema: unknown): Files =>
  document({ requestBody: { required: true, ...json(schema) } })
export const asResponse = (schema: unknown): Files =>
  document({ responses: { 200: { description: 'ok', ...json(schema) } } })
export const asParameter = (schema: unknown): Files =>
  document({ parameters: [{ name: 'q', in: 'query', schema }] })
export const asHeader = (schema: unknown): Files =>
  document({ responses: { 200: { description: 'ok', headers: { 'X-H': { schema } } } } })

/** In a callback our server sends the request and reads the answer. */
const called = (operation: object): Files =>
  document({ callbacks: { done: { '{$request.body#/url}': { post: { responses: {}, ...operation } } } } })
export const asCallbackRequest = (schema: unknown): Files =>
  called({ requestBody: { required: true, ...json(schema) } })
export const asCallbackResponse = (schema: unknown): Files =>
  called({ responses: { 200: { description: 'ok', ...json(schema) } } })

const webhook = (operation: object): Files => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1.0.0' },
  webhooks: { done: { post: { responses: {}, ...operation } } },
})
export const asWebhookRequest = (schema: unknown): Files =>
  webhook({ requestBody: { required: true, ...json(schema) } })
