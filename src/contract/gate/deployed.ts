import type { LedgerEvent, LedgerState } from '../../ledger/index.ts'
import { regionOf } from '../../ledger/index.ts'
import type { CommitSha } from '../../release/index.ts'

/** A version that serves in an environment, or may: a rollout under way has two. */
export interface DeployedVersion {
  readonly environment: string
  readonly role: 'serving' | 'arriving' | 'leaving'
  readonly release: string
  readonly commit: CommitSha
}

/** An environment whose deployed version the ledger does not lead to a commit of. */
export interface UnknownVersion {
  readonly environment: string
  readonly why: string
}

export interface Deployed {
  readonly versions: readonly DeployedVersion[]
  readonly unknown: readonly UnknownVersion[]
  /** Environments that nothing was ever recorded for. */
  readonly empty: readonly string[]
}

/**
 * What the ledger says is running, by environment. The log is asked for the commit of a release, for the state drops
 * releases that nothing names any more.
 */
export function deployedIn(
  environments: readonly string[],
  state: LedgerState,
  events: readonly LedgerEvent[],
): Deployed {
  const commits = new Map<string, CommitSha>()
  for (const event of events) if (event.type === 'staged') commits.set(event.release, event.sourceSha)
  const versions: DeployedVersion[] = []
  const unknown: UnknownVersion[] = []
  const empty: string[] = []
  for (const environment of environments) {
    const region = regionOf(state, environment)
    if (region === undefined) {
      empty.push(environment)
      continue
    }
    const add = (role: DeployedVersion['role'], release: string | undefined): void => {
      const commit = release === undefined ? undefined : commits.get(release)
      if (release === undefined) {
        unknown.push({
          environment,
          why: 'what runs there was adopted, and the ledger names no commit of it',
        })
      } else if (commit === undefined) {
        unknown.push({ environment, why: `the ledger names no commit of release ${release}` })
      } else if (!versions.some((one) => one.environment === environment && one.commit === commit)) {
        versions.push({ environment, role, release, commit })
      }
    }
    const verified = region.verified.at(-1)
    const arriving = region.release ?? region.target?.release
    if (verified !== undefined) add('serving', verified.release)
    if (region.target !== undefined || region.release !== undefined) add('arriving', arriving)
    // While a region goes back, what it goes back from still answers.
    const left = events.findLast((one) => one.type === 'rollback-started' && one.region === environment)
    if (region.phase === 'rolling-back' && left?.type === 'rollback-started' && left.release !== undefined) {
      add('leaving', left.release)
    }
    if (verified === undefined && arriving === undefined) {
      unknown.push({
        environment,
        why: 'the ledger has the environment and no release that was seen to serve',
      })
    }
  }
  return { versions, unknown, empty }
}
