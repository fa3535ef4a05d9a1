import { html, type Markup } from './html.ts'

/** What the canary gate had counted at one look. */
export interface EvidencePoint {
  readonly at: string
  readonly weight: number
  readonly canary: { readonly requests: number; readonly bad: number }
  readonly stable: { readonly requests: number; readonly bad: number }
  /** ln of the evidence that the canary is worse than its margin; null before anything was bet. */
  readonly lnE?: number | null
}

export interface RegionEvidence {
  readonly region: string
  readonly release: string
  readonly points: readonly EvidencePoint[]
  /** How the gate ended, in a sentence. */
  readonly ending: string
  readonly good: boolean
  /** ln of the evidence at which the canary is aborted, once it is co-signed. */
  readonly limit?: number
}

const width = 940
const height = 150
const left = 60

/** Error rate of both arms over the looks, and the weight of the canary behind them. */
export function evidenceSvg(evidence: RegionEvidence): Markup {
  const { region, release, points, ending, good } = evidence
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
${againstLimit(evidence, x)}<p>${good ? 'Passed' : 'Aborted'}: ${ending}${counts === '' ? '' : ` (${counts})`}</p>
`
}

const lane = 70

/** The evidence over the same looks: the dashed line is its limit. A fall below 1 (ln E < 0) is drawn as none. */
function againstLimit(
  { region, points, limit }: RegionEvidence,
  x: (index: number) => number,
): Markup | string {
  if (limit === undefined || limit <= 0 || points.every(({ lnE }) => typeof lnE !== 'number')) return ''
  const top = Math.max(1.25 * limit, ...points.map(({ lnE }) => lnE ?? 0))
  const y = (value: number) => (10 + lane * (1 - Math.max(0, value) / top)).toFixed(1)
  const line = points.map(({ lnE }, at) => `${x(at).toFixed(1)},${y(lnE ?? 0)}`).join(' ')
  return html`<svg viewBox="0 0 ${String(left + width + 10)} ${String(lane + 30)}" role="img" aria-label="${`Evidence against the canary of ${region}, and its limit`}">
<line x1="${String(left)}" x2="${String(left + width)}" y1="${y(limit)}" y2="${y(limit)}" stroke="#777" stroke-dasharray="6 4"/>
<polyline points="${line}" fill="none" stroke="#8e44ad" stroke-width="2"/>
<text x="0" y="${y(limit)}">${limit.toFixed(1)}</text><text x="0" y="${String(lane + 10)}">0</text>
<text x="${String(left)}" y="${String(lane + 26)}">ln E, the evidence that the canary is worse than its margin; dashed: where it is aborted once co-signed</text>
</svg>
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
