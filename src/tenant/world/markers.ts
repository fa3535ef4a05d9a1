import type { Side } from '../types.ts'

/**
 * Texts that stand nowhere else: `zz`, the run, the tenant, a number. Letters and digits only, so that they fit where a
 * pattern allows names; the tenant comes early, so that a cut text still tells whose it was.
 */
export interface Markers {
  fresh(side: Side): string
  /** What all markers of a tenant begin with, in lower case. */
  prefix(side: Side): string
}

export function createMarkers(run: string): Markers {
  let count = 0
  const prefix = (side: Side) => `zz${run}${side}`
  return {
    prefix,
    fresh(side) {
      count += 1
      return `${prefix(side)}${count.toString(36).padStart(3, '0')}`
    },
  }
}

/** Whether a text may stand where a schema asks for one. */
export function fits(text: string, schema: Readonly<Record<string, unknown>>): boolean {
  const { minLength, maxLength, pattern } = schema
  if (typeof minLength === 'number' && text.length < minLength) return false
  if (typeof maxLength === 'number' && text.length > maxLength) return false
  if (typeof pattern !== 'string') return true
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return false
  }
}
