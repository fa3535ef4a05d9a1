import type * as z from 'zod'
import { nearest } from '../release/index.ts'
import { clip, type Path, type Problem, pathText, type Source } from './document.ts'
import { legalKeys, meant } from './legal-keys.ts'

type Issue = z.core.$ZodIssue

/** Turns what zod found into sentences about places of the file. */
export function schemaProblems(schema: z.ZodType, issues: readonly Issue[], source: Source): Problem[] {
  const misspelt = misspeltKeys(schema, issues)
  return issues.flatMap((issue) => {
    const path = plainPath(issue.path)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(schema, path, key, source))
    }
    // `databse` instead of `database` is one fault of the file, not two.
    if (isMissing(issue, source) && misspelt.has(pathText(path))) return []
    const problem = problemAt(source, path, sayings(issue, source))
    return [issue.code === 'invalid_key' ? { ...problem, ...source.atKey(path) } : problem]
  })
}

export function problemAt(source: Source, path: Path, says: string): Problem {
  return { ...source.at(path), path: pathText(path), says }
}

function unknownKey(schema: z.ZodType, path: Path, key: string, source: Source): Problem {
  const full = [...path, key]
  const problem = { ...source.atKey(full), path: pathText(full) }
  if (key === '<<') return { ...problem, says: 'is a merge key of YAML 1.1, which this file does not know' }
  const hint = meant(schema, path, key)
  if (hint !== undefined && 'here' in hint) {
    return { ...problem, says: `is not a known key; did you mean \`${hint.here}\`?` }
  }
  if (hint !== undefined)
    return { ...problem, says: `is not a known key here; it belongs in \`${hint.elsewhere}\`` }
  const known = legalKeys(schema, path)?.map((name) => `\`${name}\``) ?? []
  return { ...problem, says: `is not a known key; known here: ${known.join(', ')}` }
}

/** Paths of required keys that someone tried to write. */
function misspeltKeys(schema: z.ZodType, issues: readonly Issue[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    const path = plainPath(issue.path)
    for (const key of issue.keys) {
      const hint = meant(schema, path, key)
      if (hint !== undefined && 'here' in hint) found.add(pathText([...path, hint.here]))
    }
  }
  return found
}

function isMissing(issue: Issue, source: Source): boolean {
  return valueAt(source.value, plainPath(issue.path)) === undefined
}

function sayings(issue: Issue, source: Source): string {
  const path = plainPath(issue.path)
  const value = valueAt(source.value, path)
  if (value === undefined && path.length > 0) return 'is missing'
  if (issue.code === 'invalid_value') return `is ${written(value)}; ${oneOf(value, issue.values)}`
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'is not a legal name'
  if (issue.code === 'invalid_type') return wrongType(issue, value)
  if (issue.code === 'invalid_union')
    return `is ${written(value)}, which has none of the forms that are known here`
  // zod's own texts begin so; ours say more.
  if (!issue.message.startsWith('Too ')) return issue.message
  if (issue.code === 'too_small') return `is ${written(value)}; the least is ${issue.minimum}`
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return `is ${written(value)}; the most is ${issue.maximum}`
  return issue.message
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

function wrongType(issue: z.core.$ZodIssueInvalidType, value: unknown): string {
  // A message of ours (`needs a unit …`) says more than the type; zod's own all begin with "Invalid".
  if (!issue.message.startsWith('Invalid')) return issue.message
  const wanted = KINDS[issue.expected] ?? issue.expected
  if (value === null) return `is empty; ${wanted} belongs here`
  // 12:30 and 1e3 without quotes are no texts to YAML; say it where it bites.
  const quotes = issue.expected === 'string' && typeof value !== 'object' ? '; put it in quotes' : ''
  return `is ${written(value)}; ${wanted} belongs here${quotes}`
}

function oneOf(value: unknown, values: readonly unknown[]): string {
  const known = values.map(String)
  const near = typeof value === 'string' ? nearest(value, known) : undefined
  if (near !== undefined) return `did you mean \`${near}\`?`
  return known.length === 1
    ? `only \`${known[0]}\` is known`
    : `use one of ${known.map((name) => `\`${name}\``).join(', ')}`
}

function written(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  if (value === null || value === undefined) return 'empty'
  return `\`${clip(String(value))}\``
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Readonly<Record<string | number, unknown>>)[part]
  }
  return here
}

function plainPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}
