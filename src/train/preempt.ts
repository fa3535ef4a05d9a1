import type { Config } from '../config/index.ts'
import { type LedgerState, regionOf, releaseOf } from '../ledger/index.ts'
import type { Decision } from './decision.ts'
import { noStep } from './decision.ts'
import { approvalGate } from './gates.ts'

/**
 * T12: an approved hotfix takes the place of a normal train, but never while a region is between its pin and
 * its bake: that region first finishes, or goes back. What the train had not verified stays unverified (S4).
 */
export function preempt(state: LedgerState, config: Config, now: Date): Decision | undefined {
  const { train, queue } = state
  if (train === undefined || queue === undefined) return undefined
  const hotfix = releaseOf(state, queue.release)
  const current = releaseOf(state, train.release)
  if (hotfix?.kind !== 'hotfix' || current === undefined || current.kind === 'hotfix') return undefined
  const approved = approvalGate(queue, hotfix, config, now).verdict
  if (approved !== 'pass') return undefined
  const busy = config.train.order.some((name) => {
    const phase = regionOf(state, name)?.phase ?? 'steady'
    return !['steady', 'migrated', 'baking'].includes(phase)
  })
  if (busy) return undefined
  const why = `${hotfix.id} (${hotfix.incident?.severity} ${hotfix.incident?.id}) takes the place of ${current.id}`
  const outcome = train.started.length > 0 ? 'preempted' : 'superseded'
  const events = [{ type: 'train-ended', release: current.id, outcome, why } as const]
  return { verdict: 'pass', reason: 'train-preempted', why, step: noStep, events, pins: [], gates: [] }
}
