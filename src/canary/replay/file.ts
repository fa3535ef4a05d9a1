import * as z from 'zod'
import { err, ok, type Result } from '../../release/index.ts'
import type { Block, History } from '../judge/types.ts'
import type { PolicyOptions } from '../policy.ts'
import { Misread, nameOf, readBlocks, readHistory } from './blocks-form.ts'
import type { ServiceGuard } from './guard.ts'
import { calibrationForm, policyForm, problemOf } from './policy-form.ts'

/** What else stands on a line (a note, a link to the run) is of no concern; the policy is strict. */
const line = z.looseObject({
  id: z.union([z.string(), z.number()]),
  policy: policyForm.nullish(),
  blockSeconds: z.number().gt(0).nullish(),
  plannedBlocks: z.int().min(1).nullish(),
})

export type Inconclusive = NonNullable<z.output<typeof policyForm>['inconclusive']>

/** One rollout of a replay file. */
export interface ReplayCase {
  readonly id: string | number
  readonly policy: PolicyOptions
  /** What the policy makes of too little evidence once the extension is over; unset, the answer is `inconclusive`. */
  readonly inconclusive?: Inconclusive
  /** Burn rules and budget of the whole service, where the policy asks for them. */
  readonly service?: ServiceGuard
  readonly blockSeconds: number
  readonly plannedBlocks: number
  readonly metrics: readonly string[]
  readonly blocks: readonly Block[]
  readonly history: History
  /** Some counts were fractions and have been rounded. */
  readonly approximate: boolean
}

/** A line that is no rollout still has a place in the answer, under its own id where it can be read. */
export interface Unreadable {
  readonly id: string | number | null
  readonly line: number
}

export function parseReplayLine(text: string, number: number, file: string): Result<ReplayCase> {
  const value = parsed(text)
  if (value instanceof SyntaxError) return invalid(file, number, value.message)
  const read = line.safeParse(value)
  if (!read.success) return invalid(file, number, problemOf(read.error, 'the line'))
  try {
    return ok(toCase(read.data))
  } catch (error) {
    if (error instanceof Misread) return invalid(file, number, error.message)
    throw error
  }
}

/** The id of a line that could not be read as a rollout. */
export function unreadableLine(text: string, number: number): Unreadable {
  const id = z.looseObject({ id: z.union([z.string(), z.number()]) }).safeParse(parsed(text))
  return { id: id.success ? id.data.id : null, line: number }
}

function toCase(data: z.output<typeof line>): ReplayCase {
  const { inconclusive, service, ...policy } = data.policy ?? {}
  const { blocks, approximate } = readBlocks(data.blocks)
  const history = readHistory(data.history)
  const named = new Set(Object.keys(policy.metrics ?? {}).map((name) => nameOf(name, 'policy.metrics')))
  for (const each of blocks) for (const name of Object.keys(each.metrics)) named.add(name)
  if (named.size === 0) for (const name of Object.keys(history)) named.add(name)
  if (named.size === 0) named.add('errors')
  checkPolicy(policy as PolicyOptions, service, named)
  return {
    id: data.id,
    policy: policy as PolicyOptions,
    ...(inconclusive === undefined ? {} : { inconclusive }),
    ...(service === undefined ? {} : { service }),
    blockSeconds: data.blockSeconds ?? 15,
    plannedBlocks: data.plannedBlocks ?? Math.max(1, blocks.length),
    metrics: [...named],
    blocks,
    history,
    approximate,
  }
}

/** What the policy says of a metric that nobody counted would silently be nothing. */
function checkPolicy(
  policy: PolicyOptions,
  service: ServiceGuard | undefined,
  named: ReadonlySet<string>,
): void {
  const about: readonly (readonly [string, readonly string[]])[] = [
    ['minimumRequests', Object.keys(policy.minimumRequests ?? {})],
    ['service.metric', service === undefined ? [] : [service.metric]],
    ['spend.metric', policy.spend === undefined ? [] : [policy.spend.metric]],
  ]
  for (const [where, names] of about) {
    const unknown = names.find((name) => !named.has(name))
    if (unknown === undefined) continue
    throw new Misread(
      `policy.${where} names ${JSON.stringify(unknown)}; the rollout has ${[...named].join(', ')}`,
    )
  }
  if ([...named].every((name) => policy.metrics?.[name]?.weight === 0)) {
    throw new Misread('policy.metrics gives every metric the weight 0, so nothing is compared')
  }
}

/** What `calibrate` has written: `{"calibration": {…}}`, or that object alone. */
export function parseThresholds(
  text: string,
  file: string,
): Result<NonNullable<PolicyOptions['calibration']>> {
  const value = parsed(text)
  if (value instanceof SyntaxError) return invalid(file, 1, value.message, 'thresholds')
  const inner = z.looseObject({ calibration: z.unknown() }).safeParse(value)
  const read = calibrationForm.safeParse(inner.success ? inner.data.calibration : value)
  if (read.success) return ok(read.data as NonNullable<PolicyOptions['calibration']>)
  return invalid(file, 1, problemOf(read.error, 'the file'), 'thresholds')
}

/** A line's own thresholds win. */
export function withThresholds(each: ReplayCase, thresholds: PolicyOptions['calibration']): ReplayCase {
  if (thresholds === undefined) return each
  return { ...each, policy: { calibration: thresholds, ...each.policy } }
}

/** Editors on Windows begin a file with a byte order mark. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError('not JSON')
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
