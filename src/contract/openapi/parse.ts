import { CORE_SCHEMA, constructFromEvents, type Event, mergeTag, parseEvents, YAMLException } from 'js-yaml'
import { err, type Fault, ok, type Result } from '../../release/index.ts'
import { tooLarge, unreadable } from '../faults.ts'
import { type Place, segmentsOf } from '../schema/place.ts'
import { jsonLines } from './json-lines.ts'
import { isDeep, isEndless } from './size.ts'
import { yamlLines } from './yaml-lines.ts'

/** Deeper documents are refused: a schema takes two levels or three for one of its own. */
const maxLevels = 500
const tooDeep = `it is nested more than ${maxLevels} levels deep`
const maxAliases = 10_000
const maxTotalMergeKeys = 100_000
/** YAML 1.2 with merge keys, which people write beside anchors. */
const schema = CORE_SCHEMA.withTags(mergeTag)

export interface Parsed {
  readonly value: unknown
  /** The line, from 1, of the value at a place or of the nearest one above it. */
  lineOf(place: Place): number | undefined
}

/** One JSON or YAML document. Lines are looked up only when a finding asks for them. */
export function parseText(text: string, file: string): Result<Parsed> {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (/^\s*[{[]/.test(body)) {
    const json = parseJson(body)
    if (json !== undefined) return isDeep(json.value, maxLevels) ? err(tooLarge(file, tooDeep)) : ok(json)
  }
  return parseYaml(body, file)
}

function parseJson(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const lineOf = jsonLines(text)
    return { value, lineOf: (place) => lineOf(segmentsOf(place)) }
  } catch {
    // It may still be YAML in flow style; the YAML parser says what is wrong if it is neither.
    return undefined
  }
}

function parseYaml(text: string, file: string): Result<Parsed> {
  if (text.trim() === '') return ok({ value: null, lineOf: () => 1 })
  let events: Event[]
  let documents: unknown[]
  try {
    events = parseEvents(text, { maxDepth: maxLevels })
    documents = constructFromEvents(events, { source: text, schema, maxAliases, maxTotalMergeKeys })
  } catch (error) {
    return err(faultOf(error, file))
  }
  const [value] = documents
  if (documents.length > 1) return err(unreadable(file, `it holds ${documents.length} documents`))
  // Without a star there is no alias, and the depth of a tree was bounded while it was read.
  if (text.includes('*') && isEndless(value, maxLevels)) {
    return err(tooLarge(file, 'its aliases make it larger or deeper than any real one'))
  }
  const lineOf = yamlLines(text, events)
  return ok({ value, lineOf: (place) => lineOf(segmentsOf(place)) })
}

function faultOf(error: unknown, file: string): Fault {
  if (!(error instanceof YAMLException)) {
    return unreadable(file, error instanceof Error ? error.message : String(error))
  }
  const { reason, mark } = error
  if (/^(nesting|aliases|merge keys) exceeded|maxTotalMergeKeys/.test(reason)) return tooLarge(file, reason)
  return mark === undefined
    ? unreadable(file, reason)
    : unreadable(file, reason, mark.line + 1, mark.column + 1)
}
