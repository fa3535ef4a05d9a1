export interface Matcher {
  readonly label: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export interface Selector {
  readonly matchers: readonly Matcher[]
  /** Absent for an instant selector. */
  readonly rangeMs?: number
}

export type Parsed =
  | { readonly kind: 'selector'; readonly selector: Selector }
  /** A number or string literal, a function, an operator: PromQL that the stand-in does not calculate. */
  | { readonly kind: 'unsupported'; readonly what: string }
  | { readonly kind: 'error'; readonly message: string }

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** `metric{label="x",other=~"re"}[35m]` and nothing more of the language. */
export function parseSelector(query: string): Parsed {
  const text = query.trim()
  if (text === '')
    return { kind: 'error', message: 'unknown position: parse error: no expression found in input' }
  let at = 0
  const matchers: Matcher[] = []
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(text)?.[0]
  if (name !== undefined) {
    at = name.length
    if (/^\s*\(/.test(text.slice(at)) || /^\s*(by|without)\b/.test(text.slice(at)))
      return { kind: 'unsupported', what: name }
    matchers.push({ label: '__name__', operator: '=', value: name })
  }
  at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0
  if (text[at] === '{') {
    const block = parseBlock(text, at + 1)
    if ('message' in block)
      return { kind: 'error', message: `1:${block.at + 1}: parse error: ${block.message}` }
    matchers.push(...block.matchers)
    at = block.end
  } else if (name === undefined)
    return /^[-+(\d"']/.test(text) ? { kind: 'unsupported', what: text } : unexpected(text, 0)
  const range = /^\s*\[([^\]]*)\]/.exec(text.slice(at))
  const rest = text.slice(at + (range?.[0].length ?? 0)).trim()
  if (/^(offset\b|@|[-+*/%^=!<>]|and\b|or\b|unless\b|\[)/.test(rest))
    return { kind: 'unsupported', what: rest }
  if (rest !== '') return unexpected(text, text.length - rest.length)
  if (matchers.every((matcher) => matchesValue(matcher, ''))) {
    return {
      kind: 'error',
      message: '1:1: parse error: vector selector must contain at least one non-empty matcher',
    }
  }
  if (range === null) return { kind: 'selector', selector: { matchers } }
  if (range[1]?.includes(':')) return { kind: 'unsupported', what: 'subqueries' }
  const rangeMs = parseDuration(range[1] ?? '')
  if (rangeMs === undefined)
    return { kind: 'error', message: `1:${at + 2}: parse error: not a valid duration string: "${range[1]}"` }
  return { kind: 'selector', selector: { matchers, rangeMs } }
}

const unexpected = (text: string, at: number): Parsed => ({
  kind: 'error',
  message: `1:${at + 1}: parse error: unexpected character: '${text[at]}'`,
})

export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(amount) * (units[unit] ?? 0)
  return total > 0 ? total : undefined
}

type Block =
  | { readonly matchers: Matcher[]; readonly end: number }
  | { readonly message: string; readonly at: number }

function parseBlock(text: string, start: number): Block {
  const matchers: Matcher[] = []
  let at = start
  for (;;) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0
    if (text[at] === '}') return { matchers, end: at + 1 }
    const head = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(["'`])/.exec(text.slice(at))
    if (head === null)
      return {
        message:
          at >= text.length
            ? 'unexpected end of input inside braces'
            : `unexpected character inside braces: '${text[at]}'`,
        at,
      }
    const [whole, label = '', operator = '=', quote = '"'] = head
    const string = readString(text, at + whole.length, quote)
    if (string === undefined) return { message: 'unterminated quoted string', at: at + whole.length }
    const matcher = { label, operator: operator as Matcher['operator'], value: string.value }
    if (operator.endsWith('~') && !isRegex(string.value)) {
      return { message: `error parsing regexp: invalid or unsupported: \`${string.value}\``, at }
    }
    matchers.push(matcher)
    at = string.end
    const comma = /^\s*(,?)/.exec(text.slice(at))
    at += comma?.[0].length ?? 0
    if (comma?.[1] === '' && text[at] !== '}')
      return { message: `unexpected character inside braces: '${text[at] ?? ''}'`, at }
  }
}

function readString(text: string, start: number, quote: string): { value: string; end: number } | undefined {
  let value = ''
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === quote) return { value, end: at + 1 }
    if (char === '\\' && quote !== '`') {
      at++
      const escaped = text[at]
      value += escaped === 'n' ? '\n' : escaped === 't' ? '\t' : (escaped ?? '')
    } else value += char
  }
  return undefined
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** Regular expressions are anchored at both ends; an absent label is an empty one. */
export function matchesValue({ operator, value }: Matcher, actual: string): boolean {
  switch (operator) {
    case '=':
      return actual === value
    case '!=':
      return actual !== value
    case '=~':
      return new RegExp(`^(?:${value})$`, 's').test(actual)
    default:
      return !new RegExp(`^(?:${value})$`, 's').test(actual)
  }
}
