import * as z from 'zod'
import { err, ok, type Result } from '../../release/index.ts'
import type { Block, Counts, History, PodCounts } from '../judge/types.ts'
import type { PolicyOptions } from '../policy.ts'

const whole = z.int().min(0)
const share = z.number().gt(0).lt(1)

const counts = z
  .strictObject({ nc: whole, ec: whole, ns: whole, es: whole })
  .refine((each) => each.ec <= each.nc && each.es <= each.ns, 'more bad requests than requests')

const tally = z
  .strictObject({ n: whole, e: whole })
  .refine((each) => each.e <= each.n, 'more bad requests than requests')

/** A baseline may carry the dispersion of its pods, which the tempered engine divides by. */
const baseline = z
  .strictObject({ n: whole, e: whole, phi: z.number().min(1).optional() })
  .refine((each) => each.e <= each.n, 'more bad requests than requests')

const pod = z.object({ arm: z.enum(['canary', 'stable']) }).catchall(tally)

const block = z.strictObject({
  metrics: z.record(z.string(), z.union([counts, z.array(counts).min(1)])),
  pods: z.record(z.string(), pod).optional(),
  excluded: z.boolean().optional(),
})

const metric = z.strictObject({
  kind: z.enum(['errors', 'latency']).optional(),
  ratio: z.number().min(1).optional(),
  delta: share.optional(),
  weight: z.number().min(0).optional(),
  slo: share.optional(),
  fall: z.boolean().optional(),
  limit: z.strictObject({ share, blocks: z.int().min(1) }).optional(),
})

const calibration = z.record(
  z.string(),
  z.strictObject({
    share: z.number().min(0),
    tempered: z.strictObject({ limit: z.number().min(0), phi: z.number().min(1) }).optional(),
  }),
)

const policy = z.strictObject({
  alpha: share.optional(),
  slo: share.optional(),
  strict: z.boolean().optional(),
  presence: z.number().min(0).max(1).optional(),
  metrics: z.record(z.string(), metric).optional(),
  minimumRequests: z.record(z.string(), whole).optional(),
  calibration: calibration.optional(),
  spend: z
    .strictObject({
      metric: z.string(),
      target: share,
      periodEvents: z.number().gt(0),
      share: share.optional(),
    })
    .optional(),
})

const line = z.strictObject({
  id: z.union([z.string(), z.number()]),
  policy: policy.optional(),
  blockSeconds: z.number().gt(0).optional(),
  plannedBlocks: z.int().min(1).optional(),
  blocks: z.array(block),
  history: z.record(z.string(), z.union([baseline, z.array(baseline).min(1)])).optional(),
})

/** One rollout of a replay file. */
export interface ReplayCase {
  readonly id: string | number
  readonly policy: PolicyOptions
  readonly blockSeconds: number
  readonly plannedBlocks: number
  readonly metrics: readonly string[]
  readonly blocks: readonly Block[]
  readonly history: History
}

export function parseReplayLine(text: string, number: number, file: string): Result<ReplayCase> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return invalid(file, number, error instanceof Error ? error.message : 'not JSON')
  }
  const parsed = line.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return invalid(file, number, `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'invalid'}`)
  }
  const { data } = parsed
  const named = new Set(Object.keys(data.policy?.metrics ?? {}))
  for (const each of data.blocks) for (const name of Object.keys(each.metrics)) named.add(name)
  if (named.size === 0) named.add('errors')
  return ok({
    id: data.id,
    policy: (data.policy ?? {}) as PolicyOptions,
    blockSeconds: data.blockSeconds ?? 15,
    plannedBlocks: data.plannedBlocks ?? Math.max(1, data.blocks.length),
    metrics: [...named],
    blocks: data.blocks.map(toBlock),
    history: Object.fromEntries(
      Object.entries(data.history ?? {}).map(([name, each]) => [name, [each].flat() as History[string]]),
    ),
  })
}

/** What `calibrate` has written: `{"calibration": {…}}`, or that object alone. */
export function parseThresholds(
  text: string,
  file: string,
): Result<NonNullable<PolicyOptions['calibration']>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return invalid(file, 1, error instanceof Error ? error.message : 'not JSON', 'thresholds')
  }
  const inner = z.looseObject({ calibration: z.unknown() }).safeParse(value)
  const parsed = calibration.safeParse(inner.success ? inner.data.calibration : value)
  if (parsed.success) return ok(parsed.data as NonNullable<PolicyOptions['calibration']>)
  const issue = parsed.error.issues[0]
  return invalid(
    file,
    1,
    `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'invalid'}`,
    'thresholds',
  )
}

/** A line's own thresholds win. */
export function withThresholds(each: ReplayCase, thresholds: PolicyOptions['calibration']): ReplayCase {
  if (thresholds === undefined) return each
  return { ...each, policy: { calibration: thresholds, ...each.policy } }
}

function toBlock(each: z.infer<typeof block>): Block {
  const metrics: Record<string, readonly Counts[]> = {}
  for (const [name, of] of Object.entries(each.metrics)) metrics[name] = [of].flat()
  const pods: Record<string, PodCounts> = {}
  for (const [name, { arm, ...rest }] of Object.entries(each.pods ?? {})) {
    pods[name] = { arm, metrics: rest as PodCounts['metrics'] }
  }
  return {
    metrics,
    ...(each.pods === undefined ? {} : { pods }),
    ...(each.excluded === undefined ? {} : { excluded: each.excluded }),
  }
}

function invalid(file: string, number: number, what: string, form = 'a rollout'): Result<never> {
  return err({
    blame: 'user',
    reason: 'canary-replay-invalid',
    cause: `Line ${number} of ${file} is not ${form}: ${what}.`,
    next: 'Write one JSON object a line; docs/canary.md shows the fields.',
    at: { file, line: number },
  })
}
