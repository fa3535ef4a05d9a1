import type { Config } from '../config/index.ts'
import type { LedgerEvent, LedgerState } from '../ledger/index.ts'
import { evidenceSvg, type RegionEvidence } from './evidence.ts'
import { html, htmlPage } from './html.ts'
import { timelineSvg } from './lanes.ts'
import { pageStyle } from './style.ts'
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
  return htmlPage(
    title,
    pageStyle,
    html`<h1>${title}</h1>
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
</table>`,
  )
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
