import type { Flaw } from '../flaws.ts'
import { mapsOf } from '../json/access.ts'
import { toolIs } from '../policy/judge.ts'
import type { ReadRun, ReportSpec } from '../read/types.ts'

/**
 * Exit codes after a whole scan. Of these 1 stands for "found something" (osv-scanner docs/output.md, semgrep and
 * gitleaks --help, npm audit); all others are refusals and crashes.
 */
const exits: Readonly<Record<string, readonly number[]>> = {
  semgrep: [0, 1],
  'osv-scanner': [0, 1],
  gitleaks: [0, 1],
  'npm-audit': [0, 1],
}
/** Of these 1 never comes without a finding in the report. */
const foundMeansOne = ['semgrep', 'osv-scanner', 'gitleaks']

/** What the workflow says of the scan: outcome of the step, exit code. */
export function specFlaws(spec: ReportSpec, runs: readonly ReadRun[]): readonly Flaw[] {
  const { tool, outcome, exit } = spec
  const flaws: Flaw[] = []
  if (outcome !== undefined && outcome !== 'success') {
    flaws.push({
      code: 'step-outcome',
      about: tool,
      says: `The step that runs ${tool} ended as "${outcome}".`,
      next: 'Look at the log of that step; a scanner that exits 1 on findings is started as docs/sast-gate.md shows.',
    })
  }
  const codes = new Set([
    ...(exit === undefined ? [] : [exit]),
    ...runs
      .flatMap(({ raw }) => mapsOf(raw?.invocations).map((one) => one.exitCode))
      .filter((code) => typeof code === 'number'),
  ])
  for (const code of codes) {
    const legal = spec.knownExits ?? known(tool)
    if (!legal.includes(code)) {
      const says = `${tool} exited with ${code}, which is not ${legal.join(' or ')}.`
      const next = `Look at the log of the scan; \`known-exits=\` names other codes of a whole scan.`
      flaws.push({ code: 'exit-code', about: tool, says, next })
    }
  }
  const empty = runs.every(({ findings }) => findings.length === 0)
  if (
    exit === 1 &&
    empty &&
    spec.knownExits === undefined &&
    foundMeansOne.some((name) => toolIs(tool, name))
  ) {
    const says = `${tool} exited with 1, which says "found something", and its report holds nothing.`
    flaws.push({
      code: 'exit-code',
      about: tool,
      says,
      next: 'The report is not of this scan, or was cut off.',
    })
  }
  return flaws
}

function known(tool: string): readonly number[] {
  return Object.entries(exits).find(([name]) => toolIs(tool, name))?.[1] ?? [0]
}
