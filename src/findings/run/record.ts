import type { Judged } from '../policy/judge.ts'
import type { CheckResult } from './check.ts'

/** The result has 512 KiB; the merged SARIF has everything. */
const mostFindings = 500

/** One sentence with the evidence, and what to do next. */
export function messageOf({ answer, hasBaseline, policyFrom }: CheckResult) {
  const { judged, flaws } = answer
  const blocking = judged.filter(({ state }) => state === 'blocking')
  const fresh = judged.filter(({ newness }) => newness !== 'known').length
  const suppressed = judged.filter(({ state }) => state === 'suppressed').length
  const counts = [
    `${judged.length} findings: ${fresh} new, ${judged.length - fresh} known, ${suppressed} suppressed, ${blocking.length} blocking`,
    hasBaseline ? undefined : 'without a baseline, so everything is new',
    answer.tooManySuppressed,
    `policy: ${policyFrom}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ')
  if (answer.state === 'clean') return { message: `Nothing blocks. ${counts}.` }
  if (answer.state === 'findings') {
    const next =
      'Correct the findings, or suppress them with reason, owner and end in the policy on the target branch.'
    return { message: `${blocking.length} findings block. ${counts}.`, next }
  }
  const says = flaws.slice(0, 5).map((flaw) => flaw.says)
  const more = flaws.length > 5 ? [`And ${flaws.length - 5} more.`] : []
  const next = flaws.find((flaw) => flaw.next !== undefined)?.next ?? 'Look at the logs of the scans.'
  return { message: [`The scan is incomplete.`, ...says, ...more, `${counts}.`].join('\n'), next }
}

/** The machine's form of the answer: versioned, plain JSON. */
export function recordOf({ answer, commit, base, hasBaseline, policyFrom, notes }: CheckResult) {
  return {
    version: 1,
    state: answer.state,
    commit,
    ...(base === undefined ? {} : { base }),
    hasBaseline,
    policy: policyFrom,
    flaws: answer.flaws
      .slice(0, 100)
      .map(({ code, about, says, next }) => ({ code, about, says, ...(next === undefined ? {} : { next }) })),
    counts: {
      findings: answer.judged.length,
      gone: answer.gone,
      suppressedByTool: answer.suppressedByTool,
      ...Object.fromEntries(
        (['blocking', 'reported', 'suppressed'] as const).map((state) => [
          state,
          answer.judged.filter((one) => one.state === state).length,
        ]),
      ),
    },
    findings: answer.judged.slice(0, mostFindings).map(findingRecord),
    omitted: Math.max(0, answer.judged.length - mostFindings),
    suppressions: answer.suppressions.slice(0, 100).map(({ entry, state, used }) => ({
      owner: entry.owner,
      expires: entry.expires,
      reason: entry.reason,
      state,
      used,
    })),
    notes: [...notes],
  }
}

function findingRecord({ finding, tool, category, newness, state, why, firstSeen }: Judged) {
  const { id, rule, severity, message, location, cwes } = finding
  return {
    id,
    tool,
    rule,
    severity,
    newness,
    state,
    why,
    message,
    ...(category === undefined ? {} : { category }),
    ...(location === undefined ? {} : { location: { ...location } }),
    ...(cwes === undefined ? {} : { cwes: [...cwes] }),
    ...(firstSeen === undefined ? {} : { firstSeen }),
  }
}
