import type { Config } from '../config/index.ts'
import {
  type Artifact,
  type LedgerState,
  type NewEvent,
  type Pins,
  type RegionState,
  type ReleaseState,
  regionOf,
  releaseOf,
  sameArtifact,
  type VerifiedRelease,
  vetoOf,
} from '../ledger/index.ts'
import {
  type CommitSha,
  err,
  type Fault,
  nearest,
  ok,
  type ReasonCode,
  type Result,
  shortDigest,
} from '../release/index.ts'
import { runs } from './gates.ts'
import { belowFloor } from './schema.ts'

export interface RollbackScope {
  readonly regions: 'all' | readonly string[]
  /** Go to this release instead of the newest verified one of each region. */
  readonly to?: string
  /** What is bad; by default the newest release that any of the regions runs. */
  readonly bad?: Artifact
  /** Digests to go to only where a region has no other: the registry does not hold them any more. */
  readonly absent?: ReadonlySet<string>
}

export interface RollbackItem {
  readonly region: string
  readonly from: Pins
  readonly to: VerifiedRelease
  /** What the pins file has to say: every workload of the service on the target. */
  readonly pins: Pins
  /** The release was still on its way here: abort the rollout before pinning back. */
  readonly inFlight: boolean
  /** The way back was written to the ledger before, by this run's predecessor or by the train. */
  readonly begun: boolean
}

export interface RollbackPlan {
  /** Absent when a way back that was begun is only being finished. */
  readonly bad?: Artifact & { readonly release?: string }
  /** Reverse order of the train: the region that got the release last goes back first. */
  readonly items: readonly RollbackItem[]
}

/** Who goes where. Pure; a way back that has begun is gone on with, whatever the scope says. */
export function rollbackPlan(state: LedgerState, config: Config, scope: RollbackScope): Result<RollbackPlan> {
  const begun = unfinished(state)
  if (begun.length > 0) return items(state, config, begun, undefined, undefined)
  for (const region of scope.regions === 'all' ? [] : scope.regions) {
    if (!config.train.order.some((r) => r === region)) return err(unknownRegion(region, config))
  }
  const asked = config.train.order.filter((r) => scope.regions === 'all' || scope.regions.includes(r))
  const bad = scope.bad ?? newestOf(state, asked)
  if (bad === undefined) return err(nothing('no region runs a release of the ledger'))
  // A region where the release is still on its way cannot be left there: its train ends with this.
  const affected = config.train.order
    .filter((r) => runs(state, r, bad))
    .filter((r) => asked.includes(r) || regionOf(state, r)?.phase !== 'steady')
    .toReversed()
  if (affected.length === 0) return err(nothing(`no region runs ${shortDigest(bad.digest)}`))
  const plan = items(preferPresent(state, scope, bad), config, affected, bad, scope.to)
  return plan.ok ? ok({ ...plan.value, bad: { ...bad, ...named(state, bad) } }) : plan
}

/** What cannot be pulled is no target while the region has another; the only one may stand on its nodes yet. */
function preferPresent(
  state: LedgerState,
  { absent, to }: RollbackScope,
  bad: Artifact | undefined,
): LedgerState {
  if (absent === undefined || absent.size === 0 || to !== undefined) return state
  const regions = Object.values(state.regions).map((region): readonly [string, RegionState] => {
    const present = { ...region, verified: region.verified.filter((v) => !absent.has(v.digest)) }
    return [region.name, targetOf(state, present, bad) === undefined ? region : present]
  })
  return { ...state, regions: Object.fromEntries(regions) }
}

/** Regions that the ledger says have to go back, in order: first those under way, then those that wait. */
export function unfinished(state: LedgerState): readonly string[] {
  const going = Object.values(state.regions).filter((r) => r.phase === 'rolling-back')
  return [...new Set([...going.map((r) => r.name), ...(state.halt?.regions ?? [])])]
}

function newestOf(state: LedgerState, regions: readonly string[]): Artifact | undefined {
  const known = Object.values(state.releases).filter((release) =>
    regions.some((r) => runs(state, r, release)),
  )
  return known.toSorted((a, b) => releaseNumber(a.id) - releaseNumber(b.id)).at(-1)
}

export function releaseNumber(id: string): number {
  return Number(id.slice(1))
}

function named(state: LedgerState, artifact: Artifact): { release?: string } {
  const found = Object.values(state.releases).findLast((r) => sameArtifact(r, artifact))
  return found === undefined ? {} : { release: found.id }
}

function items(
  state: LedgerState,
  config: Config,
  regions: readonly string[],
  bad: Artifact | undefined,
  to: string | undefined,
): Result<{ items: readonly RollbackItem[] }> {
  const list: RollbackItem[] = []
  for (const name of regions) {
    const region = regionOf(state, name)
    if (region?.pins === undefined) return err(noTarget(name, 'its pins are not in the ledger'))
    const target = region.target ?? targetOf(state, region, bad ?? carriedBy(state, name), to)
    if (target === undefined)
      return err(noTarget(name, to ? `${to} was never verified there or is vetoed` : undefined))
    // A way back that was begun was allowed when it began, and is finished.
    const floor = region.target === undefined ? belowFloor(region, target) : undefined
    if (floor !== undefined) return err(floor)
    const workloads = Object.fromEntries(config.workloads.map((w) => [w.name, target.digest]))
    list.push({
      region: name,
      from: region.pins,
      to: target,
      pins: { configSha: target.configSha, workloads },
      inFlight: region.phase !== 'steady' && region.phase !== 'rolling-back',
      begun: region.phase === 'rolling-back',
    })
  }
  return ok({ items: list })
}

