import { costs, type ReviewFinding } from './finding.ts'
import type { Review } from './review.ts'

/** Plain cells: text of others shows what it says. */
type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string

/** The review as sections of a job summary, most important first. */
export function summarise(
  { findings, files }: Review,
  table: Table,
): readonly { readonly title: string; readonly body: string }[] {
  const counted = files.map(({ file, phase, declared, pair }) => {
    const own = findings.filter(
      (finding) => finding.file.endsWith(`/${file}`) && finding.waived === undefined,
    )
    const of = (level: ReviewFinding['level']) => String(own.filter((one) => one.level === level).length)
    const kind = declared === undefined ? `${phase} (derived)` : phase
    return [file, kind, pair ?? '', of('error'), of('warning'), of('notice')]
  })
  const head = ['file', 'phase', 'pair', 'errors', 'warnings', 'notices']
  const detailed = findings.filter(({ level, waived }) => level !== 'notice' && waived === undefined)
  const rest = findings.filter((finding) => !detailed.includes(finding))
  return [
    { title: 'Migrations', body: table(head, counted) },
    ...(detailed.length === 0
      ? []
      : [{ title: 'Findings', body: detailed.map((one) => detail(one, table)).join('\n\n') }]),
    ...(rest.length === 0
      ? []
      : [{ title: 'Notices and waived', body: table(['where', 'rule', 'what', 'waived'], rest.map(row)) }]),
  ]
}

function row({ file, line, rule, what, waived }: ReviewFinding): readonly string[] {
  return [
    `${file}:${line}`,
    rule,
    what,
    waived === undefined ? '' : `${waived.owner}, until ${waived.expires}`,
  ]
}

function detail(finding: ReviewFinding, table: Table): string {
  const { file, line, level, rule, certainty, versions, title, what, instead } = finding
  const certain = certainty === 'unsafe' ? 'unsafe' : 'unknown, assumed unsafe'
  const cells = [
    level,
    rule,
    `${file}:${line}`,
    versions.join(', '),
    certain,
    `${title}: ${what}`,
    costs(finding),
  ]
  const fence = '`'.repeat(Math.max(3, ...[...instead.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${table(['', 'rule', 'where', 'versions', 'certainty', 'what', 'cost'], [cells])}\n\n${fence}sql\n${instead}\n${fence}`
}
