import { err, ok, type Result } from '../release/index.ts'

export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'symbol' | 'meta'

/** A token of PostgreSQL's SQL. White space and comments are no tokens. */
export interface Token {
  readonly kind: TokenKind
  /** As written; a word keeps its case. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Something that never ends: where it began and what it is. */
export interface Unterminated {
  readonly start: number
  readonly what: string
}

const spaces = /[ \t\n\r\f\v]+/y
const lineComment = /--[^\n\r]*/y
// A dollar sign may stand inside a word, so `a$b$` opens no quote.
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
const number = /(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const parameter = /\$[0-9]+/y
/** `E'…'` knows backslashes, `U&'…'`, `B'…'`, `X'…'` and `N'…'` do not. */
const prefixedQuote = /(?:[eEbBxXnN]|[uU]&)?'/y
const quotedName = /(?:[uU]&)?"/y

/**
 * Reads SQL as the server does with standard_conforming_strings on (its default since 9.1): quotes, dollar quotes,
 * nested comments. It knows no grammar.
 */
export function* tokens(sql: string): Generator<Token, Result<void, Unterminated>> {
  let at = 0
  while (at < sql.length) {
    const space = match(spaces, sql, at)
    if (space > at) {
      at = space
      continue
    }
    const comment = skipComment(sql, at)
    if (comment === undefined) return err({ start: at, what: 'a comment /* without its */' })
    if (comment > at) {
      at = comment
      continue
    }
    const read = readToken(sql, at)
    if (!read.ok) return read
    yield read.value
    at = read.value.end
  }
  return ok(undefined)
}

/** The end of the comment that starts here, the same place where none does, undefined where it never ends. */
function skipComment(sql: string, at: number): number | undefined {
  if (sql.startsWith('--', at)) return match(lineComment, sql, at)
  if (!sql.startsWith('/*', at)) return at
  let depth = 1
  const edge = /\/\*|\*\//g
  edge.lastIndex = at + 2
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return undefined
}

function readToken(sql: string, start: number): Result<Token, Unterminated> {
  const token = (kind: TokenKind, end: number): Result<Token, Unterminated> =>
    ok({ kind, text: sql.slice(start, end), start, end })
  const quote = match(prefixedQuote, sql, start)
  if (quote > start) {
    const end = closeQuote(sql, quote, "'", /^e/i.test(sql.slice(start, quote)))
    return end === undefined
      ? err({ start, what: "a quoted text without its closing '" })
      : token('string', end)
  }
  const name = match(quotedName, sql, start)
  if (name > start) {
    const end = closeQuote(sql, name, '"', false)
    return end === undefined
      ? err({ start, what: 'a quoted name without its closing "' })
      : token('name', end)
  }
  const tag = match(dollarTag, sql, start)
  if (tag > start) {
    const mark = sql.slice(start, tag)
    const close = sql.indexOf(mark, tag)
    return close < 0
      ? err({ start, what: `a text that ${mark} opens and nothing closes` })
      : token('string', close + mark.length)
  }
  for (const [kind, form] of [
    ['word', word],
    ['number', number],
    ['symbol', parameter],
  ] as const) {
    const end = match(form, sql, start)
    if (end > start) return token(kind, end)
  }
  // psql reads a backslash anywhere outside quotes; the server knows none.
  if (sql[start] === '\\') {
    const end = sql.indexOf('\n', start)
    return token('meta', end < 0 ? sql.length : end)
  }
  return token('symbol', start + 1)
}

function closeQuote(sql: string, from: number, quote: string, backslashes: boolean): number | undefined {
  for (let at = from; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at += 1
    }
  }
  return undefined
}

/** End of the match at this very place, or the place itself. */
function match(form: RegExp, text: string, at: number): number {
  form.lastIndex = at
  return form.test(text) ? form.lastIndex : at
}
