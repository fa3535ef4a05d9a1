import { type LedgerState, type NewEvent, type RegionState, regionOf, releaseOf } from '../../ledger/index.ts'
import type { RegionFacts } from '../../release/index.ts'
import { decideBackward } from '../backward.ts'
import { decide, idle } from '../decide.ts'
import type { RegionView, TrainFacts } from '../facts.ts'
import { alarmsOn } from '../gates.ts'

import type { Bounds } from './model.ts'
import type { Rules } from './moves.ts'
import { factsOf, regionsRunning, type World } from './world.ts'

/** Each changes one rule of the table of transitions; a model that passes them all would prove nothing. */
export interface Mutant {
  readonly name: string
  /** What has to break. */
  readonly breaks: string
  readonly change: Partial<Rules>
  /** Where two regions and two releases do not show it. */
  readonly bounds?: Partial<Bounds>
  readonly regions?: readonly string[]
}

type Decide = Rules['decide']

export const mutants: readonly Mutant[] = [
  {
    name: 'a halt is not looked at',
    breaks: 'I3',
    change: { decide: (state, ...rest) => decide(without(state, 'halt'), ...rest) },
  },
  {
    name: 'days are not counted',
    breaks: 'I6',
    change: { decide: (state, ...rest) => decide({ ...state, starts: [] }, ...rest) },
  },
  {
    name: 'health is not tied to the live digest',
    breaks: 'I8',
    change: { facts: (world, config, age) => factsOf(healthyAsPinned(world), config, age) },
  },
  {
    name: 'a veto is forgotten',
    breaks: 'I11',
    change: { writes: (event) => (event.type === 'vetoed' ? undefined : event) },
  },
  {
    name: 'a rollback goes to the pin before',
    breaks: 'I12',
    change: { sees: (world) => mapRegions(world.state, (region) => lastPinned(world, region)) },
    // A train that a hotfix ends leaves an unverified pin.
    bounds: { hotfix: true },
  },
  {
    name: 'what was taken back counts as verified still',
    breaks: 'I9',
    regions: ['us', 'eu', 'ap'],
    // Lines of the older schema were folded so.
    change: {
      writes: (event) => (event.type === 'rollback-started' ? ({ ...event, schema: 1 } as NewEvent) : event),
    },
  },
  {
    name: 'the pinned digest is blamed, live or not',
    breaks: 'I13',
    change: { facts: (world, config, age) => onViews(factsOf(world, config, age), blamePinned) },
  },
  {
    name: 'an alarm on any release takes it back',
    breaks: 'I9',
    change: { decide: anyAlarm },
  },
  {
    name: 'an alarm on what goes back is not looked at',
    breaks: 'I11',
    change: { decide: (state, ...rest) => decide(withoutBlame(state), ...rest) },
  },
  {
    name: 'alarms are watched in the rolling region only',
    breaks: 'I25',
    change: {
      facts: (world, config, age) =>
        onViews(factsOf(world, config, age), (view, name) =>
          regionOf(world.state, name)?.phase === 'steady' ? quiet(view) : view,
        ),
    },
  },
  {
    name: 'the newest release takes the place of a train that has begun',
    breaks: 'I9',
    change: { decide: newestWins },
  },
  {
    name: 'a decision is committed on a ledger that went on',
    breaks: 'I3',
    change: { compareAndSwap: false },
  },
  {
    name: 'old facts count as new',
    breaks: 'I18',
    change: { facts: (world, config) => factsOf(world, config, 0) },
  },
  {
    name: 'a region goes back in the order it went forward',
    breaks: 'I4',
    change: { decide: forwardOrder },
  },
  {
    name: 'a region is pinned before the one before it is verified',
    breaks: 'I2',
    change: { decide: (state, ...rest) => decide(mapRegions(state, bakedIsVerified), ...rest) },
  },
  {
    name: 'a hold is not looked at',
    breaks: 'T13',
    change: {
      decide: (state, ...rest) =>
        decide(
          mapRegions(state, (r) => without(r, 'hold')),
          ...rest,
        ),
    },
    bounds: { people: ['hold'] },
  },
  {
    name: 'a region that is out is not passed by',
    breaks: 'T13',
    change: {
      decide: (state, ...rest) =>
        decide(
          mapRegions(state, (r) => without(r, 'excluded')),
          ...rest,
        ),
    },
    bounds: { people: ['exclude'] },
  },
  {
    name: 'a hotfix does not wait for the canary of the train',
    breaks: 'T12',
    change: { decide: impatient },
    bounds: { hotfix: true },
  },
  {
    name: 'approvals are not asked for',
    breaks: 'I20',
    change: {
      decide: (state, facts, config, at) =>
        decide(state, facts, { ...config, approvals: { ...config.approvals, required: 0 } }, at),
    },
    bounds: { people: ['revoke'] },
  },
]

function without<T extends object, K extends keyof T>(value: T, key: K): T {
  const { [key]: _, ...rest } = value
  return rest as T
}