/** The artifact that a region in a halt's list still runs. */
function carriedBy(state: LedgerState, region: string): ReleaseState | undefined {
  return Object.values(state.releases).findLast((r) => runs(state, region, r))
}

/**
 * The newest release verified in this very region that is not vetoed: never "the pin before", which may be
 * another bad one, or one that was never verified here.
 */
export function targetOf(
  state: LedgerState,
  region: RegionState,
  bad: Artifact | undefined,
  to?: string,
): VerifiedRelease | undefined {
  return region.verified.findLast(
    (v) =>
      vetoOf(state, v) === undefined &&
      (bad === undefined || !sameArtifact(v, bad)) &&
      (to === undefined || v.release === to),
  )
}

export interface HaltCause {
  readonly person: string
  readonly reason: ReasonCode
  readonly why: string
  readonly auto: boolean
  /** False: the release is not to blame, so it may come again. */
  readonly veto?: boolean
}

/**
 * What is written before or with the first step back: the halt with the regions that go back, the veto, and
 * the end of the release's train. Empty when a way back was begun before.
 */
export function haltEvents(state: LedgerState, plan: RollbackPlan, cause: HaltCause): readonly NewEvent[] {
  const { bad } = plan
  if (bad === undefined) return []
  const { person, reason, why, auto } = cause
  const regions = plan.items.map((i) => i.region)
  const events: NewEvent[] = [
    {
      type: 'halted',
      reason,
      why,
      person,
      auto,
      regions,
      ...(bad.release !== undefined && { release: bad.release }),
    },
  ]
  return [...events, ...(cause.veto === false ? ended(state, bad) : condemn(state, bad, why))]
}

/** The veto, and the end of every train that could not move any more because of it. */
export function condemn(
  state: LedgerState,
  bad: Artifact & { readonly release?: string },
  why: string,
): readonly NewEvent[] {
  const veto = vetoOf(state, bad) === undefined ? vetoEvent(state, bad, why) : undefined
  return [...(veto === undefined ? [] : [veto]), ...ended(state, bad, veto)]
}

/** The same artifact may wait under another number: staged again, as a hotfix once and once not. */
function ended(
  state: LedgerState,
  bad: { readonly release?: string },
  veto?: { readonly digest: string; readonly configSha?: string },
): readonly NewEvent[] {
  return [state.train, state.queue].flatMap((train) => {
    const release = train === undefined ? undefined : releaseOf(state, train.release)
    if (train === undefined || release === undefined) return []
    const same =
      release.digest === veto?.digest && (veto.configSha ?? release.configSha) === release.configSha
    if (release.id !== bad.release && !same) return []
    const outcome = train.started.length > 0 ? 'rolled-back' : 'cancelled'
    return [{ type: 'train-ended', release: release.id, outcome } as const]
  })
}

/** A release that changed only its configuration does not condemn the image that was verified without it. */
function vetoEvent(state: LedgerState, bad: Artifact, why: string): NewEvent & { type: 'vetoed' } {
  const proven = Object.values(state.regions).some((r) =>
    r.verified.some((v) => v.digest === bad.digest && v.configSha !== bad.configSha),
  )
  return { type: 'vetoed', digest: bad.digest, ...(proven && { configSha: bad.configSha }), why }
}

/** Stands in the commit that changes the pins file (and chart and values, when `configSha` differs). */
export function startRollbackEvent(state: LedgerState, item: RollbackItem, base: CommitSha): NewEvent {
  const bad = carriedBy(state, item.region)
  return {
    type: 'rollback-started',
    region: item.region,
    target: item.to,
    pins: item.pins,
    base,
    ...(bad !== undefined && { release: bad.id }),
  }
}

/** After the read-back: every workload of the region serves the target. */
export function rolledBackEvent(region: RegionState & { readonly target: VerifiedRelease }): NewEvent {
  const { digest, configSha } = region.target
  return {
    type: 'rolled-back',
    region: region.name,
    digest,
    configSha,
    ...(region.transition !== undefined && { transition: region.transition }),
  }
}

function unknownRegion(region: string, config: Config): Fault {
  const near = nearest(region, config.train.order)
  return {
    blame: 'user',
    reason: 'environment-unknown',
    cause: `\`${region}\` is no region of the train.${near === undefined ? '' : ` Did you mean \`${near}\`?`}`,
    next: `Use \`all\` or some of ${config.train.order.join(', ')}.`,
  }
}

function nothing(why: string): Fault {
  return {
    blame: 'user',
    reason: 'nothing-to-roll-back',
    cause: `Nothing can be rolled back: ${why}.`,
    likely: 'It was rolled back before, or the regions named do not run it.',
    next: 'Look at `region-rollout` with mode `status` for what runs where.',
  }
}

function noTarget(region: string, why = 'no other release was verified there that is not vetoed'): Fault {
  return {
    blame: 'user',
    reason: 'no-rollback-target',
    cause: `${region} cannot go back: ${why}.`,
    likely: 'The region was adopted a short time ago, or every release it has seen was bad.',
    next: 'Ship a fix as a new release, or adopt a digest that a person vouches for.',
  }
}
