import type { Config } from '../config/index.ts'
import type { LedgerEvent } from '../ledger/index.ts'
import { html, type Markup } from './html.ts'

interface Bar {
  readonly from: number
  readonly to: number
  readonly kind: string
  readonly label: string
}

const colours: Readonly<Record<string, string>> = {
  migrate: '#8e7cc3',
  canary: '#e0a33a',
  follow: '#5b9bd5',
  bake: '#7fb77e',
  verified: '#2e8b57',
  back: '#c0392b',
}

/** What a region is in after an event; undefined = the event opens nothing new. */
const opens: Readonly<Partial<Record<LedgerEvent['type'], string>>> = {
  'migration-started': 'migrate',
  'canary-passed': 'follow',
  live: 'bake',
  verified: 'verified',
  'rollback-started': 'back',
  'rolled-back': 'none',
  'migration-failed': 'none',
}

const left = 110
const width = 940
const lane = 34

/** Regions as rows, time from left to right. Steps are drawn by order, not by length, where hours lie between. */
export function timelineSvg(config: Config, events: readonly LedgerEvent[]): Markup {
  const own = events.filter((e) => 'region' in e && config.train.order.some((r) => r === e.region))
  const times = [...new Set(own.map((e) => e.at))].sort()
  const x = (at: number): number => left + (width * at) / Math.max(1, times.length)
  const rows = config.train.order.map((region, index) => {
    const y = index * lane + 8
    const bars = barsOf(own, region, times)
    return html`<text x="0" y="${String(y + 16)}">${region}</text>${bars.map(
      (bar) =>
        html`<rect x="${x(bar.from).toFixed(1)}" y="${String(y)}" width="${Math.max(2, x(bar.to) - x(bar.from)).toFixed(1)}" height="${String(lane - 12)}" rx="3" fill="${colours[bar.kind] ?? '#ccc'}"><title>${bar.label}</title></rect>`,
    )}`
  })
  const height = config.train.order.length * lane + 34
  const legend = Object.entries(colours).map(([kind, colour], index) => {
    const at = left + index * 110
    return html`<rect x="${String(at)}" y="${String(height - 16)}" width="12" height="12" fill="${colour}"/><text x="${String(at + 17)}" y="${String(height - 6)}">${kind}</text>`
  })
  return html`<svg viewBox="0 0 ${String(left + width)} ${String(height)}" role="img" aria-label="Regions over time">${rows}${legend}</svg>`
}

function barsOf(events: readonly LedgerEvent[], region: string, times: readonly string[]): readonly Bar[] {
  const bars: Bar[] = []
  let open: { kind: string; from: number; at: string } | undefined
  for (const event of events) {
    if (!('region' in event) || event.region !== region) continue
    const kind = event.type === 'pinned' ? (event.group === 'lead' ? 'canary' : 'follow') : opens[event.type]
    if (kind === undefined || kind === open?.kind) continue
    const now = times.indexOf(event.at)
    if (open !== undefined && open.kind !== 'none') bars.push(bar(region, open, now, event.at))
    open = { kind, from: now, at: event.at }
  }
  if (open !== undefined && open.kind !== 'none') bars.push(bar(region, open, times.length, 'now'))
  return bars
}

function bar(
  region: string,
  open: { kind: string; from: number; at: string },
  to: number,
  until: string,
): Bar {
  return { from: open.from, to, kind: open.kind, label: `${region}: ${open.kind}, ${open.at} to ${until}` }
}
