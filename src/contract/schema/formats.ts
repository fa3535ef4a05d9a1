import { type Effect, effectOf } from './effect.ts'
import { bit, numberTypes } from './types.ts'

/** A format that takes everything of another one. Number formats count up in range; the others stand alone. */
const contains: Readonly<Record<string, readonly string[]>> = {
  int16: ['int8', 'uint8'],
  int32: ['int8', 'int16', 'uint8', 'uint16'],
  int64: ['int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32'],
  uint16: ['uint8'],
  uint32: ['uint8', 'uint16'],
  uint64: ['uint8', 'uint16', 'uint32'],
  double: ['float', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32'],
  iri: ['uri'],
  'iri-reference': ['uri', 'uri-reference', 'iri'],
  'uri-reference': ['uri'],
  'idn-email': ['email'],
  'idn-hostname': ['hostname'],
}

/** Formats that only tell a form how to draw the field. */
const hints = new Set(['password', 'textarea', 'markdown', 'html', 'commonmark'])

/** `types` are those that both sides share: a number format says nothing about a string. */
export function compareFormats(base: readonly string[], revision: readonly string[], types: number): Effect {
  const relevant = (format: string): boolean => {
    if (hints.has(format)) return false
    return isNumeric(format) ? (types & numberTypes) !== 0 : (types & ~numberTypes & ~bit.null) !== 0
  }
  const [from, to] = [base.filter(relevant), revision.filter(relevant)]
  return effectOf(!covers(to, from), !covers(from, to))
}

/** Whether everything that meets `inner` meets each of `outer` as well. */
function covers(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.every((format) =>
    inner.some((one) => one === format || (contains[format] ?? []).includes(one)),
  )
}

function isNumeric(format: string): boolean {
  return /^(u?int\d*|float|double|decimal|number|long|integer)$/.test(format)
}
