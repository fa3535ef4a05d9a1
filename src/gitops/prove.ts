import { isDeepStrictEqual } from 'node:util'
import { type Document, type ParsedNode, parseAllDocuments } from 'yaml'

/** Helm and Kubernetes read YAML half by the rules of 1.1 (helm#3246): an edit has to mean the same under both. */
export const yamlVersions = ['1.2', '1.1'] as const

export type YamlVersion = (typeof yamlVersions)[number]

export type ParsedYaml = { readonly [version in YamlVersion]: readonly Document.Parsed<ParsedNode>[] }

export interface Edit {
  readonly before: string
  /** `before`, parsed and without an error. */
  readonly parsed: ParsedYaml
  readonly after: string
  readonly value: string
  /** Number of the document in the file, and the position of each step below its root. */
  readonly document: number
  readonly indexes: readonly number[]
  /** Line of the edited value, counted from 1. */
  readonly line: number
}

export function parseYaml(source: string, version: YamlVersion): Document.Parsed<ParsedNode>[] {
  const parsed = parseAllDocuments(source, { version, uniqueKeys: true, logLevel: 'error' })
  return Array.isArray(parsed) ? parsed : []
}

/**
 * Undefined when reading `after` anew shows the value as a string at its place and nothing else changed,
 * under YAML 1.1 and 1.2, and the texts differ in the one line; else what is wrong. The proof does not trust
 * the splice: it compares what a reader gets.
 */
export function disproof(edit: Edit): string | undefined {
  return (
    linesDisproof(edit) ??
    yamlVersions.map((version) => valueDisproof(edit, version)).find((why) => why !== undefined)
  )
}

function valueDisproof(
  { before, after, value, document, indexes }: Edit,
  version: YamlVersion,
): string | undefined {
  const were = parseYaml(before, version)
  const are = parseYaml(after, version)
  const error = are.flatMap((doc) => doc.errors)[0]
  if (error !== undefined) return `under YAML ${version} it does not parse: ${error.message.split('\n')[0]}`
  if (were.length !== are.length) return `the number of documents changed under YAML ${version}`
  try {
    const same = were.every((was, at) => {
      const [from, to] = [plainValue(was), plainValue(are[at])]
      return at === document ? equalExcept(from, to, indexes, value) : isDeepStrictEqual(from, to)
    })
    return same
      ? undefined
      : `more than the one value changed, or it is not the text ${JSON.stringify(value)}, under YAML ${version}`
  } catch (error) {
    // Aliases that expand without end (`&a [*a]`) or a hundredfold are refused by the parser with an exception.
    return `its aliases cannot be followed under YAML ${version}: ${error instanceof Error ? error.message : String(error)}`
  }
}

function plainValue(doc: Document | undefined): unknown {
  return doc?.toJS({ mapAsMap: true, maxAliasCount: 100 })
}

/** Deep equality, but at the end of `path` the right side is `value`. A place that an alias shows again is no exception. */
function equalExcept(from: unknown, to: unknown, path: readonly number[], value: string): boolean {
  const [index, ...rest] = path
  if (index === undefined) return to === value && !(from instanceof Map) && !Array.isArray(from)
  const [left, right] = [children(from), children(to)]
  if (left === undefined || right === undefined || left.length !== right.length || index >= left.length)
    return false
  return left.every(([key, child], at) => {
    const [otherKey, other] = right[at] ?? []
    return (
      isDeepStrictEqual(key, otherKey) &&
      (at === index ? equalExcept(child, other, rest, value) : isDeepStrictEqual(child, other))
    )
  })
}

function children(value: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value]
  return Array.isArray(value) ? value.map((item, at) => [at, item]) : undefined
}

function linesDisproof({ before, after, line }: Edit): string | undefined {
  const [were, are] = [before.split('\n'), after.split('\n')]
  if (were.length !== are.length) return 'the value does not stand on one line'
  const other = were.findIndex((text, at) => at !== line - 1 && text !== are[at])
  return other < 0 ? undefined : `line ${other + 1} changed, too`
}