function mapRegions(state: LedgerState, change: (region: RegionState) => RegionState): LedgerState {
  const regions = Object.entries(state.regions).map(([name, region]) => [name, change(region)])
  return { ...state, regions: Object.fromEntries(regions) }
}

function onViews(facts: TrainFacts, change: (view: RegionView, name: string) => RegionView): TrainFacts {
  return { ...facts, regions: new Map([...facts.regions].map(([name, view]) => [name, change(view, name)])) }
}

function quiet(view: RegionView): RegionView {
  return view.facts === undefined ? view : { ...view, facts: { ...view.facts, alarms: [] } }
}

function healthyAsPinned(world: World): World {
  const clusters = Object.entries(world.clusters).map(([name, cluster]) => {
    const pins = regionOf(world.state, name)?.pins ?? cluster.carried
    return [name, { carried: pins, served: pins.workloads }]
  })
  return { ...world, clusters: Object.fromEntries(clusters) }
}

function lastPinned(world: World, region: RegionState): RegionState {
  const pins = world.before?.[region.name]
  const digest = Object.values(pins?.workloads ?? {})[0]
  if (pins === undefined || digest === undefined) return region
  const release = Object.values(world.state.releases).find((r) => r.digest === digest)?.id
  const { configSha } = pins
  return { ...region, verified: [{ digest, configSha, at: region.since, ...(release && { release }) }] }
}

/** An alarm without a digest of its own is put on whatever the region is told to run. */
function blamePinned(view: RegionView): RegionView {
  const { facts, pins } = view
  const digest = pins?.workloads.api
  if (facts === undefined || digest === undefined || (facts.alarms ?? []).length === 0) return view
  const workloads: RegionFacts['workloads'] = facts.workloads?.map((w) => ({
    ...w,
    served: [...w.served, { digest, share: 0.5 }],
  }))
  const alarms = facts.alarms?.map((alarm) => ({ ...alarm, digest }))
  return { ...view, facts: { ...facts, ...(workloads && { workloads }), ...(alarms && { alarms }) } }
}

function anyAlarm(...[state, facts, config, at]: Parameters<Decide>): ReturnType<Decide> {
  if (state.halt !== undefined) return decide(state, facts, config, at)
  for (const view of facts.regions.values()) {
    const known = view.facts
    const release = Object.values(state.releases).find((r) => known && alarmsOn(known, r).length > 0)
    if (release === undefined || regionsRunning(state, config, release.id).length === 0) continue
    const train = { ...emptyTrain, release: release.id, order: [...config.train.order] }
    const back = decideBackward({ ...state, train }, facts, config, at)
    if (back === undefined || release.id === state.train?.release) continue
    return { ...back, events: back.events.filter((e) => e.type !== 'train-ended') }
  }
  return decide(state, facts, config, at)
}

const emptyTrain = { planHash: '', proposedAt: '', proposedBy: '', approvals: [], started: ['us'] }

function withoutBlame(state: LedgerState): LedgerState {
  return state.halt === undefined ? state : { ...state, halt: without(state.halt, 'release') }
}

function newestWins(...[state, ...rest]: Parameters<Decide>): ReturnType<Decide> {
  const { train, queue, halt } = state
  const steady = Object.values(state.regions).every((r) => r.phase === 'steady')
  if (train === undefined || queue === undefined || halt !== undefined || !steady)
    return decide(state, ...rest)
  const event = { type: 'train-ended', release: train.release, outcome: 'superseded' } as const
  return { ...idle('pass', 'train-preempted', 'newest wins'), events: [event] }
}

function forwardOrder(...[state, ...rest]: Parameters<Decide>): ReturnType<Decide> {
  const { halt } = state
  const turned =
    halt === undefined ? state : { ...state, halt: { ...halt, regions: halt.regions.toReversed() } }
  const decision = decide(turned, ...rest)
  return decision.reason === 'alarm-on-release'
    ? { ...decision, events: decision.events.filter((e) => e.type !== 'rollback-started'), pins: [] }
    : decision
}

function bakedIsVerified(region: RegionState): RegionState {
  const digest = Object.values(region.pins?.workloads ?? {})[0]
  if (region.phase !== 'baking' || region.pins === undefined || digest === undefined) return region
  const { configSha } = region.pins
  const verified = { release: region.release ?? '', digest, configSha, at: region.since }
  return { ...region, phase: 'steady', verified: [...region.verified, verified] }
}

function impatient(...[state, ...rest]: Parameters<Decide>): ReturnType<Decide> {
  const { train, queue, halt } = state
  const hotfix = queue !== undefined && releaseOf(state, queue.release)?.kind === 'hotfix'
  if (train === undefined || !hotfix || halt !== undefined) return decide(state, ...rest)
  const event = { type: 'train-ended', release: train.release, outcome: 'preempted' } as const
  return { ...idle('pass', 'train-preempted', 'now'), events: [event] }
}
