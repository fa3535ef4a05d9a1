import * as z from 'zod'
import { err, ok, type Result } from '../../release/index.ts'

const text = z.string().max(4000)
const verdict = z.enum(['pass', 'leak', 'inconclusive', 'untested', 'exempt'])

const evidence = z.looseObject({
  why: text.optional(),
  status: z.int().optional(),
  found: text.optional(),
  curl: z.string().max(20_000).optional(),
  warning: text.optional(),
})

const one = z.looseObject({
  attack: z.string().min(1).max(100),
  from: z.string().min(1).max(200),
  to: z.string().min(1).max(200),
  verdict,
  evidence: z.union([evidence, text.transform((why): z.output<typeof evidence> => ({ why }))]).optional(),
})

/** `two-tenant/v1`: what every simulator hands over, ours and others. */
export const resultSchema = z.looseObject({
  schema: z.literal('two-tenant/v1'),
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'is no commit id'),
  runId: z.string().min(1).max(200),
  startedAt: z.iso.datetime({ offset: true }),
  tenants: z.array(z.string().min(1).max(200)).max(100),
  operations: z
    .array(
      z.looseObject({
        id: z.string().min(1).max(300),
        method: z.string().max(20).optional(),
        path: z.string().max(2000).optional(),
        subject: z.string().max(500).optional(),
        cases: z.array(one).max(5000),
      }),
    )
    .max(5000),
  controls: z.looseObject({
    positive: z.int().min(0),
    negative: z.int().min(0),
    mutationCaught: z.boolean(),
  }),
})

export type TenantResult = z.output<typeof resultSchema>

const longest = 32 * 1024 * 1024

export function readResult(text: string, file: string): Result<TenantResult> {
  if (text.length > longest) return wrong(file, `it is longer than ${longest / 1024 / 1024} MiB`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return wrong(file, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const parsed = resultSchema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const said = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `\`${path.join('.') || 'the whole'}\` ${message}`)
  return wrong(file, said.join('; '))
}

function wrong(file: string, why: string): Result<never> {
  return err({
    blame: 'user',
    reason: 'tenant-result-invalid',
    cause: `${file} is no result of a two-tenant run: ${why}.`,
    likely: 'The simulator ended before it wrote its result, or writes another version.',
    next: 'Write `two-tenant/v1` as docs/tenant-gate.md shows it.',
  })
}
