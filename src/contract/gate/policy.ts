import * as z from 'zod'
import { err, type Fault, nearest, ok, type Result } from '../../release/index.ts'
import { parseText } from '../openapi/parse.ts'
import { at, rootPlace } from '../schema/place.ts'

const level = z.enum(['error', 'warning', 'info', 'off'])
const levels = z.record(
  z.string().regex(/^[a-z0-9*-]{1,120}$/, 'is no rule id; `*` stands for any part'),
  level,
)
const word = z.string().trim().min(1).max(200)
const date = z.iso.date('is no date such as 2026-03-31')

const approval = z
  .strictObject({
    fingerprint: z.string().regex(/^[0-9a-f]{12}$/, 'is not the 12 hex digits that the summary shows'),
    reason: z.string().trim().min(10, 'says why in at least 10 characters').max(1000),
    owner: word,
    'approved-by': word,
    expires: date,
    environments: z.array(word).min(1).optional(),
  })
  .refine((one) => one.owner.toLowerCase() !== one['approved-by'].toLowerCase(), {
    message: 'is approved by its own owner: another person has to',
  })

export const policySchema = z.strictObject({
  version: z.literal(1),
  preset: z.enum(['default', 'oasdiff']).default('default'),
  levels: levels.default({}),
  'content-model': z.enum(['tolerant', 'strict']).default('tolerant'),
  deprecation: z
    .strictObject({
      'stable-days': z.int().min(0).max(3650).default(180),
      'beta-days': z.int().min(0).max(3650).default(31),
    })
    .optional(),
  rollback: z.enum(['report', 'fail']).default('report'),
  environments: z
    .record(word, z.strictObject({ levels: levels.default({}), fail: z.boolean().default(true) }))
    .default({}),
  'max-days': z.int().min(1).max(365).default(90),
  approvals: z.array(approval).max(1000).default([]),
})

export type GatePolicy = z.output<typeof policySchema>
export type Approval = GatePolicy['approvals'][number]

/** What holds without a policy file. */
export const defaultGatePolicy: GatePolicy = policySchema.parse({ version: 1 })

const knownKeys = [
  ...Object.keys(policySchema.shape),
  ...Object.keys(policySchema.shape.approvals.unwrap().element.shape),
  ...['stable-days', 'beta-days', 'fail'],
]

/** All that is wrong with the file in one fault; a key that is not known is wrong, for it would be without effect. */
export function readGatePolicy(text: string, file: string): Result<GatePolicy> {
  if (text.length > 512 * 1024) return err(invalid(file, ['it is longer than 512 KiB'], undefined))
  const read = parseText(text, file)
  if (!read.ok) return err(invalid(file, [read.fault.cause], read.fault.at?.line))
  const value = read.value.value ?? {}
  const parsed = policySchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const root = rootPlace({ file, dialect: 'json-schema' }, value)
  let first: number | undefined
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    const line = read.value.lineOf(at(root, ...path))
    first ??= line
    const here = line === undefined ? '' : `line ${line}: `
    if (issue.code !== 'unrecognized_keys') {
      return [`${here}\`${path.join('.') || 'version'}\` ${issue.message}`]
    }
    return issue.keys.map((key) => {
      const meant = nearest(key, knownKeys)
      const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
      return `${here}\`${[...path, key].join('.')}\` is not a known key${hint}`
    })
  })
  return err(invalid(file, problems, first))
}

function invalid(file: string, problems: readonly string[], line: number | undefined): Fault {
  const more = problems.length > 10 ? ` (and ${problems.length - 10} more)` : ''
  return {
    blame: 'user',
    reason: 'contract-policy-invalid',
    cause: `${file} is not a policy of contracts: ${problems.slice(0, 10).join('; ')}${more}.`,
    likely: 'A key is misspelt, or an approval lacks its reason, owner, approver or end.',
    next: 'Correct the file on the branch that this change goes to; docs/contract-gate.md shows each key.',
    at: { file, ...(line === undefined ? {} : { line }) },
  }
}
