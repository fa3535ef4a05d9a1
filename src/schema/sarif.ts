import { createHash } from 'node:crypto'
import { costs, type Level, type ReviewFinding } from './finding.ts'

const levels: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', notice: 'note' }

/** SARIF 2.1.0, as code scanning takes it. A waived finding stands in it as suppressed. */
export function toSarif(findings: readonly ReviewFinding[]): string {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort()
  const rules = ids.map((id) => {
    const first = findings.find(({ rule }) => rule === id)
    return {
      id,
      shortDescription: { text: first?.title ?? id },
      properties: { danger: first?.danger ?? 'process' },
    }
  })
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: ids.indexOf(finding.rule),
    level: levels[finding.level],
    message: { text: textOf(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(finding.file) },
          region: { startLine: finding.line, startColumn: finding.column },
        },
      },
    ],
    partialFingerprints: { 'tuesday/v1': fingerprint(finding) },
    ...(finding.waived === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: finding.waived.reason }] }),
    properties: { certainty: finding.certainty, versions: finding.versions },
  }))
  const driver = { name: 'tuesday-migrate', rules }
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 1)}\n`
}

function textOf(finding: ReviewFinding): string {
  const { title, what, certainty, instead } = finding
  return `${title}: ${what}. ${certainty === 'assumed' ? 'Unknown, assumed unsafe. ' : ''}${costs(finding)}\nInstead:\n${instead}`
}

/** Without the line: the same statement further down is the same finding. */
function fingerprint({ rule, file, what }: ReviewFinding): string {
  return createHash('sha256').update([rule, file, what].join('\0')).digest('hex').slice(0, 32)
}
