import { err, type Fault, ok, type Result } from '../release/index.ts'
import type { Config } from './config.ts'
import { misfits, type Sections } from './cross-checks.ts'
import { type Problem, readSource } from './document.ts'
import { problemAt, schemaProblems } from './problems.ts'
import { type FileForm, fileSchema } from './schema.ts'
import { toConfig } from './to-config.ts'

/** More than this in one message is not read; the rest is counted. */
const MOST_TOLD = 25

/**
 * Reads a tuesday.yaml. All faults come in one message, in the order of the file; `file` is the name that
 * people know it by. The same text gives the same answer everywhere: nothing else is looked at.
 */
export function loadConfig(text: string, file: string): Result<Config> {
  const source = readSource(text)
  if (source.problems.length > 0) return err(fault('config-unreadable', file, source.problems))
  const parsed = fileSchema.safeParse(source.value)
  const problems = parsed.success ? [] : schemaProblems(fileSchema, parsed.error.issues, source)
  // A section that may be left out and is, is there as undefined: `misfits` asks for that.
  const sections = parsed.success ? { canary: undefined, ...parsed.data } : soundSections(source.value)
  problems.push(...misfits(sections).map(({ path, says }) => problemAt(source, path, says)))
  if (!parsed.success || problems.length > 0) return err(fault('config-invalid', file, problems))
  return ok(toConfig(parsed.data))
}

/** For the caller that looked for the file: nothing of a service can be released without it. */
export function configMissing(file: string): Fault {
  return {
    blame: 'user',
    reason: 'config-missing',
    cause: `There is no file ${file}.`,
    likely: 'The `config` input names another path, or the repository was not checked out before this step.',
    next: 'Check the repository out first, and set `config` to the path of the tuesday.yaml of this service.',
    at: { file },
  }
}

/** The sections that are fine in themselves, so that what they say together is checked in the same run. */
function soundSections(value: unknown): Sections {
  if (typeof value !== 'object' || value === null) return {}
  const sound: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(fileSchema.shape)) {
    const section = schema.safeParse(
      Object.hasOwn(value, name) ? (value as FileForm)[name as keyof FileForm] : undefined,
    )
    if (section.success) sound[name] = section.data
  }
  return sound as Sections
}

function fault(
  reason: 'config-unreadable' | 'config-invalid',
  file: string,
  problems: readonly Problem[],
): Fault {
  const sorted = [...problems].sort((left, right) => left.line - right.line || left.column - right.column)
  const told = sorted.slice(0, MOST_TOLD).map(({ line, column, path, says }) => {
    const subject = path === '' ? 'the file' : `\`${path}\``
    return `${file}:${line}:${column} ${subject} ${says}`
  })
  const rest = sorted.length - told.length
  if (rest > 0) told.push(`and ${rest} more`)
  const [first] = sorted
  return {
    blame: 'user',
    reason,
    cause:
      sorted.length === 1 ? `${told[0]}.` : `${file} has ${sorted.length} faults:\n  ${told.join('\n  ')}`,
    ...(reason === 'config-invalid'
      ? { likely: 'A key is misspelt, or two parts of the file no longer agree.' }
      : {}),
    next: 'Correct these lines; an editor that knows schema/tuesday.schema.json completes and checks the file.',
    ...(first === undefined ? {} : { at: { file, line: first.line, column: first.column } }),
  }
}
