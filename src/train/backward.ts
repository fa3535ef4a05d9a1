import type { Config } from '../config/index.ts'
import {
  type LedgerState,
  type NewEvent,
  type Pins,
  type ReleaseState,
  regionOf,
  releaseOf,
  type VerifiedRelease,
  vetoOf,
} from '../ledger/index.ts'
import type { ReasonCode } from '../release/index.ts'
import type { Decision, PinChange } from './decision.ts'
import { noStep } from './decision.ts'
import { driftOf } from './drift.ts'
import { freshFacts, type TrainFacts } from './facts.ts'
import { alarmsOn, carried } from './gates.ts'
import {
  condemn,
  haltEvents,
  type RollbackItem,
  rollbackPlan,
  rolledBackEvent,
  startRollbackEvent,
  unfinished,
} from './rollback.ts'
import { serving } from './serving.ts'
import { watched } from './watch.ts'

/**
 * Moves that go back: never asked for a window, an approval or a hold, and before anything else.
 * Undefined when nothing has to go back.
 */
export function decideBackward(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): Decision | undefined {
  const alarm = alarmOnWayBack(state, facts, config, now) ?? alarmOnTrain(state, facts, config, now)
  if (alarm !== undefined) return alarm
  return goOnBack(state, facts, config, now)
}

/**
 * A release that goes back for another reason (its pin was stuck) and is now seen to alarm where it is still live
 * is bad all the same: it is vetoed, and does not come again by being proposed again.
 */
function alarmOnWayBack(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): Decision | undefined {
  const release = state.halt?.release === undefined ? undefined : releaseOf(state, state.halt.release)
  if (release === undefined || unfinished(state).length === 0 || vetoOf(state, release) !== undefined)
    return undefined
  for (const region of config.train.order) {
    const fresh = freshFacts(region, facts.regions.get(region), now, config.train.factAgeMs)
    const [alarm] = 'gate' in fresh ? [] : alarmsOn(fresh.facts, release)
    if (alarm === undefined) continue
    const why = `${region} alarms on ${release.id}, which goes back: ${alarm.name} since ${alarm.since}: ${alarm.why}`
    const events = condemn(state, { ...release, release: release.id }, why)
    return { ...stop('alarm-on-release', why), events }
  }
  return undefined
}

/** T8, T9: an alarm on the live digest of a watched release halts, vetoes, and sends back every region that has it. */
function alarmOnTrain(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): Decision | undefined {
  for (const release of watched(state, config, now)) {
    const found = alarmOnRelease(release, state, facts, config, now)
    if (found !== undefined) return found
  }
  return undefined
}

function alarmOnRelease(
  release: ReleaseState,
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): Decision | undefined {
  for (const region of config.train.order) {
    const fresh = freshFacts(region, facts.regions.get(region), now, config.train.factAgeMs)
    if ('gate' in fresh) continue
    const [alarm] = alarmsOn(fresh.facts, release)
    if (alarm === undefined) continue
    const plan = rollbackPlan(state, config, { regions: 'all', bad: release })
    const why = `${region} alarms on ${release.id}: ${alarm.name} since ${alarm.since}: ${alarm.why}`
    if (!plan.ok && plan.fault.reason === 'schema-below-floor')
      return stop(plan.fault.reason, `${why}; ${plan.fault.cause} ${plan.fault.next}`)
    // No region has it pinned: an old pod of it, or a shared digest. Nothing to send back.
    if (!plan.ok) continue
    const halt = haltEvents(state, plan.value, {
      person: 'tuesday',
      reason: 'alarm-on-release',
      why,
      auto: true,
    })
    return sendBack(state, facts, plan.value.items, halt, 'alarm-on-release', why)
  }
  return undefined
}

/** The first step back, with the events that come before it. Regions that somebody else pinned are left alone. */
export function sendBack(
  state: LedgerState,
  facts: TrainFacts,
  items: readonly RollbackItem[],
  before: readonly NewEvent[],
  reason: ReasonCode,
  why: string,
): Decision {
  const next = items.find((i) => driftOf(state, facts, i.region) === undefined)
  const events = [...before]
  const pins: PinChange[] = []
  if (next !== undefined && !items.some((i) => i.begun)) {
    events.push(startRollbackEvent(state, next, facts.head))
    pins.push({ region: next.region, pins: next.pins })
  }
  return { verdict: 'fail', reason, why, step: noStep, events, pins, gates: [] }
}

/** T10: a region that serves its target again is done; then the one before it in the train goes back. */
function goOnBack(state: LedgerState, facts: TrainFacts, config: Config, now: Date): Decision | undefined {
  if (unfinished(state).length === 0) return undefined
  const plan = rollbackPlan(state, config, { regions: 'all' })
  if (!plan.ok) return stop(plan.fault.reason, plan.fault.cause)
  const { items } = plan.value
  // A region that somebody else pinned is passed over: it must not keep the others on the bad release.
  const current =
    items.find((i) => i.begun) ?? items.find((i) => driftOf(state, facts, i.region) === undefined)
  const drift = driftOf(state, facts, (current ?? items[0])?.region ?? '')
  if (drift !== undefined) return stop('pin-drift', drift)
  if (current === undefined) return undefined
  if (!current.begun) {
    return sendBack(
      state,
      facts,
      items,
      [],
      'rolling-back',
      `${current.region} goes back to ${label(current.to)}`,
    )
  }
  const proof = servesTarget(state, facts, config, now, current.region, current.pins)
  if (proof !== undefined) return stop('rolling-back', `${current.region} is on its way back: ${proof}`)
  const region = regionOf(state, current.region)
  if (region?.target === undefined) return undefined
  const done = rolledBackEvent({ ...region, target: region.target })
  const rest = items.filter((i) => i !== current)
  const why = `${current.region} serves ${label(current.to)} again`
  if (rest.length === 0) {
    return { verdict: 'fail', reason: 'rolled-back', why, step: noStep, events: [done], pins: [], gates: [] }
  }
  return sendBack(state, facts, rest, [done], 'rolling-back', why)
}

function servesTarget(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  now: Date,
  name: string,
  pins: Pins,
): string | undefined {
  const view = facts.regions.get(name)
  const region = regionOf(state, name)
  const fresh = freshFacts(name, view, now, config.train.factAgeMs)
  if ('gate' in fresh) return fresh.gate.why
  if (region === undefined) return 'unknown'
  const workloads = config.workloads.map((w) => w.name)
  const result = serving(fresh.facts, { pins, workloads, carriesPin: carried(region, view) })
  return result.verdict === 'pass' ? undefined : result.why
}

function stop(reason: ReasonCode, why: string): Decision {
  return { verdict: 'fail', reason, why, step: noStep, events: [], pins: [], gates: [] }
}

function label(target: VerifiedRelease): string {
  return target.release ?? 'the adopted baseline'
}
