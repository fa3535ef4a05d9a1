import { decideFindings, type GateAnswer, type GateInput, type GateRun } from '../gate/gate.ts'
import { identify } from '../identity/identify.ts'
import { viewOf } from '../identity/source.ts'
import { type FileChange, lineMapOf, noLineMap } from '../match/lines.ts'
import { defaultPolicy } from '../policy/schema.ts'
import { readReport } from '../read/report.ts'
import type { ReportSpec } from '../read/types.ts'

export type Tree = Readonly<Record<string, string>>
export const probe: ReportSpec = { tool: 'probe', path: 'probe.sarif' }

/** The runs of a report over a tree. */
export function runsOf(report: unknown, tree: Tree = {}, spec: ReportSpec = probe) {
  const bytes = typeof report === 'string' ? report : JSON.stringify(report)
  const read = readReport(new TextEncoder().encode(bytes), spec, { roots: ['/checkout'] })
  const view = viewOf((file) => tree[file])
  const runs = read.runs.map((run): GateRun => ({ ...run, findings: identify(run, view), spec }))
  return { runs, flaws: read.flaws }
}

export interface Versions {
  readonly before?: { readonly report: unknown; readonly tree?: Tree }
  readonly now: { readonly report: unknown; readonly tree?: Tree }
  readonly changes?: readonly FileChange[]
  readonly spec?: ReportSpec
  readonly input?: Partial<GateInput>
}

export function decide({ before, now, changes, spec = probe, input = {} }: Versions): GateAnswer {
  const current = runsOf(now.report, now.tree, spec)
  const past = before === undefined ? undefined : runsOf(before.report, before.tree, spec).runs
  return decideFindings({
    specs: [spec],
    runs: current.runs,
    flaws: current.flaws,
    ...(past === undefined ? {} : { baseline: past }),
    requireTools: [spec.tool],
    commits: ['a'.repeat(40)],
    tree: Object.keys(now.tree ?? {}),
    lines: changes === undefined ? noLineMap : lineMapOf(changes),
    policy: defaultPolicy,
    today: new Date('2026-11-21T12:00:00Z'),
    ...input,
  })
}

export function newOnes(answer: GateAnswer): readonly string[] {
  return answer.judged
    .filter(({ newness }) => newness !== 'known')
    .map(
      ({ newness, finding }) => `${newness} ${finding.location?.file ?? ''}:${finding.location?.line ?? ''}`,
    )
}
