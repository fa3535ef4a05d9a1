import { z } from 'zod'
import { digestForm as digest, type Pins, commitForm as sha } from '../ledger/index.ts'
import {
  type CommitSha,
  err,
  type Fault,
  type GateResult,
  ok,
  type RegionFacts,
  type Result,
} from '../release/index.ts'
import { type CheckFact, checkFact } from './check-facts.ts'

/** What is known of one region at the moment of a decision. Absent = could not be read = never good. */
export interface RegionView {
  readonly facts?: RegionFacts
  /** The pins file at the head of the branch. */
  readonly pins?: Pins
  /** Whether the revision in `facts.application` is the region's pin commit or a descendant of it. */
  readonly carriesPin?: boolean
}

export interface TrainFacts {
  /** Head of the GitOps branch that the decision will be committed on. */
  readonly head: CommitSha
  readonly regions: ReadonlyMap<string, RegionView>
  /** Recorded facts of the checklist. */
  readonly checks?: readonly CheckFact[]
  /** The other services that this one does not move beside, by name. */
  readonly fleet?: ReadonlyMap<string, FleetView>
}

export type FleetView =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'moving'; readonly region: string }
  | { readonly kind: 'unreadable' }

const text = z.string().max(4000)
const share = z.number().min(0).max(1)

const regionFacts = z.strictObject({
  version: z.literal(1),
  region: z.string().max(63),
  asOf: z.iso.datetime(),
  workloads: z
    .array(
      z.strictObject({
        name: text,
        kind: z.enum(['Rollout', 'Deployment']),
        desired: digest.exactOptional(),
        served: z.array(z.strictObject({ digest, share })),
        dark: share,
        state: z.enum(['healthy', 'progressing', 'paused', 'aborted', 'degraded', 'missing']),
        canaryWeight: z.number().min(0).max(100).exactOptional(),
        why: text,
      }),
    )
    .exactOptional(),
  application: z
    .strictObject({
      revision: sha.exactOptional(),
      synced: z.boolean(),
      operation: z.enum(['none', 'running', 'succeeded', 'failed']),
      fresh: z.boolean(),
      why: text,
    })
    .exactOptional(),
  traffic: z.strictObject({ digest, since: z.iso.datetime(), requests: z.number().min(0) }).exactOptional(),
  alarms: z.array(z.strictObject({ digest, name: text, since: z.iso.datetime(), why: text })).exactOptional(),
  unreadable: z.array(text),
})

export interface RecordedFacts {
  readonly regions: ReadonlyMap<string, RegionFacts>
  readonly checks: readonly CheckFact[]
}

/**
 * Facts come back from other jobs as JSON: one object, or a list of them, regions and checks mixed. The newest of
 * a region counts.
 */
export function parseFacts(json: unknown): Result<RecordedFacts> {
  const list = Array.isArray(json) ? json : [json]
  const isCheck = (one: unknown) => typeof one === 'object' && one !== null && 'check' in one
  const checks = z.array(checkFact).safeParse(list.filter(isCheck))
  if (!checks.success) return err(malformed(checks.error))
  const parsed = z.array(regionFacts).safeParse(list.filter((one) => !isCheck(one)))
  if (!parsed.success) return err(malformed(parsed.error))
  const byRegion = new Map<string, RegionFacts>()
  for (const facts of parsed.data) {
    const other = byRegion.get(facts.region)
    if (other === undefined || Date.parse(other.asOf) < Date.parse(facts.asOf))
      byRegion.set(facts.region, facts)
  }
  return ok({ regions: byRegion, checks: checks.data })
}

function malformed({ issues: [issue] }: z.ZodError): Fault {
  return {
    blame: 'user',
    reason: 'facts-invalid',
    cause: `The facts are not what \`observe\` writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}.`,
    likely: 'They were written by hand, cut off, or come from another version of Tuesday.',
    next: 'Hand over the `result` of `observe` unchanged; docs/train.md has the form of the checks.',
  }
}

/** A minute of difference between the clocks of two runners is normal; facts from further ahead are not. */
const aheadMs = 60_000

/** Facts of a region that are fresh enough to stand on, or why there are none. */
export function freshFacts(
  region: string,
  view: RegionView | undefined,
  now: Date,
  maxAgeMs: number,
): { readonly facts: RegionFacts } | { readonly gate: GateResult } {
  const facts = view?.facts
  if (facts === undefined) {
    return {
      gate: { verdict: 'unknown', reason: 'facts-missing', why: `no facts of ${region} were handed over` },
    }
  }
  const age = now.getTime() - Date.parse(facts.asOf)
  if (age > maxAgeMs || age < -aheadMs) {
    const why = `the facts of ${region} are from ${facts.asOf}, now it is ${now.toISOString()}`
    return { gate: { verdict: 'unknown', reason: 'facts-stale', why } }
  }
  return { facts }
}
