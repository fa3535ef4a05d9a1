import type { Config } from '../config/index.ts'
import {
  type LedgerState,
  type RegionState,
  type ReleaseState,
  regionOf,
  sameArtifact,
} from '../ledger/index.ts'

export interface Remaining {
  /** The region that is next; all before it have the release verified, or are passed by. */
  readonly next?: string
  /** Regions without the release that the train goes past: held with `skip`, or excluded during a hotfix. */
  readonly passed: readonly string[]
}

/** What a train still has to do, in the order of the regions. */
export function remaining(state: LedgerState, release: ReleaseState, config: Config): Remaining {
  const passed: string[] = []
  for (const name of config.train.order) {
    const region = regionOf(state, name)
    if (isVerified(region, release)) continue
    if (region !== undefined && isPassedBy(region, release)) passed.push(name)
    else return { next: name, passed }
  }
  return { passed }
}

function isPassedBy(region: RegionState, release: ReleaseState): boolean {
  if (region.phase !== 'steady') return false
  return region.hold?.skip === true || (region.excluded !== undefined && release.kind === 'hotfix')
}

/** Verified there, and still what the region runs: a region that went back is not verified any more. */
export function isVerified(
  region: RegionState | undefined,
  release: { id: string; digest: string; configSha: string },
): boolean {
  if (region === undefined || region.phase !== 'steady' || region.pins === undefined) return false
  const seen = region.verified.some((v) => v.release === release.id)
  return seen && sameArtifact({ ...region.pins, digest: Object.values(region.pins.workloads)[0] }, release)
}
