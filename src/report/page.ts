import type { Config } from '../config/index.ts'
import type { LedgerEvent, LedgerState } from '../ledger/index.ts'
import { evidenceSvg, type RegionEvidence } from './evidence.ts'
import { html, raw } from './html.ts'
import { timelineSvg } from './lanes.ts'
import { regionRows } from './timeline.ts'

export type { EvidencePoint, RegionEvidence } from './evidence.ts'

export interface DemoReport {
  readonly title: string
  /** What a reader has to know about how this was made: which parts were stand-ins, which clock. */
  readonly notes: readonly string[]
  readonly config: Config
  readonly state: LedgerState
  readonly events: readonly LedgerEvent[]
  readonly evidence: readonly RegionEvidence[]
}

/**
 * The whole story of a train on one page that needs no network: what each region did when, what the canary's
 * counts were at each weight, and the ledger. Pure.
 */
export function demoReportHtml(report: DemoReport): string {
  const { title, notes, config, state, events, evidence } = report
  const rows = regionRows(state, config)
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<h1>${title}</h1>
${notes.map((note) => html`<p class="note">${note}</p>`)}
${state.halt === undefined ? '' : html`<p class="halt">Halted by ${state.halt.by} at ${state.halt.at}: ${state.halt.why}</p>`}
<h2>Regions</h2>
${timelineSvg(config, events)}
<table>
<thead><tr><th>region</th><th>phase</th><th>runs</th><th>since</th></tr></thead>
<tbody>
${rows.map((r) => html`<tr class="${r.mark}"><td>${r.region}</td><td>${r.phase}</td><td><code>${r.runs}</code></td><td>${r.since}</td></tr>`)}
</tbody>
</table>
<h2>Canary evidence</h2>
${evidence.length === 0 ? html`<p>No canary ran.</p>` : evidence.map(evidenceSvg)}
<h2>Ledger</h2>
<p>${String(events.length)} events, each chained to the one before by its hash; the last is <code>${state.head.hash.slice(0, 16)}</code>.</p>
<table class="ledger">
<thead><tr><th>#</th><th>time</th><th>event</th><th>region</th><th>release</th><th>why</th><th>transition</th></tr></thead>
<tbody>
${events.map(ledgerRow)}
</tbody>
</table>
</body>
</html>
`}`
}

function ledgerRow(event: LedgerEvent) {
  const region = 'region' in event ? event.region : ''
  const release = 'release' in event ? (event.release ?? '') : ''
  const group = event.type === 'pinned' ? ` (${event.group})` : ''
  const kind = ['canary-failed', 'halted', 'vetoed', 'migration-failed'].includes(event.type) ? 'bad' : ''
  return html`<tr class="${kind}"><td>${event.id.split('/')[1] ?? ''}</td><td>${event.at}</td><td>${event.type}${group}</td><td>${region}</td><td>${release}</td><td>${whyOf(event)}</td><td><code>${event.transition}</code></td></tr>
`
}

function whyOf(event: LedgerEvent): string {
  if ('why' in event && event.why !== undefined) return event.why
  if (event.type === 'held' || event.type === 'resumed') return `${event.person}: ${event.reason}`
  if (event.type === 'approved' || event.type === 'proposed')
    return `${event.person}, plan ${event.planHash.slice(0, 12)}`
  if (event.type === 'verified') return `${event.requests} requests`
  return ''
}

const style = `
body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1c2530;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #dde3ea;vertical-align:top}
code{font:.85em ui-monospace,monospace}
.note{color:#556}.halt{background:#fdecea;border-left:4px solid #c0392b;padding:.5rem .75rem}
tr.done td:first-child{border-left:4px solid #2e8b57}tr.moving td:first-child{border-left:4px solid #2b6cb0}
tr.back td:first-child{border-left:4px solid #c0392b}tr.held td:first-child{border-left:4px solid #b7791f}
tr.bad td{background:#fdf3f2}
table.ledger{font-size:.78rem}table.ledger td:nth-child(2),table.ledger td:nth-child(3),table.ledger td:nth-child(4),table.ledger td code{white-space:nowrap}
svg{max-width:100%;height:auto;display:block;margin:.5rem 0}
svg text{font:12px system-ui,sans-serif;fill:#445}
`
