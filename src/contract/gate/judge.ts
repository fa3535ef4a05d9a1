import type { Finding, Policy } from '../types.ts'
import type { Approval, GatePolicy } from './policy.ts'

/** What a comparison was made with: the target branch, or what is deployed somewhere. */
export interface Baseline {
  /** `base`, or the name of an environment. */
  readonly name: string
  readonly role: 'base' | 'serving' | 'arriving' | 'leaving'
  readonly commit: string
  readonly release?: string
}

export interface Judged {
  readonly finding: Finding
  readonly contract: string
  /** Where it counts, by name. */
  readonly against: readonly string[]
  /** `blocking` stops; `approved` would have; `reported` is told. */
  readonly state: 'blocking' | 'approved' | 'reported'
  readonly why: string
}

export interface ApprovalUse {
  readonly entry: Approval
  /** `too-far`: it ends later than `max-days` allows. */
  readonly state: 'used' | 'unused' | 'expired' | 'too-far'
}

const dayMs = 86_400_000

/** The policy of comparisons that holds for a baseline; an environment speaks over the whole. */
export function policyFor(policy: GatePolicy, baseline: string, today: Date): Policy {
  const own = Object.hasOwn(policy.environments, baseline) ? policy.environments[baseline] : undefined
  const { deprecation } = policy
  return {
    preset: policy.preset,
    levels: { ...policy.levels, ...own?.levels },
    contentModel: policy['content-model'],
    today,
    ...(deprecation === undefined
      ? {}
      : {
          lifecycle: { today, stableDays: deprecation['stable-days'], betaDays: deprecation['beta-days'] },
        }),
  }
}

/** Whether errors against a baseline stop the run. */
export function fails(policy: GatePolicy, baseline: string): boolean {
  return !Object.hasOwn(policy.environments, baseline) || policy.environments[baseline]?.fail !== false
}

export interface Judge {
  judge(found: Finding, contract: string, baseline: Baseline): Judged
  uses(): readonly ApprovalUse[]
}

/** Decides on findings one by one, and keeps account of the approvals that were needed. */
export function createJudge(policy: GatePolicy, today: Date): Judge {
  const entries = policy.approvals.map((entry) => ({
    entry,
    // Good to the end of its day in UTC.
    expired: today.getTime() >= Date.parse(entry.expires) + dayMs,
    tooFar: (Date.parse(entry.expires) - today.getTime()) / dayMs > policy['max-days'],
    used: false,
  }))
  const approvalOf = (finding: Finding, baseline: string) =>
    entries.find(
      ({ entry, expired, tooFar }) =>
        !expired &&
        !tooFar &&
        entry.fingerprint === finding.fingerprint &&
        (entry.environments === undefined || entry.environments.includes(baseline)),
    )
  return {
    judge(finding, contract, { name }) {
      const one = { finding, contract, against: [name] } as const
      if (finding.level !== 'error') return { ...one, state: 'reported', why: `${finding.level} by policy` }
      if (!fails(policy, name)) return { ...one, state: 'reported', why: `${name} does not fail by policy` }
      const approval = approvalOf(finding, name)
      if (approval === undefined) return { ...one, state: 'blocking', why: 'breaks who relies on it' }
      approval.used = true
      const { 'approved-by': by, expires, reason } = approval.entry
      return { ...one, state: 'approved', why: `approved by ${by} until ${expires}: ${reason}` }
    },
    uses: () =>
      entries.map(({ entry, expired, tooFar, used }) => ({
        entry,
        state: expired ? 'expired' : tooFar ? 'too-far' : used ? 'used' : 'unused',
      })),
  }
}

const rank = { blocking: 0, approved: 1, reported: 2 } as const
const levels = { error: 0, warning: 1, info: 2 } as const

/** One finding per edit, with every place that it counts in; the worst first. */
export function merged(all: readonly Judged[]): readonly Judged[] {
  const byEdit = Map.groupBy(all, ({ contract, finding }) => `${contract}\n${finding.fingerprint}`)
  const folded = [...byEdit.values()].flatMap((group) => {
    const [worst] = group.toSorted(byWeight)
    if (worst === undefined) return []
    const same = group.filter(({ state }) => state === worst.state)
    return [{ ...worst, against: [...new Set(same.flatMap(({ against }) => against))] }]
  })
  return folded.sort(byWeight)
}

function byWeight(left: Judged, right: Judged): number {
  return rank[left.state] - rank[right.state] || levels[left.finding.level] - levels[right.finding.level]
}
