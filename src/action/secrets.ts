import type { Json } from './json.ts'

/** Shorter lines of a secret (`{`, `}`, `- a`) would mask half of the log and break JSON in it. */
const shortestLine = 6

export interface Secrets {
  add(secret: string): void
  /** For what goes into files, which the mask of the log does not cover. */
  redact(text: string): string
  redactJson(value: Json): Json
}

/** Masks values whole and line by line: the runner masks exact strings within one line. */
export function keepSecrets(mask: (value: string) => void): Secrets {
  const known = new Set<string>()
  let longestFirst: string[] = []

  function redact(text: string): string {
    let shown = text
    for (const secret of longestFirst) shown = shown.replaceAll(secret, '***')
    return shown
  }

  function redactJson(value: Json): Json {
    if (typeof value === 'string') return redact(value)
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(redactJson)
    const entries = Object.entries(value) as [string, Json | undefined][]
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, inner === undefined ? inner : redactJson(inner)]),
    )
  }

  return {
    add(secret) {
      for (const value of maskable(secret)) {
        if (known.has(value)) continue
        known.add(value)
        mask(value)
      }
      longestFirst = [...known].sort((left, right) => right.length - left.length)
    },
    redact,
    redactJson,
  }
}

/** The whole value, and each of its lines that is long enough to be more than punctuation. */
export function maskable(secret: string): readonly string[] {
  const whole = secret.trim()
  if (whole === '') return []
  const lines = whole.split(/\r\n|\r|\n/).map((line) => line.trim())
  const telling = lines.filter((line) => line.length >= shortestLine && /[\p{L}\p{N}]/u.test(line))
  return [...new Set(lines.length === 1 ? [whole] : [whole, ...telling])]
}
