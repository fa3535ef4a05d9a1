import * as z from 'zod'

const whole = z.int().min(0)
const share = z.number().gt(0).lt(1)

const metric = z.strictObject({
  kind: z.enum(['errors', 'latency']).optional(),
  ratio: z.number().min(1).optional(),
  delta: share.optional(),
  weight: z.number().min(0).optional(),
  slo: share.optional(),
  fall: z.boolean().optional(),
  limit: z.strictObject({ share, blocks: z.int().min(1) }).optional(),
})

export const calibrationForm = z.record(
  z.string(),
  z.strictObject({
    share: z.number().min(0),
    tempered: z.strictObject({ limit: z.number().min(0), phi: z.number().min(1) }).optional(),
  }),
)

/** Strict: a policy that is misspelt would be back-tested as the default one, and nobody would know. */
export const policyForm = z.strictObject({
  alpha: share.optional(),
  slo: share.optional(),
  ratio: z.number().min(1).optional(),
  delta: share.optional(),
  strict: z.boolean().optional(),
  presence: z.number().min(0).max(1).optional(),
  inconclusive: z.enum(['hold', 'promote-with-warning', 'abort']).optional(),
  metrics: z.record(z.string(), metric).optional(),
  minimumRequests: z.record(z.string(), whole).optional(),
  calibration: calibrationForm.optional(),
  service: z
    .strictObject({
      metric: z.string(),
      target: share,
      periodDays: z.number().gt(0).optional(),
      budgetLeft: z.number().max(1).optional(),
    })
    .optional(),
  spend: z
    .strictObject({
      metric: z.string(),
      target: share,
      periodEvents: z.number().gt(0),
      share: share.optional(),
    })
    .optional(),
})

/** The first thing that is wrong, with the way to it. */
export function problemOf(error: z.ZodError, at: string): string {
  const issue = error.issues[0]
  const path = issue?.path.map((each) => (typeof each === 'number' ? `[${each}]` : `.${String(each)}`))
  return `${at}${path?.join('') ?? ''}: ${issue?.message ?? 'invalid'}`
}
