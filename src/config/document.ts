import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'

export type Path = readonly (string | number)[]

/** Counts from 1, as editors and annotations do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A sentence about one place of the file. */
export interface Problem extends Position {
  /** `environments.prod-us.window.from`; empty for the file as a whole. */
  readonly path: string
  readonly says: string
}

/** One YAML document and where each of its parts stands. */
export interface Source {
  /** Plain data; undefined when the text could not be read as YAML. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Of the value at `path`, or of its nearest parent that stands in the file. */
  at(path: Path): Position
  /** Of the key itself, where the fault is that it should not be there. */
  atKey(path: Path): Position
}

/** A tuesday.yaml is some hundred lines; a bound keeps a wrong file (a lockfile, a dump) from being parsed. */
const LONGEST = 256 * 1024

export function readSource(text: string): Source {
  const start = { line: 1, column: 1 }
  if (text.length > LONGEST) {
    const says = `is ${Math.ceil(text.length / 1024)} KiB long; a tuesday.yaml has at most ${LONGEST / 1024} KiB`
    return { value: undefined, problems: [{ ...start, path: '', says }], at: () => start, atKey: () => start }
  }
  const lines = new LineCounter()
  // `stringKeys` makes the weight `5:` of `canary.holds` the key "5" and refuses keys that are maps.
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    logLevel: 'error',
    prettyErrors: false,
  })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return line === 0 ? start : { line, column: col }
  }
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    ...position(error.pos[0]),
    path: '',
    says: yamlProblem(error.code, error.message),
  }))
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return
      problems.push({
        ...position(startOf(alias) ?? 0),
        path: '',
        says: `uses \`*${clip(alias.source)}\` before it is set`,
      })
    },
  })
  const source = {
    at: (path: Path) => position(offsetOf(document, path, 'value')),
    atKey: (path: Path) => position(offsetOf(document, path, 'key')),
  }
  if (problems.length > 0) return { ...source, value: undefined, problems }
  try {
    return { ...source, value: document.toJS({ maxAliasCount: 100 }), problems }
  } catch (error) {
    // An alias inside itself, or a bomb of aliases.
    const says = `cannot be read: ${error instanceof Error ? firstLine(error.message) : 'aliases do not resolve'}`
    return { ...source, value: undefined, problems: [{ ...start, path: '', says }] }
  }
}

export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[A-Za-z0-9_-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(clip(part))}]`
  }
  return text
}

/** Makes a value from the file fit to stand in a one-line message. */
export function clip(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')
  return plain.length > 60 ? `${plain.slice(0, 57)}…` : plain
}

function yamlProblem(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'is indented with a tab; YAML wants spaces'
  if (code === 'MULTIPLE_DOCS') return 'holds more than one YAML document; write one file per service'
  if (code === 'DUPLICATE_KEY') return 'writes a key twice in one map'
  return `is not YAML: ${firstLine(message)}`
}

function firstLine(message: string): string {
  return clip(message.split('\n', 1)[0] ?? '')
}

/** The start of the deepest node on the way to `path`. */
function offsetOf(document: Document.Parsed, path: Path, wanted: 'key' | 'value'): number {
  let node: Node | null = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      if (pair === undefined) return offset
      const key = isNode(pair.key) ? startOf(pair.key) : undefined
      node = isNode(pair.value) ? pair.value : null
      offset = (last && wanted === 'key' ? key : undefined) ?? valueStart(node, key) ?? key ?? offset
    } else if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part]
      if (!isNode(item)) return offset
      node = item
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0]
}

/**
 * An empty value has a place, but nothing stands there; and a block starts a line below its key, where its
 * first entry would seem to be at fault. In both cases the key is what a person looks for.
 */
function valueStart(node: Node | null, key: number | undefined): number | undefined {
  const [start, end] = node?.range ?? []
  const block = (isMap(node) || isSeq(node)) && node.flow !== true
  return start === end || (block && key !== undefined) ? undefined : start
}
