import { LineCounter, parseDocument } from 'yaml'
import { err, nearest, ok, type Result } from '../../release/index.ts'
import { type TenantConfig, tenantSchema } from './schema.ts'

const longest = 512 * 1024

/** The file of overrides. All that is wrong comes in one fault; an unknown key is wrong, for it would be without effect. */
export function readTenantConfig(text: string, file: string): Result<TenantConfig> {
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
    return fault(file, [{ says: 'it has an alias (`*name`): write the value out' }])
  }
  const parsed = tenantSchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    const at = node?.range === undefined ? {} : { line: lines.linePos(node.range[0]).line }
    if (issue.code !== 'unrecognized_keys')
      return [{ says: `\`${path.join('.') || 'version'}\` ${issue.message}`, ...at }]
    return issue.keys.map((key) => {
      const meant = nearest(key, Object.keys(tenantSchema.shape))
      return {
        says: `\`${[...path, key].join('.')}\` is not a known key${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
        ...at,
      }
    })
  })
  return fault(file, problems)
}

function fault(
  file: string,
  problems: readonly { readonly says: string; readonly line?: number }[],
): Result<never> {
  const said = problems
    .slice(0, 10)
    .map(({ says, line }) => `${line === undefined ? '' : `line ${line}: `}${says}`)
  const line = problems.find((one) => one.line !== undefined)?.line
  return err({
    blame: 'user',
    reason: 'tenant-config-invalid',
    cause: `${file} cannot be used: ${said.join('; ')}${problems.length > 10 ? ` (and ${problems.length - 10} more)` : ''}.`,
    likely: 'A key is misspelt, or an exemption lacks its reason or its end.',
    next: 'Correct the file; docs/tenant-gate.md shows each key.',
    at: { file, ...(line === undefined ? {} : { line }) },
  })
}
