import { err, FaultError, ok, type Result } from '../../release/index.ts'
import { unreadable } from '../faults.ts'
import type { FileReader } from '../files.ts'
import { type Description, loadDocument } from '../openapi/document.ts'
import { createReport } from '../openapi/report.ts'
import { isObject, keyOf } from '../schema/json.ts'
import type { Comparison, Policy } from '../types.ts'
import { comparePayloads } from './payload.ts'

/** Reads a JSON Schema of messages with what it refers to. */
export function loadJsonSchema(path: string, reader: FileReader): Promise<Result<Description>> {
  return loadDocument(path, reader, (file, value) => {
    if (typeof value === 'boolean') return ok('2020-12')
    if (!isObject(value)) return err(unreadable(file, 'a JSON Schema is a mapping.', 1))
    const alien = ['openapi', 'asyncapi', 'swagger'].find((key) => keyOf(value, key) !== undefined)
    if (alien !== undefined)
      return err(unreadable(file, `it is a description of ${alien}, not a JSON Schema.`, 1))
    return ok(String(keyOf(value, '$schema') ?? '2020-12'))
  })
}

/** Both ways: a stream keeps its messages, and consumers are not replaced at one moment. */
export function compareJsonSchemas(
  base: Description,
  revision: Description,
  policy: Policy,
): Result<Comparison> {
  const report = createReport(base, revision, policy)
  const sides = [base, revision].map((document) => ({ document, schema: document.root }))
  const [from, to] = sides
  if (from === undefined || to === undefined) return ok(report.finish())
  try {
    comparePayloads(from, to, ['consumers', 'messages'], 'message', report, policy)
  } catch (error) {
    if (error instanceof FaultError) return err(error.fault)
    throw error
  }
  return ok(report.finish())
}
