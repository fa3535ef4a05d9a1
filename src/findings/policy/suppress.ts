import type { Identified } from '../identity/identify.ts'
import { globMatcher } from './glob.ts'
import { longestDays, type Policy, type Suppression } from './schema.ts'

export interface SuppressionUse {
  readonly entry: Suppression
  /** `too-far`: it ends later than the severity of what it names allows. */
  readonly state: 'used' | 'unused' | 'expired' | 'too-far'
  readonly used: number
}

export interface Suppressor {
  /** The entry that covers the finding; each call spends one of its count. */
  cover(finding: Identified): Suppression | undefined
  uses(): readonly SuppressionUse[]
}

const dayMs = 86_400_000

/** Applies the entries of the policy. An expired entry covers nothing and is told, as is one without any use. */
export function suppressorOf(policy: Policy, today: Date): Suppressor {
  const entries = policy.suppressions.map((entry) => ({
    entry,
    fits: fitterOf(entry),
    // Good to the end of its day in UTC.
    expired: today.getTime() >= Date.parse(entry.expires) + dayMs,
    daysAhead: (Date.parse(entry.expires) - today.getTime()) / dayMs,
    used: 0,
    tooFar: false,
  }))
  return {
    cover(finding) {
      const most = policy['max-days'][finding.severity] ?? longestDays[finding.severity]
      for (const one of entries) {
        if (one.expired || !one.fits(finding)) continue
        if (one.daysAhead > most) one.tooFar = true
        else if (one.entry.fingerprint === undefined || one.used < one.entry.count) {
          one.used += 1
          return one.entry
        }
      }
      return undefined
    },
    uses: () =>
      entries.map(({ entry, expired, used, tooFar }) => ({
        entry,
        used,
        state: expired ? 'expired' : tooFar ? 'too-far' : used > 0 ? 'used' : 'unused',
      })),
  }
}

function fitterOf(entry: Suppression): (finding: Identified) => boolean {
  const { fingerprint, rule, path, purl, vulnerability } = entry
  if (fingerprint !== undefined) return ({ id }) => id === fingerprint
  if (rule !== undefined && path !== undefined) {
    const matches = globMatcher(path)
    return (finding) =>
      (finding.rule === rule || finding.formerRules?.includes(rule) === true) &&
      finding.location !== undefined &&
      matches(finding.location.file)
  }
  const plain = purl?.replace(/(?<=.)@[^/]*$/, '')
  const version = purl === plain ? undefined : decodeURIComponent(purl?.slice((plain?.length ?? 0) + 1) ?? '')
  return (finding) =>
    finding.package?.purl === plain &&
    (version === undefined || finding.package?.version === version) &&
    (finding.rule === vulnerability || finding.formerRules?.includes(vulnerability ?? '') === true)
}
