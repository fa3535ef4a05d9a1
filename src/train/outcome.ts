import type { Config } from '../config/index.ts'
import { type LedgerState, type NewEvent, type RegionState, releaseOf } from '../ledger/index.ts'
import { err, ok, type ReasonCode, type Result } from '../release/index.ts'
import { sendBack } from './backward.ts'
import { idle } from './decide.ts'
import type { Decision } from './decision.ts'
import type { TrainFacts } from './facts.ts'
import { haltEvents, rollbackPlan } from './rollback.ts'
import { recordedLevel } from './schema.ts'

/** What an action answered for a step; `wait` and `unknown` decide nothing and are not written. */
export interface Outcome {
  readonly transition: string
  readonly verdict: 'pass' | 'wait' | 'fail' | 'unknown'
  readonly reason: string
  readonly why: string
  /** Of a migration: the last one that stands whole in the region's journal. */
  readonly level?: number
}

/**
 * Answers of the canary gate that speak against the release. Other failures (a metric that is misspelt, a right
 * that is missing) are nobody's evidence: the rollout stays where it is, and the step is handed out again.
 */
const evidence: readonly ReasonCode[] = [
  'canary-worse',
  'canary-failing',
  'canary-budget',
  'canary-over-limit',
  'canary-restarts',
  'canary-not-ready',
  // Aborted before, with the evidence in the log of that run: Git still wants what the cluster has given up.
  'canary-aborted',
  'canary-degraded',
  'canary-invalid-spec',
]

/**
 * The outcome of a migration or a canary, as the transition it leads to. A canary that failed sends back every
 * region that runs the release, in the same commit; the abort of the rollout has happened before.
 */
export function decideOutcome(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  outcome: Outcome,
): Result<Decision> {
  const region = Object.values(state.regions).find((r) => r.transition === outcome.transition)
  const step = region?.phase === 'migrating' ? 'migrate' : region?.phase === 'pinned' ? 'canary' : undefined
  if (
    region?.release === undefined ||
    step === undefined ||
    !config.train.order.some((r) => r === region.name)
  ) {
    return err({
      blame: 'user',
      reason: 'transition-unknown',
      cause: `No step waits for the outcome of ${outcome.transition}.`,
      likely: 'It was recorded before, or the region went on or back since.',
      next: 'Run `next` again: it says what the region waits for.',
    })
  }
  if (outcome.verdict !== 'pass' && outcome.verdict !== 'fail') {
    return ok(
      idle(
        'wait',
        'outcome-missing',
        `${step} in ${region.name} answered ${outcome.verdict}: ${outcome.why}`,
      ),
    )
  }
  if (step === 'canary' && outcome.verdict === 'fail' && !evidence.some((code) => code === outcome.reason)) {
    const why = `the canary of ${region.name} stopped without a judgement (${outcome.reason}): ${outcome.why}`
    return ok(idle('fail', 'outcome-no-evidence', why))
  }
  const known = { region, release: region.release }
  if (step === 'migrate' && outcome.verdict === 'pass') {
    const checked = recordedLevel(state, region.release, outcome.level)
    if (!checked.ok) return checked
    const { short } = checked.value
    if (short !== undefined)
      return ok(
        failedMigration(known, { ...outcome, verdict: 'fail', reason: 'schema-not-recorded', why: short }),
      )
  }
  const events = step === 'migrate' ? migrated(known, outcome) : canaried(known, outcome)
  if (outcome.verdict === 'pass')
    return ok({ ...idle('pass', 'recorded', `${step} passed in ${region.name}`), events })
  if (step === 'migrate') return ok(failedMigration(known, outcome))
  return failedCanary(state, facts, config, known, events, outcome)
}

/** Nothing was pinned; a person looks before anything moves again. */
function failedMigration(known: Known, outcome: Outcome): Decision {
  const why = `the migrations of ${known.region.name} failed: ${outcome.why}`
  return {
    ...idle('fail', 'halted', why),
    events: [...migrated(known, outcome), stopped(known, outcome, why)],
  }
}

function stopped({ release }: Known, { reason }: Outcome, why: string): NewEvent {
  return { type: 'halted', reason, why, person: 'tuesday', auto: true, release, regions: [] }
}

interface Known {
  readonly region: RegionState
  readonly release: string
}

function migrated({ region, release }: Known, outcome: Outcome): NewEvent[] {
  const { transition, reason, why } = outcome
  const at = { transition, region: region.name, release }
  const level = outcome.level === undefined ? {} : { level: outcome.level }
  if (outcome.verdict === 'pass') return [{ type: 'migration-done', ...at, why, ...level }]
  return [{ type: 'migration-failed', ...at, reason, why }]
}

function canaried({ region, release }: Known, outcome: Outcome): NewEvent[] {
  const { transition, reason, why } = outcome
  const at = { transition, region: region.name, release }
  if (outcome.verdict === 'pass') return [{ type: 'canary-passed', ...at, why }]
  return [{ type: 'canary-failed', ...at, reason, why }]
}

function failedCanary(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  { region, release }: Known,
  events: readonly NewEvent[],
  outcome: Outcome,
): Result<Decision> {
  const bad = releaseOf(state, release)
  const plan = rollbackPlan(state, config, { regions: 'all', ...(bad && { bad }) })
  // The evidence is kept, and nothing moves, also where there is no way back.
  if (!plan.ok && plan.fault.reason === 'schema-below-floor') {
    const why = `the canary of ${region.name} failed (${outcome.reason}): ${outcome.why}; ${plan.fault.cause}`
    const known = { region, release }
    return ok({
      ...idle('fail', 'schema-below-floor', why),
      events: [...events, stopped(known, outcome, why)],
    })
  }
  if (!plan.ok) return plan
  const why = `the canary of ${region.name} failed (${outcome.reason}): ${outcome.why}`
  const halt = haltEvents(state, plan.value, { person: 'tuesday', reason: 'rolling-back', why, auto: true })
  return ok(sendBack(state, facts, plan.value.items, [...events, ...halt], 'rolling-back', why))
}
