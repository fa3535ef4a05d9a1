import type { GateAnswer } from '../gate/gate.ts'
import type { Judged } from '../policy/judge.ts'
import { severities } from '../types.ts'
import type { CheckResult } from './check.ts'

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly more: number
}

/** Rows that a person still reads; the result file has all. */
const mostRows = 200

/** What the job summary shows, as tables of plain text. */
export function tablesOf({ answer }: Pick<CheckResult, 'answer'>): readonly Table[] {
  const { judged, flaws, suppressions } = answer
  const blocking = judged.filter(({ state }) => state === 'blocking')
  const reported = judged.filter(({ state, newness }) => state === 'reported' && newness !== 'known')
  const stale = suppressions.filter(({ state }) => state !== 'used')
  return [
    table(
      'What is missing',
      ['what', 'about', 'found', 'next step'],
      flaws.map((one) => [one.code, one.about, one.says, one.next ?? '']),
    ),
    table('Blocking', findingHead, blocking.map(findingRow)),
    table('New, not blocking', findingHead, reported.map(findingRow)),
    table('Suppressed', findingHead, judged.filter(({ state }) => state === 'suppressed').map(findingRow)),
    table(
      'Suppressions without effect',
      ['entry', 'state', 'owner', 'until'],
      stale.map(({ entry, state }) => [
        entry.fingerprint ??
          (entry.rule ? `${entry.rule} in ${entry.path}` : `${entry.vulnerability} of ${entry.purl}`),
        state,
        entry.owner,
        entry.expires,
      ]),
    ),
    table('Counts', ['severity', 'new', 'by another tool version', 'known', 'suppressed'], countRows(answer)),
  ].filter(({ rows }) => rows.length > 0)
}

const findingHead = ['severity', 'tool', 'rule', 'where', 'what', 'why', 'fingerprint']

function findingRow({ finding, tool, why }: Judged): readonly string[] {
  return [finding.severity, tool, finding.rule, whereOf(finding.location), finding.message, why, finding.id]
}

export function whereOf(location: Judged['finding']['location']): string {
  if (location === undefined) return ''
  return location.line === undefined ? location.file : `${location.file}:${location.line}`
}

function countRows({ judged }: GateAnswer): readonly (readonly string[])[] {
  return severities
    .map((severity) => {
      const own = judged.filter(({ finding }) => finding.severity === severity)
      const open = own.filter(({ state }) => state !== 'suppressed')
      const count = (newness: Judged['newness']) => open.filter((one) => one.newness === newness).length
      return [severity, count('new'), count('tool-upgrade'), count('known'), own.length - open.length].map(
        String,
      )
    })
    .filter((row) => row.slice(1).some((cell) => cell !== '0'))
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): Table {
  return { title, head, rows: rows.slice(0, mostRows), more: Math.max(0, rows.length - mostRows) }
}
