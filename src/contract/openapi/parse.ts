import { LineCounter, parseDocument } from 'yaml'
import { err, ok, type Result } from '../../release/index.ts'
import { tooLarge, unreadable } from '../faults.ts'
import { type Place, segmentsOf } from '../schema/place.ts'
import { jsonLines } from './json-lines.ts'

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
    if (json !== undefined) return ok(json)
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
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const [fault] = document.errors
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    return err(unreadable(file, fault.message, line, col))
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 1000 })
  } catch (error) {
    return err(tooLarge(file, error instanceof Error ? error.message : String(error)))
  }
  const lineOf = (place: Place): number | undefined => {
    const keys = segmentsOf(place)
    for (let length = keys.length; length >= 0; length -= 1) {
      const node = document.getIn(keys.slice(0, length), true)
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
      if (Array.isArray(range) && typeof range[0] === 'number') return lines.linePos(range[0]).line
    }
    return 1
  }
  return ok({ value, lineOf })
}
