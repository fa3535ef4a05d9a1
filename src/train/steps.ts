import type { NewEvent, Pins, RegionState } from '../ledger/index.ts'
import { transitionId } from '../ledger/index.ts'
import type { Digest, GateResult } from '../release/index.ts'
import type { Situation } from './decide.ts'
import { type Decision, noStep, type Step } from './decision.ts'
import type { Gate } from './gates.ts'

/** Stops at the first gate that is neither passed nor off; its reason is the reason of the whole answer. */
export function blocked(gates: readonly Gate[]): Decision | undefined {
  for (const { region, result } of gates) {
    if (result.verdict === 'pass' || result.verdict === 'off') continue
    const until = result.verdict === 'wait' && result.until !== undefined ? lastOpening(gates) : undefined
    return {
      verdict: result.verdict,
      reason: result.reason,
      why: `${region}: ${result.why}`,
      ...(until && { until }),
      step: noStep,
      events: [],
      pins: [],
      gates,
    }
  }
  return undefined
}

/** Before the last of the gates that wait for a time opens, asking again brings no step. */
function lastOpening(gates: readonly Gate[]): Date | undefined {
  const times = gates.flatMap(({ result }) => (result.verdict === 'wait' ? (result.until ?? []) : []))
  return times.toSorted((a, b) => a.getTime() - b.getTime()).at(-1)
}

export function gate(name: string, region: string, result: GateResult): Gate {
  return { name, region, result }
}

/** A transition that begins now in a region: its id is derived from the ledger, so that `decide` stays pure. */
export function newTransition({ state }: Situation, what: string, region: string): string {
  return transitionId(state, `${what} ${region}`)
}

export function go(
  kind: Exclude<Step['kind'], 'none'>,
  region: string,
  transition: string,
  why: string,
  rest: { events?: readonly NewEvent[]; pins?: Decision['pins']; gates?: readonly Gate[] } = {},
): Decision {
  const step = { kind, region, transition }
  return { verdict: 'pass', reason: 'next-step', why, step, events: [], pins: [], gates: [], ...rest }
}

/** Pins some workloads of a region to the release; the others stay what they are. */
export function pinGroup(
  situation: Situation,
  region: RegionState,
  group: 'lead' | 'followers',
  workloads: readonly string[],
  before: readonly NewEvent[],
  transition: string,
  gates: readonly Gate[],
): Decision {
  const { release, facts } = situation
  const changed: Record<string, Digest> = { ...region.pins?.workloads }
  for (const name of workloads) changed[name] = release.digest
  const pins: Pins = { configSha: release.configSha, workloads: changed }
  const events: NewEvent[] = [
    ...before,
    { type: 'pinned', transition, region: region.name, release: release.id, group, pins, base: facts.head },
  ]
  const why = `${workloads.join(', ')} of ${region.name} pinned to ${release.id}`
  return go('pin', region.name, transition, why, { events, pins: [{ region: region.name, pins }], gates })
}
