import type { Flaw } from '../flaws.ts'
import type { Identified } from '../identity/identify.ts'
import type { LineMap } from '../match/lines.ts'
import { matchFindings } from '../match/match.ts'
import { type Judged, judgeOf, toolIs } from '../policy/judge.ts'
import type { Policy } from '../policy/schema.ts'
import { type SuppressionUse, suppressorOf } from '../policy/suppress.ts'
import type { ReadRun, ReportSpec } from '../read/types.ts'
import { severities } from '../types.ts'
import type { BaselineRun } from './baseline.ts'
import { coverageFlaws } from './coverage.ts'
import { specFlaws } from './spec-flaws.ts'

/** A run whose findings have got what they are known by. */
export interface GateRun extends Omit<ReadRun, 'findings'> {
  readonly findings: readonly Identified[]
  readonly spec: ReportSpec
}

export interface GateInput {
  readonly specs: readonly ReportSpec[]
  readonly runs: readonly GateRun[]
  /** What reading has already found wrong. */
  readonly flaws: readonly Flaw[]
  /** Absent: there is none, and everything is new. */
  readonly baseline?: readonly BaselineRun[]
  readonly requireTools: readonly string[]
  /** Commits that a report may be of. */
  readonly commits: readonly string[]
  /** All files of the tree. */
  readonly tree: readonly string[]
  readonly lines: LineMap
  readonly policy: Policy
  readonly today: Date
}

export interface GateAnswer {
  /** `incomplete` wins: what is known to be missing could hold anything. */
  readonly state: 'clean' | 'findings' | 'incomplete'
  readonly flaws: readonly Flaw[]
  /** Most important first: blocking before reported before suppressed, worst first, new before known. */
  readonly judged: readonly Judged[]
  readonly gone: number
  readonly suppressedByTool: number
  /** More suppressions in the source and by tools than the policy allows. */
  readonly tooManySuppressed?: string
  readonly suppressions: readonly SuppressionUse[]
}

/** The whole decision: pure, from what was read. */
export function decideFindings(input: GateInput): GateAnswer {
  const { runs, policy, today } = input
  const matched = matchFindings(runs, input.baseline ?? [], input.lines)
  const suppressor = suppressorOf(policy, today)
  const judge = judgeOf({ policy, today, suppressor })
  const owner = new Map(runs.flatMap((run) => run.findings.map((finding) => [finding, run] as const)))
  // Known ones first: a suppression that covers one finding is for the one that was there, not for its copy.
  const known = [...matched.values()].sort(
    (a, b) => Number(a.newness !== 'known') - Number(b.newness !== 'known'),
  )
  const judged = known
    .flatMap((one) => {
      const run = owner.get(one.finding)
      return run === undefined ? [] : [judge(one, run)]
    })
    .sort(byImportance)
  const flaws = unique([
    ...input.flaws,
    ...input.specs.flatMap((spec) =>
      specFlaws(
        spec,
        runs.filter((run) => run.spec === spec),
      ),
    ),
    ...runs.flatMap((run) => run.flaws),
    ...toolFlaws(input),
    ...staleFlaws(input),
    ...coverageFlaws(runs, input.tree, policy, input.baseline ?? []),
    ...ageFlaws(judged),
  ])
  const suppressedByTool = judged.filter(({ finding }) => finding.suppressed !== undefined).length
  const most = policy['max-suppressed-by-tool']
  const tooMany = most !== undefined && suppressedByTool > most
  const blocked = tooMany || judged.some(({ state }) => state === 'blocking')
  return {
    state: flaws.length > 0 ? 'incomplete' : blocked ? 'findings' : 'clean',
    flaws,
    judged,
    gone:
      (input.baseline ?? []).reduce((sum, run) => sum + run.findings.length, 0) -
      known.filter((one) => one.before).length,
    suppressedByTool,
    ...(tooMany
      ? {
          tooManySuppressed: `${suppressedByTool} findings are suppressed in the source or by a tool, and ${most} may be`,
        }
      : {}),
    suppressions: suppressor.uses(),
  }
}

function toolFlaws({ requireTools, runs, baseline }: GateInput): readonly Flaw[] {
  const missing = requireTools.filter(
    (name) => !runs.some((run) => toolIs(run.tool, name) || toolIs(run.spec.tool, name)),
  )
  const gone = [...new Set((baseline ?? []).map(({ tool }) => tool))].filter(
    (tool) => !runs.some((run) => toolIs(run.tool, tool) || toolIs(tool, run.tool)),
  )
  return [
    ...missing.map((tool) => ({
      code: 'tool-missing' as const,
      about: tool,
      says: `${tool} is asked for by \`require-tools\` and has no run.`,
      next: 'Add its report to the input `reports`, or look why the scan left none.',
    })),
    ...gone.map((tool) => ({
      code: 'tool-gone' as const,
      about: tool,
      says: `${tool} is in the baseline and has no run now.`,
      next: 'Run it again, or make a baseline without it on the target branch.',
    })),
  ]
}

function staleFlaws({ runs, commits }: GateInput): readonly Flaw[] {
  if (commits.length === 0) return []
  const wrong = runs.filter(
    ({ commit }) => commit !== undefined && !commits.some((known) => same(known, commit)),
  )
  return wrong.map(({ tool, commit, spec }) => ({
    code: 'stale' as const,
    about: tool,
    says: `${spec.path} is of commit ${commit?.slice(0, 12)}, and ${commits[0]?.slice(0, 12)} is judged.`,
    next: 'Scan the commit of this run; a report from a cache or an earlier run is of no use.',
  }))
}

/** Tools may shorten the id. */
function same(known: string, given: string): boolean {
  return given.length >= 7 && known.toLowerCase().startsWith(given.toLowerCase())
}

function ageFlaws(judged: readonly Judged[]): readonly Flaw[] {
  const unknown = judged.filter(({ ageUnknown }) => ageUnknown === true).length
  if (unknown === 0) return []
  return [
    {
      code: 'age-unknown',
      about: 'baseline',
      says: `The policy limits the age of findings, and ${unknown} of the baseline have no date.`,
      next: 'Use the baseline that this action writes: it carries the day of the first sight.',
    },
  ]
}

const states = ['blocking', 'reported', 'suppressed']
const newness = ['new', 'tool-upgrade', 'known']

function rank({ state, newness: kind, finding }: Judged): number {
  return states.indexOf(state) * 100 + newness.indexOf(kind) * 10 + severities.indexOf(finding.severity)
}

function byImportance(a: Judged, b: Judged): number {
  const difference = rank(a) - rank(b)
  if (difference !== 0) return difference
  const [x, y] = [a.finding.location, b.finding.location]
  const path = (x?.file ?? '') < (y?.file ?? '') ? -1 : (x?.file ?? '') > (y?.file ?? '') ? 1 : 0
  return path || (x?.line ?? 0) - (y?.line ?? 0)
}

function unique(flaws: readonly Flaw[]): readonly Flaw[] {
  return [...new Map(flaws.map((flaw) => [`${flaw.code}\0${flaw.about}\0${flaw.says}`, flaw])).values()]
}
