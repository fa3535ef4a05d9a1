import { html, htmlPage, type Markup } from '../../report/index.ts'
import type { TenantResult } from '../gate/result.ts'
import type { GateVerdict } from '../gate/verdict.ts'
import { type Table, tablesOf } from './matrix.ts'

/** One page that needs no network. */
export function tenantPage(result: TenantResult, verdict: GateVerdict): string {
  const { counts } = verdict
  return htmlPage(
    `tenant-gate: ${verdict.state}`,
    style,
    html`${tenantSection(result, verdict)}
<p>${String(counts.pass)} cases passed, ${String(counts.leak)} leaked, ${String(counts.inconclusive)} were inconclusive, ${String(counts.exempt)} exempt; commit <code>${result.commit.slice(0, 12)}</code>, run ${result.runId}.</p>`,
  )
}

/** The part of a report that a page of several gates takes in. */
export function tenantSection(result: TenantResult, verdict: GateVerdict): Markup {
  return html`<section>
<h1>Tenants ${result.tenants.join(' and ')}: ${verdict.state}</h1>
${verdict.problems.slice(0, 50).map((one) => html`<p class="problem">${one}</p>`)}
${tablesOf(result, verdict).map(tableMarkup)}
</section>`
}

function tableMarkup({ title, head, rows }: Table): Markup {
  return html`<h2>${title}</h2>
<table>
<thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${row.map((cell, index) => (head[index] === 'replay' ? html`<td><code>${cell}</code></td>` : html`<td class="${marks[cell] ?? ''}">${cell}</td>`))}</tr>
`,
)}
</tbody>
</table>`
}

const marks: Readonly<Record<string, string>> = { LEAK: 'bad', ok: 'good', '?': 'open', untested: 'open' }

const style = `
body{font:15px/1.5 system-ui,sans-serif;max-width:1200px;margin:2rem auto;padding:0 1rem;color:#1c2530;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:.82rem}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #dde3ea;vertical-align:top}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
td.bad{background:#fdecea;color:#8c1d13;font-weight:600}td.good{color:#2e8b57}td.open{color:#8a5a00}
.problem{border-left:4px solid #c0392b;padding-left:.75rem}
`
