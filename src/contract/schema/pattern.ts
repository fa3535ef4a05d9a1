/**
 * Whether a name matches a pattern, without running the pattern: it comes from a document that nobody has vouched
 * for. Only literal text with anchors is decided; undefined means that it cannot be said.
 */
export function patternMatches(pattern: string, name: string): boolean | undefined {
  if (isEverything(pattern)) return true
  const literal = /^(\^?)([\w @:/-]*)(\$?)$/.exec(pattern)
  if (literal === null) return undefined
  const [, start, text = '', end] = literal
  if (start === '^' && end === '$') return name === text
  if (start === '^') return name.startsWith(text)
  return end === '$' ? name.endsWith(text) : name.includes(text)
}

/** Patterns that every text of one line meets; a newer one of these takes all that any older one took. */
export function isEverything(pattern: string): boolean {
  return ['', '.*', '^.*$', '^.*', '.*$', '^', '$', '[\\s\\S]*', '^[\\s\\S]*$', '(.*)', '^(.*)$'].includes(
    pattern,
  )
}
