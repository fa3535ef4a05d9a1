export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Milliseconds, where the exporter says so by itself. */
  readonly at?: number
}

/** The Prometheus text format, version 0.0.4. Throws on a line that is none: the scrape then fails as a whole. */
export function parseExposition(text: string): ExposedSample[] {
  const samples: ExposedSample[] = []
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    samples.push(parseLine(trimmed))
  }
  return samples
}

function parseLine(line: string): ExposedSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
  if (name === undefined) throw new Error(`expected a metric name: ${line}`)
  let at = name.length
  const labels: Record<string, string> = {}
  if (line[at] === '{') at = parseLabels(line, at + 1, labels)
  const [value = '', time, ...rest] = line.slice(at).trim().split(/\s+/)
  const number = parseNumber(value)
  if (number === undefined || rest.length > 0) throw new Error(`expected a value: ${line}`)
  return { name, labels, value: number, ...(time === undefined ? {} : { at: Number(time) }) }
}

function parseLabels(line: string, start: number, into: Record<string, string>): number {
  let at = start
  for (;;) {
    const [whole, label, equals] = /^\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)\s*(=)\s*")?/.exec(line.slice(at)) ?? []
    at += whole?.length ?? 0
    if (label === undefined || equals === undefined) {
      if (line[at] !== '}') throw new Error(`expected a label: ${line}`)
      return at + 1
    }
    let value = ''
    for (; line[at] !== '"'; at++) {
      if (at >= line.length) throw new Error(`unterminated label value: ${line}`)
      if (line[at] === '\\') {
        at++
        value += line[at] === 'n' ? '\n' : line[at]
      } else value += line[at]
    }
    into[label] = value
    at++
    const comma = /^\s*,?/.exec(line.slice(at))?.[0] ?? ''
    at += comma.length
  }
}

export function parseNumber(text: string): number | undefined {
  if (/^[+-]?inf$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

/** Numbers as Prometheus prints them (Go's shortest form without an exponent where it can). */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}
