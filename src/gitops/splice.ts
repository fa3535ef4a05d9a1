import { type Document, Scalar } from 'yaml'
import { err, type Fault, ok, type Result } from '../release/index.ts'
import { type Located, locate, type NotLocated } from './locate.ts'
import { disproof, type ParsedYaml, parseYaml, yamlVersions } from './prove.ts'
import { formatYamlPath, parseYamlPath, type YamlPath } from './yaml-path.ts'

export interface SpliceOptions {
  /** Name for messages. */
  readonly file?: string
  /** Which object of a file with several; without it exactly one document may hold the path. */
  readonly document?: { readonly kind: string; readonly name: string }
}

export interface Spliced {
  readonly text: string
  /** The value that stood there, as YAML 1.2 reads it; '' for none. */
  readonly before: string
  /** Counted from 1. */
  readonly line: number
}

/**
 * Replaces exactly one scalar by its source range: a YAML library that writes the document anew loses padding,
 * blank lines and flow style, and turns plain `12e5678` of other lines into `.inf`. The new value is quoted, so
 * that it is a text for every reader. The result is proved (prove.ts) or refused.
 */
export function spliceScalar(
  file: string,
  path: YamlPath | string,
  value: string,
  options: SpliceOptions = {},
): Result<Spliced> {
  const steps = typeof path === 'string' ? parseYamlPath(path) : path
  if (steps === undefined || steps.length === 0) return err(badPath(String(path)))
  // The parser takes a byte order mark for a column, and then `- [x]` of the first line for an error.
  const mark = file.startsWith(byteOrderMark) ? byteOrderMark : ''
  const source = file.slice(mark.length)
  const parsed = { '1.2': parseYaml(source, '1.2'), '1.1': parseYaml(source, '1.1') }
  const subject: Subject = { source, parsed, path: steps, options }

  for (const version of yamlVersions) {
    const [error] = parsed[version].flatMap((doc) => doc.errors)
    if (error !== undefined) return err(unreadable(subject, error.message, error.pos[0]))
  }
  const place = findPlace(subject)
  if (!place.ok) return place
  const { node, indexes, document } = place.value
  const [start, end] = node.range ?? [0, 0]
  const text = source.slice(0, start) + written(source, node, start, end, value) + source.slice(end)
  const { line } = positionOf(source, start)
  const why = disproof({ before: source, parsed, after: text, value, document, indexes, line })
  if (why !== undefined) return err(unproved(subject, why, start))
  return ok({
    text: mark + text,
    before: node.value === null ? '' : (node.source ?? String(node.value)),
    line,
  })
}

const byteOrderMark = '\ufeff'

interface Subject {
  readonly source: string
  readonly parsed: ParsedYaml
  readonly path: YamlPath
  readonly options: SpliceOptions
}

type Place = Located & { readonly document: number }

function findPlace(subject: Subject): Result<Place> {
  const { path, options } = subject
  const candidates = subject.parsed['1.2'].flatMap((doc, document) =>
    options.document === undefined || isObject(doc, options.document)
      ? [{ document, located: locate(doc, path) }]
      : [],
  )
  const present = candidates.filter(({ located }) => 'found' in located || located.problem.kind === 'refused')
  const [only, second] = present
  if (second !== undefined) {
    return err(refusedFault(subject, { kind: 'refused', why: 'more than one document of the file holds it' }))
  }
  if (only !== undefined && 'found' in only.located)
    return ok({ ...only.located.found, document: only.document })
  const located = (only ?? candidates[0])?.located
  if (located !== undefined && 'problem' in located) return err(refusedFault(subject, located.problem))
  return err(refusedFault(subject, { kind: 'missing', why: nothingHere(options) }))
}

function nothingHere({ document }: SpliceOptions): string {
  return document === undefined ? 'the file is empty' : `the file has no ${document.kind} ${document.name}`
}

function isObject(doc: Document, { kind, name }: { kind: string; name: string }): boolean {
  try {
    return doc.get('kind') === kind && doc.getIn(['metadata', 'name']) === name
  } catch {
    // A document that is no map has no keys to get.
    return false
  }
}

/** The quotes stay as they are; a bare value gets double ones, and an empty one the blanks it needs around it. */
function written(source: string, node: Scalar, start: number, end: number, value: string): string {
  if (node.type === Scalar.QUOTE_SINGLE && /^[ -~]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
  const quoted = doubleQuoted(value)
  if (end > start) return quoted
  const lead = /[\s]$/.test(source.slice(0, start)) ? '' : ' '
  const tail = /^(?:[\s,\]}]|$)/.test(source.slice(end)) ? '' : ' '
  return `${lead}${quoted}${tail}`
}

/** In ASCII: U+0085 and U+2028 are line breaks for a reader of YAML 1.1 and none for one of 1.2. */
function doubleQuoted(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(/[^ -~]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0
    // Unlike JSON, YAML has no surrogate pairs: `\ud83d\ude00` would be two broken characters.
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

function positionOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function at({ source, options }: Subject, offset: number | undefined): Pick<Fault, 'at'> {
  if (options.file === undefined) return {}
  return { at: { file: options.file, ...(offset === undefined ? {} : positionOf(source, offset)) } }
}

function named({ options }: Subject): string {
  return options.file ?? 'the YAML file'
}

function badPath(path: string): Fault {
  return {
    blame: 'ours',
    reason: 'internal-error',
    cause: `${JSON.stringify(path)} is no path into a YAML document.`,
    next: 'Report this as a defect of Tuesday.',
  }
}

function unreadable(subject: Subject, message: string, offset: number): Fault {
  return {
    blame: 'user',
    reason: 'yaml-unreadable',
    cause: `${named(subject)} does not parse: ${message.split('\n')[0]}`,
    likely: 'It was edited by hand, or a merge left a key twice.',
    next: 'Repair the file in the GitOps repository and run again; nothing was written.',
    ...at(subject, offset),
  }
}

function refusedFault(subject: Subject, { kind, why, offset }: NotLocated): Fault {
  const path = formatYamlPath(subject.path)
  return {
    blame: 'user',
    reason: kind === 'missing' ? 'yaml-target-missing' : 'yaml-target-refused',
    cause: `${path} of ${named(subject)} cannot be edited: ${why}.`,
    next:
      kind === 'missing'
        ? `Add ${path} to the file once by hand; nothing was written.`
        : 'Write the value out in place, on one line, without anchors; nothing was written.',
    ...at(subject, offset),
  }
}

function unproved(subject: Subject, why: string, offset: number): Fault {
  return {
    blame: 'user',
    reason: 'yaml-edit-unproved',
    cause: `${formatYamlPath(subject.path)} of ${named(subject)} was not edited, since ${why}.`,
    likely: 'The value has an explicit tag, runs over several lines, or is shared through anchors.',
    next: 'Write the value as one quoted text on one line; nothing was written.',
    ...at(subject, offset),
  }
}
