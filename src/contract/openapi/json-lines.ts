/**
 * Lines of values in a JSON text that is known to be well formed, by their keys from the root; of the nearest value
 * above where the path ends early. Members of an object are looked for once, when a finding first goes through it,
 * so that thousands of findings in one large document cost one reading of it.
 */
export function jsonLines(text: string): (keys: readonly string[]) => number {
  const members = new Map<number, ReadonlyMap<string, number>>()
  let newlines: readonly number[] | undefined
  return (keys) => {
    let offset = skipSpace(text, 0)
    for (const key of keys) {
      const known = members.get(offset) ?? membersOf(text, offset)
      members.set(offset, known)
      const next = known.get(key)
      if (next === undefined) break
      offset = next
    }
    newlines ??= newlinesOf(text)
    return below(newlines, offset) + 1
  }
}

function newlinesOf(text: string): readonly number[] {
  const found: number[] = []
  for (let here = text.indexOf('\n'); here >= 0; here = text.indexOf('\n', here + 1)) found.push(here)
  return found
}

/** How many of the sorted numbers are below a limit. */
function below(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

function skipSpace(text: string, from: number): number {
  let offset = from
  while (offset < text.length && ' \t\r\n'.includes(text.charAt(offset))) offset += 1
  return offset
}

/** The offsets of the values in an object or array by key or index; of anything else, none. */
function membersOf(text: string, open: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const isObject = text[open] === '{'
  if (!isObject && text[open] !== '[') return found
  let offset = skipSpace(text, open + 1)
  for (let count = 0; text[offset] !== '}' && text[offset] !== ']' && offset < text.length; count += 1) {
    let key = String(count)
    if (isObject) {
      const end = skipString(text, offset)
      const name: unknown = JSON.parse(text.slice(offset, end))
      key = String(name)
      offset = skipSpace(text, skipSpace(text, end) + 1)
    }
    found.set(key, offset)
    offset = skipSpace(text, skipValue(text, offset))
    if (text[offset] === ',') offset = skipSpace(text, offset + 1)
  }
  return found
}

/** The offset after a value. Nesting is counted, so depth costs nothing. */
function skipValue(text: string, from: number): number {
  let offset = from
  let depth = 0
  do {
    const char = text[offset]
    if (char === '"') {
      offset = skipString(text, offset)
    } else if (char === '{' || char === '[') {
      depth += 1
      offset += 1
    } else if (char === '}' || char === ']') {
      depth -= 1
      offset += 1
    } else if (depth === 0) return skipScalar(text, offset)
    else offset += 1
  } while (depth > 0 && offset < text.length)
  return offset
}

function skipString(text: string, from: number): number {
  let offset = from + 1
  while (offset < text.length && text[offset] !== '"') offset += text[offset] === '\\' ? 2 : 1
  return offset + 1
}

function skipScalar(text: string, from: number): number {
  let offset = from
  while (offset < text.length && !' \t\r\n,]}'.includes(text.charAt(offset))) offset += 1
  return offset
}
