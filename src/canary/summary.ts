import type { GateOutcome } from './gate/options.ts'
import type { GateRecord } from './gate/record.ts'

/** The job summary: what was seen, against its limit, and what was decided. Markdown. */
export function summaryOf(
  outcome: GateOutcome,
): readonly { readonly title: string; readonly body: string }[] {
  const { record } = outcome
  const sections = [{ title: `Canary of ${record.rollout}: ${outcome.verdict}`, body: head(outcome) }]
  if (record.timeline.length > 0) sections.push({ title: 'Evidence', body: evidence(record) })
  if (record.decisions.length > 0) sections.push({ title: 'Decisions', body: decisions(record) })
  return sections
}

/** The runtime has said why and what to do next above this. */
function head({ record }: GateOutcome): string {
  const end = record.onCancel === 'abort' ? 'is aborted' : 'is left where it is'
  const lines = [
    `Digest \`${record.digest}\` at ${record.weight} %. When the job is cancelled, the rollout ${end}.`,
  ]
  if (record.service !== undefined) lines.push('', `Service: ${record.service.why}.`)
  if (record.blockSeconds < 15) {
    lines.push('', `Blocks are ${record.blockSeconds} s long; in production they are 15 s to 60 s.`)
  }
  return lines.join('\n')
}

const PERCENT = (part: number, whole: number) =>
  whole === 0 ? '-' : `${((100 * part) / whole).toPrecision(2)} %`

/** The last state by metric with its evidence, then the evidence over time in at most twelve rows. */
function evidence(record: GateRecord): string {
  const last = record.timeline.at(-1)
  const metrics = Object.entries(last?.metrics ?? {}).map(([name, { nc, ec, ns, es }]) => {
    const own = record.evidence?.metrics[name]
    const sufficient = record.evidence?.sufficiency.find(({ metric }) => metric === name)
    const rate = sufficient?.smallestDetectable
    const cells = [
      name,
      `${ec} of ${nc} (${PERCENT(ec, nc)})`,
      `${es} of ${ns} (${PERCENT(es, ns)})`,
      own === undefined ? '-' : `${own.lnE.count ?? '-'} / ${own.lnE.difference ?? '-'}`,
      own === undefined ? '-' : own.cosign ? 'yes' : 'no',
      rate === undefined ? '-' : `${(100 * rate).toPrecision(2)} %`,
    ]
    return `| ${cells.join(' | ')} |`
  })
  const every = Math.max(1, Math.ceil(record.timeline.length / 12))
  const rows = record.timeline
    .filter((_, index) => index % every === 0 || index === record.timeline.length - 1)
    .map(
      (each) =>
        `| ${each.seconds} | ${each.weight} % | ${each.lnE ?? '-'} | ${bar(each.lnE, record.limit)} |`,
    )
  return [
    '| metric | canary | stable | ln E of ratio / difference | co-signed | smallest defect it could show |',
    '|---|---|---|---|---|---|',
    ...metrics,
    '',
    `Aborts at ln E ≥ ${record.limit?.toFixed(2) ?? '-'} (evidence that the canary is worse than the margin) once it is co-signed.`,
    ...(record.evidence === undefined ? [] : ['', `Why: ${escaped(record.evidence.why)}.`]),
    '',
    '| s | weight | ln E | of its limit |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** Names of pods and metrics are other people's words. */
const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

/** Ten steps up to the limit, so that a table shows a course. */
function bar(lnE: number | null, limit: number | undefined): string {
  if (lnE === null || limit === undefined || limit <= 0) return ''
  const filled = Math.min(10, Math.max(0, Math.round((10 * lnE) / limit)))
  return `${'█'.repeat(filled)}${'░'.repeat(10 - filled)}`
}

function decisions(record: GateRecord): string {
  return record.decisions.map((each) => `- ${each.at} at ${each.weight} %: ${each.what}`).join('\n')
}
