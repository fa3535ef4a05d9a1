import type { Config } from '../config/index.ts'
import { environment } from '../config/index.ts'
import { readPins } from '../gitops/index.ts'
import {
  type Artifact,
  type Ledger,
  type LedgerState,
  type NewEvent,
  regionOf,
  vetoOf,
} from '../ledger/index.ts'
import { type Digest, err, type Fault, ok, type ReasonCode, type Result } from '../release/index.ts'
import {
  haltEvents,
  type PinChange,
  pinDifference,
  type RollbackItem,
  type RollbackPlan,
  rollbackPlan,
  rolledBackEvent,
  startRollbackEvent,
} from '../train/index.ts'
import { whyNot } from './target.ts'

export interface RollbackRequest {
  /** Regions to bring back; `all` that run the release. */
  readonly regions: 'all' | readonly string[]
  /** The bad digest; without it the newest release that a region runs. */
  readonly digest?: Digest
  /** Release id to go to instead of the newest verified one of each region. */
  readonly to?: string
  readonly person: string
  readonly reason: ReasonCode
  readonly why: string
  /** All regions in one commit and at the same time, instead of one after the other. */
  readonly fast: boolean
  /** Digests that the registry does not hold any more: gone to only where there is no other. */
  readonly absent?: ReadonlySet<Digest>
}

/** One look at the ledger: what goes back, and what stands in the way. */
export interface Planned {
  readonly plan: RollbackPlan
  /** Regions whose pins somebody changed past the ledger: they are left alone. */
  readonly drift: ReadonlyMap<string, string>
}

/** Nothing to do is an answer and not a fault: running twice does nothing the second time. */
export function planOf(
  ledger: Ledger,
  config: Config,
  request: RollbackRequest,
): Result<Planned | undefined> {
  const { state } = ledger
  const unfinished =
    state.halt?.regions.length || Object.values(state.regions).some((each) => each.phase === 'rolling-back')
  const bad = request.digest === undefined ? undefined : artifactOf(state, request.digest)
  if (!unfinished && alreadyBack(ledger, request.digest, bad)) return ok(undefined)
  if (request.digest !== undefined && bad === undefined && !unfinished)
    return err(unknownDigest(request.digest))
  const plan = rollbackPlan(state, config, {
    regions: request.regions,
    ...(request.to === undefined ? {} : { to: request.to }),
    ...(bad === undefined ? {} : { bad }),
    ...(request.absent === undefined ? {} : { absent: request.absent }),
  })
  if (!plan.ok) {
    const refused = request.to === undefined ? undefined : whyNot(ledger, request.to, plan.fault)
    if (refused !== undefined) return err(refused)
    const vetoed = bad !== undefined && vetoOf(state, bad) !== undefined
    return vetoed && plan.fault.reason === 'nothing-to-roll-back' ? ok(undefined) : plan
  }
  const drift = new Map<string, string>()
  for (const { region } of plan.value.items) {
    const difference = driftOf(ledger, config, region)
    if (difference !== undefined) drift.set(region, difference)
  }
  return ok({ plan: plan.value, drift })
}

/**
 * Without a digest "the newest release" would be the good one after a rollback: when the present halt was followed
 * by a way back and nothing is left of it, a second run must not take the next release as well.
 */
function alreadyBack(
  { state, events }: Ledger,
  digest: Digest | undefined,
  bad: Artifact | undefined,
): boolean {
  if (digest !== undefined) return bad === undefined && state.vetoed.some((each) => each.digest === digest)
  const halted = events.findLastIndex((each) => each.type === 'halted')
  return state.halt !== undefined && events.slice(halted).some((each) => each.type === 'rolled-back')
}

/** The artifact with this digest that a region runs; the newest when it was shipped with several configurations. */
function artifactOf(state: LedgerState, digest: Digest): Artifact | undefined {
  const releases = Object.values(state.releases).filter((each) => each.digest === digest)
  const running = releases.findLast((release) =>
    Object.values(state.regions).some((region) => region.pins?.configSha === release.configSha),
  )
  return running ?? releases.at(-1)
}

function driftOf(ledger: Ledger, config: Config, region: string): string | undefined {
  const wanted = regionOf(ledger.state, region)?.pins
  const found = environment(config, region)
  if (wanted === undefined || !found.ok) return undefined
  const file = found.value.gitops.pins
  const text = ledger.snapshot.files.get(file)
  const read = text === undefined ? undefined : readPins(text, file)
  if (read === undefined || !read.ok) return pinDifference(region, wanted, undefined)
  const { configSha, digests } = read.value
  return pinDifference(region, wanted, { configSha, workloads: Object.fromEntries(digests) })
}

export interface Begin {
  readonly events: readonly NewEvent[]
  readonly pins: readonly PinChange[]
  /** Regions to act on now: begun by this commit or before. */
  readonly items: readonly RollbackItem[]
  readonly drift: ReadonlyMap<string, string>
}

/** The halt, the veto, and the first step back: the next region in reverse order, or all of them when `fast`. */
export function begin(
  ledger: Ledger,
  config: Config,
  request: RollbackRequest,
  failed: ReadonlySet<string>,
): Result<Begin | undefined> {
  const planned = planOf(ledger, config, request)
  if (!planned.ok) return planned
  if (planned.value === undefined) return ok(undefined)
  const { plan, drift } = planned.value
  const { person, reason, why } = request
  const open = plan.items.filter((item) => !drift.has(item.region) && !failed.has(item.region))
  const begun = open.filter((item) => item.begun)
  const fresh = open.filter((item) => !item.begun)
  const starting = request.fast ? fresh : begun.length > 0 ? [] : fresh.slice(0, 1)
  const events: NewEvent[] = [...haltEvents(ledger.state, plan, { person, reason, why, auto: false })]
  const pins: PinChange[] = []
  for (const item of starting) {
    events.push(startRollbackEvent(ledger.state, item, ledger.snapshot.head))
    pins.push({ region: item.region, pins: item.pins })
  }
  return ok({ events, pins, items: [...begun, ...starting], drift })
}

/** Written after the read-back; nothing when a predecessor has written it. */
export function finish(
  ledger: Ledger,
  region: string,
): { events: readonly NewEvent[]; pins: readonly PinChange[] } {
  const state = regionOf(ledger.state, region)
  if (state?.phase !== 'rolling-back' || state.target === undefined) return { events: [], pins: [] }
  return { events: [rolledBackEvent({ ...state, target: state.target })], pins: [] }
}

function unknownDigest(digest: Digest): Fault {
  return {
    blame: 'user',
    reason: 'nothing-to-roll-back',
    cause: `The ledger knows no release with the digest ${digest}.`,
    likely: 'The digest belongs to another service, or it was never staged.',
    next: 'Look at `region-rollout` with mode `status` for the releases and what runs where.',
  }
}
