import { type Config, policyHash } from '../config/index.ts'
import { type Artifact, canonicalJson, sha256 } from '../ledger/index.ts'
import type { CommitSha } from '../release/index.ts'

export interface Plan extends Artifact {
  readonly sourceSha: CommitSha
  readonly kind: 'normal' | 'hotfix'
}

/**
 * What an approval is bound to: the release and the whole policy it travels under (regions, order, windows,
 * canary, migrations). Any change of either gives another hash, and the approval is void.
 */
export function planHash(release: Plan, config: Config): string {
  const { digest, configSha, sourceSha, kind } = release
  return sha256(canonicalJson({ plan: 1, digest, configSha, sourceSha, kind, policy: policyHash(config) }))
}

/** The canaried workload moves first; without one all move together. */
export function workloadGroups(config: Config): {
  readonly lead: readonly string[]
  readonly followers: readonly string[]
} {
  const names = config.workloads.map((w) => w.name)
  const rollout = config.workloads.find((w) => w.kind === 'Rollout')
  if (rollout === undefined) return { lead: names, followers: [] }
  return { lead: [rollout.name], followers: names.filter((n) => n !== rollout.name) }
}
