import type { Config } from '../config/index.ts'
import {
  type LedgerState,
  type RegionState,
  type ReleaseState,
  regionOf,
  releaseOf,
  type TrainState,
} from '../ledger/index.ts'
import type { ReasonCode } from '../release/index.ts'
import { decideBackward } from './backward.ts'
import { type Decision, noStep } from './decision.ts'
import { driftOf } from './drift.ts'
import type { TrainFacts } from './facts.ts'
import { goOn } from './in-flight.ts'
import { overdue } from './overdue.ts'
import { preempt } from './preempt.ts'
import { startNext } from './start.ts'
import { alarmToAsk } from './watch.ts'

/** All that a rule of the table may look at. */
export interface Situation {
  readonly state: LedgerState
  readonly train: TrainState
  readonly release: ReleaseState
  readonly facts: TrainFacts
  readonly config: Config
  readonly now: Date
}

/*
 * The table of transitions (staged-release reference §4.6), and where each stands:
 *
 * | T1  | staged -> proposed, queue of depth one | people.ts propose       | T8  | alarm, drift, a person -> halt | backward.ts, decide.ts   |
 * | T2  | approved by others, for this plan      | people.ts approve       | T9  | halt -> going back             | backward.ts, watch.ts    |
 * | T3  | the first region starts                | start.ts                | T10 | serves the target again        | backward.ts              |
 * | T4  | pinned -> canary, or overdue           | in-flight.ts overdue.ts | T11 | the halt is cleared            | people.ts resume         |
 * | T5  | canary -> followers -> bake            | outcome.ts in-flight.ts | T12 | a hotfix takes the train       | preempt.ts, start.ts     |
 * | T6  | bake -> verified                       | in-flight.ts            | T13 | hold, skip, resume             | people.ts, order.ts      |
 * | T7  | the next region starts                 | start.ts order.ts       | T14 | another region takes traffic   | failover.ts              |
 */

/**
 * The next transition of a service. Pure: the same ledger, facts, policy and time give the same answer, and an
 * answer that was committed is not given again. Back comes before forward; forward is one transition at most.
 */
export function decide(state: LedgerState, facts: TrainFacts, config: Config, at: Date): Decision {
  // A clock that went back must not shorten a bake or a spacing (nor make a fact look fresh).
  const now = state.lastAt !== undefined && at < new Date(state.lastAt) ? new Date(state.lastAt) : at
  const back = decideBackward(state, facts, config, now)
  if (back !== undefined) return back
  for (const region of config.train.order) {
    const drift = driftOf(state, facts, region)
    if (drift !== undefined) return idle('fail', 'pin-drift', drift)
  }
  if (state.halt !== undefined) {
    return idle('fail', 'halted', `halted by ${state.halt.by} at ${state.halt.at}: ${state.halt.why}`)
  }
  const ahead = preempt(state, config, now)
  if (ahead !== undefined) return ahead
  const { train } = state
  const release = train === undefined ? undefined : releaseOf(state, train.release)
  if (train === undefined || release === undefined) {
    const ask = alarmToAsk(state, facts, config, now)
    return ask === undefined
      ? idle('pass', 'train-none', 'no release is proposed')
      : idle('fail', 'alarm-asks', ask)
  }
  const situation: Situation = { state, train, release, facts, config, now }
  const changed = changedOrder(situation)
  if (changed !== undefined) return idle('fail', 'order-changed', changed)
  const current = inFlight(situation)
  if (current === undefined) return startNext(situation)
  const decision = goOn(situation, current)
  return overdue(situation, current, decision) ?? decision
}

/** The one region that the release is on its way in. */
function inFlight({ state, config }: Situation): RegionState | undefined {
  for (const name of config.train.order) {
    const region = regionOf(state, name)
    if (region !== undefined && region.phase !== 'steady') return region
  }
  return undefined
}

/** Until the train has begun, another order needs another approval; after that, also what is done must fit. */
function changedOrder({ train, config }: Situation): string | undefined {
  const same =
    train.order.length === config.train.order.length &&
    train.order.every((r, i) => r === config.train.order[i])
  if (same) return undefined
  return `the plan says ${train.order.join(', ')}, tuesday.yaml says ${config.train.order.join(', ')}; propose the release again`
}

export function idle(verdict: Decision['verdict'], reason: ReasonCode, why: string): Decision {
  return { verdict, reason, why, step: noStep, events: [], pins: [], gates: [] }
}
