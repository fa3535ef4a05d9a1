import { type Format, formats, type ReportSpec } from '../read/types.ts'

export type ParsedSpecs =
  | { readonly ok: true; readonly value: readonly ReportSpec[] }
  | { readonly ok: false; readonly why: string }

/** `tool path [key=value …]`, one report a line; `#` begins a comment. */
export function parseReportLines(text: string): ParsedSpecs {
  const specs: ReportSpec[] = []
  for (const line of text.split(/\r?\n/)) {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
    if (words.length === 0) continue
    const parsed = parseLine(words)
    if (typeof parsed === 'string')
      return { ok: false, why: `has the line "${line.trim().slice(0, 120)}", which ${parsed}` }
    specs.push(parsed)
  }
  if (specs.length === 0) return { ok: false, why: 'names no report' }
  if (specs.length > 100) return { ok: false, why: 'names more than 100 reports' }
  return { ok: true, value: specs }
}

const keys = ['format', 'category', 'exit', 'known-exits', 'outcome', 'scanned', 'source']

function parseLine(words: readonly string[]): ReportSpec | string {
  const [tool = '', path, ...rest] = words
  if (path === undefined || path.includes('=')) return 'is not "tool path"'
  if (!/^[a-z][a-z0-9.-]*$/i.test(tool)) return `calls a tool "${tool.slice(0, 40)}"`
  const given = new Map<string, string>()
  for (const word of rest) {
    const at = word.indexOf('=')
    const key = word.slice(0, Math.max(at, 0))
    if (!keys.includes(key))
      return `has "${word.slice(0, 40)}"; known are ${keys.map((name) => `${name}=`).join(', ')}`
    if (given.has(key)) return `has ${key}= twice`
    given.set(key, word.slice(at + 1))
  }
  const format = given.get('format')
  if (format !== undefined && !formats.some((name) => name === format))
    return `has no format of ${formats.join(', ')}`
  const exit = parseExit(given.get('exit'))
  const scanned = parseExit(given.get('scanned'))
  const knownExits = given.get('known-exits')?.split(',').map(parseExit)
  // `exit=` with nothing behind it comes of a step that never set its output.
  if (exit === 'wrong' || scanned === 'wrong' || knownExits?.some((code) => typeof code !== 'number')) {
    return 'has a value that is no number (a step that did not run sets no output)'
  }
  const [category, outcome, source] = ['category', 'outcome', 'source'].map((key) => given.get(key))
  return {
    tool,
    path,
    ...(format === undefined ? {} : { format: format as Format }),
    ...(exit === undefined ? {} : { exit }),
    ...(scanned === undefined ? {} : { scanned }),
    ...(knownExits === undefined
      ? {}
      : { knownExits: knownExits.filter((code) => typeof code === 'number') }),
    ...(category === undefined ? {} : { category }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(source === undefined ? {} : { source }),
  }
}

function parseExit(text: string | undefined): number | undefined | 'wrong' {
  if (text === undefined) return undefined
  return /^[0-9]{1,7}$/.test(text) ? Number(text) : 'wrong'
}
