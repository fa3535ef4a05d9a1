import type { Look } from '../judge/types.ts'
import type { Judgement } from '../judge/verdict.ts'
import { type EvidenceSummary, evidenceOf } from '../replay/replay.ts'

/** One block of the chart in the report. */
export type TimelinePoint = {
  readonly block: number
  /** Seconds since the start of the evidence. */
  readonly seconds: number
  readonly weight: number
  readonly lnE: number | null
  /** Cumulative, by metric. */
  readonly metrics: Readonly<
    Record<string, { readonly nc: number; readonly ec: number; readonly ns: number; readonly es: number }>
  >
}

// Types and not interfaces: they are written out as JSON, and an interface fits no index signature.
export type GateRecord = {
  readonly version: 1
  readonly digest: string
  readonly rollout: string
  readonly weight: number
  readonly blockSeconds: number
  /** What a cancelled job does to the rollout. */
  readonly onCancel: 'leave' | 'abort'
  /** Start of the evidence; absent when no canary was seen. */
  readonly start?: string
  readonly limit?: number
  readonly timeline: readonly TimelinePoint[]
  readonly decisions: readonly { readonly at: string; readonly weight: number; readonly what: string }[]
  readonly evidence?: EvidenceSummary & { readonly why: string }
  /** Budget and burn rules of the service as a whole, where it has an SLO. */
  readonly service?: { readonly state: string; readonly why: string }
}

/** More points than a chart has pixels for are thinned out; the first, the last and the alarm stay. */
const MOST_POINTS = 240

export interface WeightAt {
  readonly at: number
  readonly weight: number
}

export function timeline(
  looks: readonly Look[],
  start: number,
  blockMs: number,
  weights: readonly WeightAt[],
): readonly TimelinePoint[] {
  const every = Math.max(1, Math.ceil(looks.length / MOST_POINTS))
  const kept = looks.filter(
    (look, index) => index % every === 0 || index === looks.length - 1 || look.alarm !== undefined,
  )
  return kept.map((look) => {
    const end = start + look.block * blockMs
    return {
      block: look.block,
      seconds: (look.block * blockMs) / 1000,
      weight: weights.findLast((each) => each.at <= end)?.weight ?? 0,
      lnE: Number.isFinite(look.ln) ? Math.round(look.ln * 1e4) / 1e4 : null,
      metrics: Object.fromEntries(look.metrics.map(({ name, counts }) => [name, counts])),
    }
  })
}

export function evidenceRecord(judgement: Judgement | undefined): GateRecord['evidence'] {
  return judgement === undefined ? undefined : { why: judgement.why, ...evidenceOf(judgement) }
}

export function gateRecord(
  options: {
    readonly digest: string
    readonly target: { readonly name: string }
    readonly blockMs: number
    readonly onCancel: GateRecord['onCancel']
  },
  { evidenceStart: start, weights }: { readonly evidenceStart?: Date; readonly weights: readonly WeightAt[] },
  judgement: Judgement | undefined,
  weight: number,
  decisions: GateRecord['decisions'],
): GateRecord {
  const looks = judgement?.looks ?? []
  const limit = looks[0]?.limit
  const evidence = evidenceRecord(judgement)
  return {
    version: 1,
    digest: options.digest,
    rollout: options.target.name,
    weight,
    blockSeconds: options.blockMs / 1000,
    onCancel: options.onCancel,
    timeline: start === undefined ? [] : timeline(looks, start.getTime(), options.blockMs, weights),
    decisions,
    ...(start === undefined ? {} : { start: start.toISOString() }),
    ...(limit === undefined ? {} : { limit }),
    ...(evidence === undefined ? {} : { evidence }),
  }
}
