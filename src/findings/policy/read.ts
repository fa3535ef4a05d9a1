import { LineCounter, parseDocument } from 'yaml'
import { err, nearest, ok, type Result } from '../../release/index.ts'
import { type Policy, policySchema } from './schema.ts'

/** A list of suppressions that is longer than this is no reviewed file any more. */
const longest = 512 * 1024

/** All that is wrong with the file in one fault; a key that is not known is wrong, for it would be without effect. */
export function readPolicy(text: string, file: string): Result<Policy> {
  if (text.length > longest) return fault(file, [{ says: `it is longer than ${longest / 1024} KiB` }])
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
  if (broken.length > 0) return fault(file, broken)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 }) ?? {}
  } catch {
    // Nested aliases ask for more memory than there is; a reviewed list has no use for any.
    return fault(file, [{ says: 'it has an alias (`*name`): write the value out' }])
  }
  const parsed = policySchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    const line = node?.range === undefined ? undefined : lines.linePos(node.range[0]).line
    const at = line === undefined ? {} : { line }
    if (issue.code !== 'unrecognized_keys')
      return [{ says: `\`${path.join('.') || 'version'}\` ${issue.message}`, ...at }]
    return issue.keys.map((key) => {
      const meant = nearest(key, knownKeys)
      const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
      return { says: `\`${[...path, key].join('.')}\` is not a known key${hint}`, ...at }
    })
  })
  return fault(file, problems)
}

const knownKeys = [
  ...Object.keys(policySchema.shape),
  ...Object.keys(policySchema.shape.suppressions.unwrap().element.shape),
  ...Object.keys(policySchema.shape.rules.unwrap().element.shape),
  ...['known-days', 'when', 'tool', 'category'],
]

function fault(
  file: string,
  problems: readonly { readonly says: string; readonly line?: number }[],
): Result<never> {
  const said = problems
    .slice(0, 10)
    .map(({ says, line }) => `${line === undefined ? '' : `line ${line}: `}${says}`)
  const more = problems.length > 10 ? ` (and ${problems.length - 10} more)` : ''
  const line = problems.find((one) => one.line !== undefined)?.line
  return err({
    blame: 'user',
    reason: 'findings-policy-invalid',
    cause: `${file} is not a policy of findings: ${said.join('; ')}${more}.`,
    likely: 'A key is misspelt, or a suppression lacks its reason, owner or end.',
    next: 'Correct the file on the branch that this change goes to; docs/sast-gate.md shows each key.',
    at: { file, ...(line === undefined ? {} : { line }) },
  })
}
