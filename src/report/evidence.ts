import { html, type Markup } from './html.ts'

/** What the canary gate had counted at one look. */
export interface EvidencePoint {
  readonly at: string
  readonly weight: number
  readonly canary: { readonly requests: number; readonly bad: number }
  readonly stable: { readonly requests: number; readonly bad: number }
}

export interface RegionEvidence {
  readonly region: string
  readonly release: string
  readonly points: readonly EvidencePoint[]
  /** How the gate ended, in a sentence. */
  readonly ending: string
  readonly good: boolean
}

const width = 940
const height = 150
const left = 60

/** Error rate of both arms over the looks, and the weight of the canary behind them. */
export function evidenceSvg({ region, release, points, ending, good }: RegionEvidence): Markup {
  const most = Math.max(0.01, ...points.flatMap((p) => [rate(p.canary), rate(p.stable)]))
  const x = (index: number): number => left + (width * index) / Math.max(1, points.length - 1)
  const y = (part: number): number => 10 + height * (1 - part)
  const line = (value: (p: EvidencePoint) => number): string =>
    points.map((p, i) => `${x(i).toFixed(1)},${y(value(p)).toFixed(1)}`).join(' ')
  const weights = points.map((p, i) => {
    const next = i + 1 < points.length ? x(i + 1) : x(i)
    return html`<rect x="${x(i).toFixed(1)}" y="${y(p.weight / 100).toFixed(1)}" width="${Math.max(0, next - x(i)).toFixed(1)}" height="${((height * p.weight) / 100).toFixed(1)}" fill="#d3dfec"><title>${`${p.at}: ${p.weight} %`}</title></rect>`
  })
  const last = points.at(-1)
  const counts = last === undefined ? '' : `canary ${told(last.canary)}, stable ${told(last.stable)}`
  return html`<h3>${region}, ${release}</h3>
<svg viewBox="0 0 ${String(left + width + 10)} ${String(height + 30)}" role="img" aria-label="${`Canary evidence of ${region}`}">
${weights}
<polyline points="${line((p) => rate(p.stable) / most)}" fill="none" stroke="#2e8b57" stroke-width="2"/>
<polyline points="${line((p) => rate(p.canary) / most)}" fill="none" stroke="#c0392b" stroke-width="2"/>
<text x="0" y="18">${percent(most)}</text><text x="0" y="${String(height + 10)}">0 %</text>
<text x="${String(left)}" y="${String(height + 26)}">errors of the canary (red) and of the stable pods (green); behind them the weight of the canary, 0 to 100 %</text>
</svg>
<p>${good ? 'Passed' : 'Aborted'}: ${ending}${counts === '' ? '' : ` (${counts})`}</p>
`
}

function rate({ requests, bad }: EvidencePoint['canary']): number {
  return requests === 0 ? 0 : bad / requests
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`
}

function told(counts: EvidencePoint['canary']): string {
  return `${counts.bad} of ${counts.requests} bad (${percent(rate(counts))})`
}
