import type { Ledger } from '../../ledger/index.ts'
import { regionOf, releaseOf } from '../../ledger/index.ts'
import { ok, type RegionFacts, type Result } from '../../release/index.ts'
import type { CheckFact } from '../check-facts.ts'
import { decide } from '../decide.ts'
import type { Decision } from '../decision.ts'
import type { RegionView, TrainFacts } from '../facts.ts'
import { decideOutcome, type Outcome } from '../outcome.ts'
import { type Committed, commitDecision, pinsAt, type TickContext } from './context.ts'
import { fleetOf } from './fleet.ts'

export type FactsByRegion = ReadonlyMap<string, RegionFacts>

/** What other jobs have recorded: regions, and the checks of the checklist. */
export interface Recorded {
  readonly regions: FactsByRegion
  readonly checks?: readonly CheckFact[]
}

/** Decides, commits, and hands out at most one step. */
export async function next(context: TickContext, facts: Recorded): Promise<Result<Committed<Decision>>> {
  return commitDecision(context, async (ledger, now) => {
    const joined = await join(context, ledger, facts)
    const decision = decide(ledger.state, joined, context.config, now)
    const proven = await provenImage(context, ledger, decision)
    return proven.ok ? ok(decision) : proven
  })
}

/** A pin forward is written only for an image that proves itself; the way back waits for no registry. */
async function provenImage(
  { imageGate, signal }: TickContext,
  ledger: Ledger,
  { step, events }: Decision,
): Promise<Result<void>> {
  if (imageGate === undefined || step.kind !== 'pin') return ok(undefined)
  for (const event of events) {
    const release = event.type === 'pinned' ? releaseOf(ledger.state, event.release) : undefined
    if (release === undefined) continue
    const { digest, sourceSha: commit } = release
    const proven = await imageGate({ digest, commit, environment: step.region }, signal)
    if (!proven.ok) return proven
  }
  return ok(undefined)
}

/** The same without writing: for `status`. */
export async function preview(context: TickContext, ledger: Ledger, facts: Recorded): Promise<Decision> {
  return decide(ledger.state, await join(context, ledger, facts), context.config, context.clock.now())
}

/** The outcome of a step that another action ran. Recording it twice changes nothing the second time. */
export async function record(context: TickContext, outcome: Outcome): Promise<Result<Committed<Decision>>> {
  return commitDecision(context, async (ledger) => {
    const before = recorded(ledger, outcome.transition)
    if (before !== undefined) return ok(before)
    const joined = await join(context, ledger, { regions: new Map() })
    return decideOutcome(ledger.state, joined, context.config, outcome)
  })
}

function recorded(ledger: Ledger, transition: string): Decision | undefined {
  const event = ledger.events.findLast(
    (e) =>
      e.transition === transition &&
      ['migration-done', 'migration-failed', 'canary-passed', 'canary-failed'].includes(e.type),
  )
  if (event === undefined) return undefined
  const failed = event.type.endsWith('failed')
  return {
    verdict: failed ? 'fail' : 'pass',
    reason: failed ? 'halted' : 'nothing-to-do',
    why: `${event.type} stands in the ledger as ${event.id} since ${event.at}`,
    step: { kind: 'none' },
    events: [],
    pins: [],
    gates: [],
  }
}

/** Facts of the regions, the pins at the head, and whether what Argo CD carries is our commit or a later one. */
export async function join(context: TickContext, ledger: Ledger, facts: Recorded): Promise<TrainFacts> {
  const { config, repo, signal } = context
  const regions = new Map<string, RegionView>()
  for (const environment of Object.values(config.environments)) {
    const { name } = environment
    const known = facts.regions.get(name)
    const pins = pinsAt(ledger, environment)
    const base = regionOf(ledger.state, name)?.base
    const revision = known?.application?.revision
    let carriesPin: boolean | undefined
    if (base !== undefined && revision !== undefined) {
      // The pin is the child of `base`: what descends from it, and was the tip once, carries the pin.
      const below = await repo.isAncestor(base, revision, signal)
      carriesPin = below.ok ? below.value && revision !== base : undefined
    }
    regions.set(name, {
      ...(known !== undefined && { facts: known }),
      ...(pins !== undefined && { pins }),
      ...(carriesPin !== undefined && { carriesPin }),
    })
  }
  const fleet = fleetOf(ledger, config.train.notBeside ?? [])
  return { head: ledger.snapshot.head, regions, checks: facts.checks ?? [], fleet }
}
