import type { Token } from './lexer.ts'
import type { ObjectName } from './types.ts'

/** A place in a list of tokens, moved on by what is read. */
export interface Reader {
  /** The next words, lower-case, with a space after each; quoted names and texts are a question mark. */
  words(count: number): string
  /** Moves behind the first such word; false where there is none. */
  past(word: string): boolean
  peek(word: string): boolean
  /** Moves behind these words if they stand here. */
  skip(...words: readonly string[]): boolean
  /** Reads `name` or `schema.name`. */
  name(): ObjectName | undefined
  /** Reads `a, only b, c.d`. */
  names(): readonly ObjectName[]
  /** What is left, cut at the commas outside parentheses. */
  parts(): readonly (readonly Token[])[]
  /** The names behind every occurrence of these words. */
  everyAfter(...words: readonly string[]): readonly ObjectName[]
}

export function reader(all: readonly Token[]): Reader {
  let at = 0
  const is = (index: number, word: string) =>
    all[index]?.kind === 'word' && all[index].text.toLowerCase() === word
  const standsAt = (index: number, words: readonly string[]) =>
    words.every((word, next) => is(index + next, word))

  function symbol(text: string): boolean {
    if (all[at]?.text !== text) return false
    at += 1
    return true
  }

  function part(): string | undefined {
    const token = all[at]
    if (token?.kind !== 'word' && token?.kind !== 'name') return undefined
    at += 1
    return token.kind === 'word' ? token.text.toLowerCase() : unquote(token.text)
  }

  const self: Reader = {
    words: (count) => keywords(all.slice(at, at + count)),
    past(word) {
      while (at < all.length && !is(at, word)) at += 1
      at += 1
      return at <= all.length
    },
    peek: (word) => is(at, word),
    skip(...words) {
      if (!standsAt(at, words)) return false
      at += words.length
      return true
    },
    name() {
      const first = part()
      if (first === undefined) return undefined
      if (!symbol('.')) return { name: first }
      const second = part()
      return second === undefined ? undefined : { schema: first, name: second }
    },
    names() {
      const names: ObjectName[] = []
      do {
        self.skip('only')
        const name = self.name()
        if (name === undefined) break
        names.push(name)
        symbol('*')
      } while (symbol(','))
      return names
    },
    parts: () => cut(all.slice(at)),
    everyAfter(...words) {
      const names: ObjectName[] = []
      for (let index = 0; index < all.length; index += 1) {
        if (!standsAt(index, words)) continue
        at = index + words.length
        const name = self.name()
        if (name !== undefined) names.push(name)
      }
      return names
    },
  }
  return self
}

export function keywords(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : kind === 'symbol' ? text : '?'))
    .map((text) => `${text} `)
    .join('')
}

function cut(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    if (token.text === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

function unquote(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"')
}
