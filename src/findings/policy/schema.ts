import * as z from 'zod'
import { globFault } from './glob.ts'

const severity = z.enum(['critical', 'high', 'medium', 'low', 'none'])
const glob = z.string().superRefine((text, context) => {
  const fault = globFault(text)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `is no usable pattern: it ${fault}` })
})
const cwe = z
  .union([z.string().regex(/^(?:CWE-)?[1-9][0-9]{0,5}$/i, 'is no CWE, such as CWE-89'), z.int().positive()])
  .transform((value) => `CWE-${String(value).replace(/^CWE-/i, '')}`)
const days = z.int().min(1).max(3650)
const daysBySeverity = z.strictObject({
  critical: days.optional(),
  high: days.optional(),
  medium: days.optional(),
  low: days.optional(),
  none: days.optional(),
})
const date = z.iso.date('is no date such as 2026-03-31')
const word = z.string().trim().min(1).max(200)

const rule = z
  .strictObject({
    paths: z.array(glob).min(1).optional(),
    tools: z.array(word).min(1).optional(),
    rules: z.array(glob).min(1).optional(),
    cwe: z.array(cwe).min(1).optional(),
    severity: z.union([severity, z.literal('off')]),
  })
  .refine(
    ({ paths, tools, rules, cwe: ids }) => [paths, tools, rules, ids].some((part) => part !== undefined),
    {
      message: 'needs paths, tools, rules or cwe: without them it would stand for everything',
    },
  )

const suppression = z
  .strictObject({
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{16}$/, 'is not the 16 hex digits that the summary shows')
      .optional(),
    count: z.int().min(1).max(1000).default(1),
    rule: word.optional(),
    path: glob.optional(),
    purl: z.string().startsWith('pkg:', 'begins with pkg:').max(300).optional(),
    vulnerability: word.optional(),
    reason: z.string().trim().min(10, 'says why in at least 10 characters').max(1000),
    owner: word,
    expires: date,
    created: date.optional(),
    justification: z
      .enum(['tool-noise', 'not-feasible', 'not-for-release', 'fix-deferred', 'risk-accepted'])
      .optional(),
    'approved-by': word.optional(),
  })
  .refine(
    (one) => {
      const whole = [one.fingerprint, one.rule && one.path, one.purl && one.vulnerability].filter(
        Boolean,
      ).length
      const parts = [one.fingerprint, one.rule, one.path, one.purl, one.vulnerability].filter(Boolean).length
      return whole === 1 && parts === (one.fingerprint === undefined ? 2 : 1)
    },
    { message: 'names what it is for in one way: fingerprint, or rule and path, or purl and vulnerability' },
  )

export const policySchema = z.strictObject({
  version: z.literal(1),
  fail: z
    .strictObject({
      severity: severity.default('high'),
      cwe: z.array(cwe).default([]),
      'known-days': daysBySeverity.default({}),
    })
    .prefault({}),
  rules: z.array(rule).default([]),
  'tool-upgrade': z.enum(['fail', 'warn']).default('fail'),
  'suppressed-by-tool': z.enum(['count', 'forbid']).default('count'),
  'max-suppressed-by-tool': z.int().min(0).optional(),
  'scanned-drop-percent': z.number().min(1).max(100).default(50),
  'max-days': daysBySeverity.default({}),
  coverage: z.array(z.strictObject({ when: glob, tool: word, category: glob.optional() })).default([]),
  'ignore-lockfiles': z.array(glob).default([]),
  suppressions: z.array(suppression).max(2000).default([]),
})

export type Policy = z.output<typeof policySchema>
export type Suppression = Policy['suppressions'][number]
export type PolicyRule = Policy['rules'][number]

/** What holds without a policy file: new findings that are high or critical fail. */
export const defaultPolicy: Policy = policySchema.parse({ version: 1 })

/** Days that a suppression may reach ahead, unless `max-days` says otherwise. */
export const longestDays = { critical: 14, high: 30, medium: 90, low: 180, none: 365 } as const
