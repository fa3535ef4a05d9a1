/** Who moved what, from where to where: the part of a ledger line that `git log` can search. */
export const trailerNames = ['Release-Train', 'Region', 'From', 'To', 'Transition', 'Actor', 'Run'] as const

export type TrailerName = (typeof trailerNames)[number]

export type Trailers = { readonly [name in TrailerName]?: string }

export interface MessageParts {
  /** One line; more is cut at the first line break, since a subject ends there. */
  readonly subject: string
  readonly body?: string
  readonly trailers: Trailers
}

/** `\r`, `\n` and what terminals and Git take for the end of a line, and other control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/g

/**
 * A commit message whose last paragraph is our trailers and nothing else's. A value is data from outside (a
 * branch name, a person's name): a line break in it would forge a trailer, so it is escaped. Without trailers a
 * body could pass for them; every commit of ours has some. An empty value stands for an absent one.
 */
export function commitMessage({ subject, body, trailers }: MessageParts): string {
  const lines = trailerNames.flatMap((name) => {
    const value = trailers[name]
    return value === undefined || value === '' ? [] : [`${name}: ${escapeValue(value)}`]
  })
  const text = body === undefined ? '' : withoutNul(body).replace(/\r\n?/g, '\n').trim()
  return `${[firstLine(subject), text, lines.join('\n')].filter((part) => part !== '').join('\n\n')}\n`
}

/** Reads back what `commitMessage` wrote. Only the last paragraph counts, and the first value of a name in it. */
export function parseTrailers(message: string): Trailers {
  const last =
    message
      .trimEnd()
      .split(/\n[ \t]*\n/)
      .at(-1) ?? ''
  const found: { [name in TrailerName]?: string } = {}
  for (const line of last.split('\n')) {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? []
    const known = trailerNames.find((trailer) => trailer === name)
    if (known !== undefined && value !== undefined) found[known] ??= unescapeValue(value)
  }
  return found
}

function escapeValue(value: string): string {
  const escaped = value.toWellFormed().replace(UNSAFE, (char) => {
    if (char === '\\') return '\\\\'
    if (char === '\n') return '\\n'
    if (char === '\r') return '\\r'
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  // Git strips blanks at the ends of a line.
  return escaped.replace(/^ | $/g, '\\u0020')
}

function unescapeValue(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|([nr\\]))/g,
    (_, hex: string | undefined, char: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      return char === 'n' ? '\n' : char === 'r' ? '\r' : '\\'
    },
  )
}

function firstLine(text: string): string {
  const line = text.trim().split(/[\r\n\u2028\u2029]/)[0] ?? ''
  return withoutNul(line).trim() || 'Release'
}

/** Git objects and pushes end a message at NUL. */
function withoutNul(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}
