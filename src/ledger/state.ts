import type { CommitSha, Digest } from '../release/index.ts'
import type { EventOf, SchemaClaims } from './events.ts'

/** What a region is told to run: the chart and values of one commit, and an image. */
export interface Artifact {
  readonly digest: Digest
  readonly configSha: CommitSha
}

/** What the pins file of an environment says: one digest a workload, and the commit its chart came from. */
export interface Pins {
  readonly configSha: CommitSha
  readonly workloads: Readonly<Record<string, Digest>>
}

export type ReleaseOutcome = EventOf<'train-ended'>['outcome']

export interface ReleaseState extends Artifact {
  /** `r1`, `r2`, … in the order they were staged. */
  readonly id: string
  readonly sourceSha: CommitSha
  readonly kind: 'normal' | 'hotfix'
  readonly author: string
  readonly stagedAt: string
  /** Set once every workload of staging was seen to serve the digest. */
  readonly stagingVerifiedAt?: string
  readonly outcome?: ReleaseOutcome
  /** When its train ended: what the watch over it is counted from. */
  readonly endedAt?: string
  readonly incident?: NonNullable<EventOf<'staged'>['incident']>
  /** Absent: the release says nothing of a schema. */
  readonly claims?: SchemaClaims
}

/** What the migrations that were recorded in a region left there. */
export interface RegionSchema {
  readonly level: number
  /** The oldest release that works on it, and what took away what older ones need. */
  readonly floor?: { readonly release: string; readonly file: string; readonly pair?: string }
}

export interface Approval {
  readonly person: string
  readonly planHash: string
  readonly at: string
  readonly until: string
  readonly evidence?: string
}

/** The one release that may move through production. */
export interface TrainState {
  readonly release: string
  readonly order: readonly string[]
  readonly planHash: string
  readonly proposedAt: string
  readonly proposedBy: string
  readonly approvals: readonly Approval[]
  /** Regions that this train has started, in order. */
  readonly started: readonly string[]
}

/**
 * `steady` nothing is on its way · `migrating`, `migrated` before the pin · `pinned` the canaried workload is
 * pinned · `canary-passed` · `following` the other workloads are pinned too · `baking` every workload serves
 * the digest · `rolling-back` pinned to an older verified release that does not serve everywhere yet.
 */
export type RegionPhase =
  | 'steady'
  | 'migrating'
  | 'migrated'
  | 'pinned'
  | 'canary-passed'
  | 'following'
  | 'baking'
  | 'rolling-back'

export interface VerifiedRelease extends Artifact {
  /** Absent for a baseline that a person adopted. */
  readonly release?: string
  readonly at: string
}

export interface RegionState {
  readonly name: string
  readonly phase: RegionPhase
  /** When the phase began. For `baking`: when the digest was *observed* live, which starts the bake clock. */
  readonly since: string
  /** The release on its way here; absent in `steady` and `rolling-back`. */
  readonly release?: string
  /** Id of the transition that is open here: what `record` answers to. */
  readonly transition?: string
  /** What the last commit of the ledger pinned. Another content of the pins file is drift. */
  readonly pins?: Pins
  /**
   * Head of the branch that the last pin was committed on. The pin is its child, so a revision that is a
   * strict descendant of it and was ever the tip of the branch carries the pin (a commit cannot name itself).
   */
  readonly base?: CommitSha
  /** Target of a rollback that is under way. */
  readonly target?: VerifiedRelease
  readonly schema?: RegionSchema
  /** Oldest first. */
  readonly verified: readonly VerifiedRelease[]
  readonly hold?: Note & { readonly skip?: boolean }
  /** Down, or not to be touched: nothing is pinned there. */
  readonly excluded?: Note
  /** The region that serves its traffic meanwhile. */
  readonly failover?: Note & { readonly to: string }
}

/** What a person wrote down. */
export interface Note {
  readonly reason: string
  readonly by: string
  readonly at: string
}

/** A digest that must never be pinned again; with `configSha`, only together with that configuration. */
export interface Veto {
  readonly digest: Digest
  readonly configSha?: CommitSha
  readonly at: string
  readonly why: string
}

export interface Halt {
  readonly reason: string
  readonly why: string
  readonly by: string
  readonly at: string
  /** True when a fact stopped the train, false when a person did. */
  readonly auto: boolean
  readonly release?: string
  /** Regions that still have to go back, in this order; the halt is not cleared before the list is empty. */
  readonly regions: readonly string[]
}

/** 2: with the events of schema 2. A state.json of an older version is made anew from the log. */
export const stateVersion = 2

/** `state.json`: the fold of the log, small enough to read in a review. */
export interface LedgerState {
  readonly version: typeof stateVersion
  readonly service: string
  /** The last event: its number and the hash of its line. */
  readonly head: { readonly seq: number; readonly hash: string }
  /** Newest time the ledger has seen; a clock that went back never shortens a bake or a spacing. */
  readonly lastAt?: string
  /** Clock of the first event; a run with another kind of clock is refused. */
  readonly clock?: 'machine' | 'simulated'
  /** How many releases were ever staged; the next one is `r<n+1>`. */
  readonly releaseCount: number
  /** Those that something in the state still names; the log has them all. */
  readonly releases: Readonly<Record<string, ReleaseState>>
  /** Production regions and staging, once they were adopted or pinned. */
  readonly regions: Readonly<Record<string, RegionState>>
  readonly train?: TrainState
  /** At most one release waits behind a train that has begun; a newer one takes its place. */
  readonly queue?: TrainState
  readonly halt?: Halt
  readonly vetoed: readonly Veto[]
  /** The last normal start of a region: what "one region a day" and the spacing are counted from. */
  readonly starts: readonly { readonly region: string; readonly day: string; readonly at: string }[]
}

export function emptyState(service: string, hash: string): LedgerState {
  return {
    version: stateVersion,
    service,
    head: { seq: 0, hash },
    releaseCount: 0,
    releases: {},
    regions: {},
    vetoed: [],
    starts: [],
  }
}

/** Own keys only: a region may be called `constructor`. */
export function regionOf(state: LedgerState, name: string): RegionState | undefined {
  return Object.hasOwn(state.regions, name) ? state.regions[name] : undefined
}

export function releaseOf(state: LedgerState, id: string): ReleaseState | undefined {
  return Object.hasOwn(state.releases, id) ? state.releases[id] : undefined
}

export function sameArtifact(
  a: { readonly digest: string | undefined; readonly configSha: string },
  b: { readonly digest: string | undefined; readonly configSha: string },
): boolean {
  return a.digest === b.digest && a.configSha === b.configSha
}

export function vetoOf(state: LedgerState, artifact: Artifact): Veto | undefined {
  return state.vetoed.find(
    (v) => v.digest === artifact.digest && (v.configSha === undefined || v.configSha === artifact.configSha),
  )
}
