import { LineCounter, parseDocument } from 'yaml'
import type { ZodType } from 'zod'
import { nearest } from '../release/index.ts'

/** Something that is wrong with a file that people review. */
export interface FileProblem {
  readonly says: string
  /** Counts from 1. */
  readonly line?: number
}

export type Reviewed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FileProblem[] }

/** A list that is longer than this is no reviewed file any more. */
const longest = 512 * 1024

/**
 * A small YAML file of exceptions, read by its schema: all that is wrong with it at once. A key that is not known is
 * wrong, for it would be without effect; `knownKeys` are those that a misspelt one may have meant.
 */
export function readReviewed<T>(text: string, schema: ZodType<T>, knownKeys: readonly string[]): Reviewed<T> {
  if (text.length > longest) return bad([{ says: `it is longer than ${longest / 1024} KiB` }])
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  })
  const broken = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    says: message,
    line: lines.linePos(pos[0]).line,
  }))
  if (broken.length > 0) return bad(broken)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 }) ?? {}
  } catch {
    // Nested aliases ask for more memory than there is; a reviewed list has no use for any.
    return bad([{ says: 'it has an alias (`*name`): write the value out' }])
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  return bad(
    parsed.error.issues.flatMap((issue): readonly FileProblem[] => {
      const path = issue.path.filter((part) => typeof part !== 'symbol')
      const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
      const at = node?.range === undefined ? {} : { line: lines.linePos(node.range[0]).line }
      if (issue.code !== 'unrecognized_keys')
        return [{ says: `\`${path.join('.') || 'version'}\` ${issue.message}`, ...at }]
      return issue.keys.map((key) => {
        const meant = nearest(key, knownKeys)
        const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
        return { says: `\`${[...path, key].join('.')}\` is not a known key${hint}`, ...at }
      })
    }),
  )
}

function bad(problems: readonly FileProblem[]): {
  readonly ok: false
  readonly problems: readonly FileProblem[]
} {
  return { ok: false, problems }
}

/** The first ten of them in one sentence, and where the first one stands. */
export function describeProblems(problems: readonly FileProblem[], file: string) {
  const said = problems
    .slice(0, 10)
    .map(({ says, line }) => `${line === undefined ? '' : `line ${line}: `}${says}`)
  const more = problems.length > 10 ? ` (and ${problems.length - 10} more)` : ''
  const line = problems.find((one) => one.line !== undefined)?.line
  return { sentence: `${said.join('; ')}${more}`, at: { file, ...(line === undefined ? {} : { line }) } }
}
