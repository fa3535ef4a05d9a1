import { rates } from './alarm.ts'
import { judge } from './judge.ts'
import { smallestDetectable } from './power.ts'
import { trafficStopped } from './traffic.ts'
import type { Alarm, Block, Counts, History, JudgePolicy, Look } from './types.ts'

export type CanaryReason =
  | 'canary-good'
  | 'canary-worse'
  | 'canary-failing'
  | 'canary-budget'
  | 'canary-over-limit'
  | 'canary-one-pod'
  | 'canary-suspicious'
  | 'canary-blind'
  | 'canary-service-burning'
  | 'canary-budget-spent'
  | 'canary-too-few-requests'
  | 'canary-too-few-samples'

/** What is missing for a promotion, by metric. */
export type Sufficiency = {
  readonly metric: string
  readonly requests: number
  readonly neededRequests: number
  /** Share of the blocks (without the excluded ones) that carry the metric. */
  readonly present: number
  /** The smallest error rate of the canary that these counts could have shown. */
  readonly smallestDetectable?: number
}

export interface Judgement {
  readonly verdict: 'promote' | 'abort' | 'inconclusive' | 'hold'
  readonly reason: CanaryReason
  readonly why: string
  /** Block of the alarm, or the last one. */
  readonly block: number
  readonly looks: readonly Look[]
  readonly sufficiency: readonly Sufficiency[]
  readonly alarm?: Alarm
}

/** Missing blocks at the end after which the gate calls itself blind. */
const BLIND_RUN = 3
const BLIND_SHARE = 0.2

/**
 * Evidence over the limit that nothing has co-signed yet is either the first blocks of a defect or one clump. The
 * share engine gains at most ln(1/theta) a block, 0.51 at a weight of 50 %, and has to come from half the capital to
 * ln 100 where there is no history: a defect that lasts is co-signed within eleven blocks. Until then nothing is
 * promoted on top of it.
 */
const COSIGN_BLOCKS = 12

/** The verdict on all blocks up to now. Whether the minimum time of a step is over is not asked here. */
export function conclude(policy: JudgePolicy, blocks: readonly Block[], history: History = {}): Judgement {
  return concludeOn(policy, blocks, judge(policy, blocks, history))
}

/** The verdict by looks that are there already, one for each of the blocks. */
export function concludeOn(policy: JudgePolicy, blocks: readonly Block[], looks: readonly Look[]): Judgement {
  const last = looks.at(-1)
  // A metric of weight 0 is a guard: it may end the canary and is no ground to go on or to wait.
  const judged = Object.entries(policy.metrics).filter(([, { weight }]) => weight > 0)
  const sufficiency = judged.map(([metric]) => sufficiencyOf(metric, policy, blocks, last))
  const base = { block: last?.block ?? 0, looks, sufficiency }
  if (last?.alarm !== undefined) {
    return {
      ...base,
      verdict: 'abort',
      reason: last.alarm.reason,
      why: `${last.alarm.metric}: ${last.alarm.why}`,
      alarm: last.alarm,
    }
  }
  if (last?.suspect !== undefined) {
    return { ...base, verdict: 'hold', reason: 'canary-one-pod', why: last.suspect.why }
  }
  const blind = sufficiency.find(
    (each) => each.present < 1 - BLIND_SHARE || missingAtEnd(each.metric, blocks) >= BLIND_RUN,
  )
  if (blind !== undefined) {
    const why = blindness(blind, last)
    return { ...base, verdict: 'hold', reason: 'canary-blind', why }
  }
  const cutOff = judged.map(([metric]) => trafficStopped(metric, blocks)).find((each) => each !== undefined)
  if (cutOff !== undefined) return { ...base, verdict: 'hold', reason: 'canary-blind', why: cutOff }
  const few = sufficiency.find((each) => each.requests < each.neededRequests)
  if (few !== undefined) {
    const why = `${few.metric}: the canary answered ${few.requests} requests beside the stable pods, ${few.neededRequests} are needed to see a defect`
    return { ...base, verdict: 'inconclusive', reason: 'canary-too-few-requests', why }
  }
  const thin = sufficiency.find((each) => each.present < (policy.presence ?? 0.9))
  if (thin !== undefined) {
    const why = `${thin.metric}: only ${Math.round(100 * thin.present)} % of the blocks were scraped`
    return { ...base, verdict: 'inconclusive', reason: 'canary-too-few-samples', why }
  }
  const why = last?.metrics.map((each) => `${each.name}: ${rates(each.counts)}`).join('; ') ?? ''
  const over = looks.length - 1 - looks.findLastIndex((look) => look.ln < look.limit)
  if (over > 0 && over < COSIGN_BLOCKS) {
    return { ...base, verdict: 'hold', reason: 'canary-suspicious', why: `${why}, for ${over} blocks` }
  }
  return { ...base, verdict: 'promote', reason: 'canary-good', why }
}

function sufficiencyOf(
  metric: string,
  policy: JudgePolicy,
  blocks: readonly Block[],
  last: Look | undefined,
): Sufficiency {
  const margin = policy.metrics[metric] ?? { ratio: 1, delta: 0 }
  const counts: Counts = last?.metrics.find((each) => each.name === metric)?.counts ?? {
    nc: 0,
    ec: 0,
    ns: 0,
    es: 0,
  }
  const seen = blocks.slice(0, last?.block ?? 0).filter((each) => each.excluded !== true)
  const present = seen.filter((each) => each.metrics[metric] !== undefined).length
  const smallest = smallestDetectable(counts, policy.alpha, margin)
  return {
    metric,
    requests: counts.nc,
    neededRequests: policy.minimumRequests?.[metric] ?? Math.ceil(Math.log(100) / (5 * margin.delta)),
    present: seen.length === 0 ? 0 : present / seen.length,
    ...(smallest === undefined ? {} : { smallestDetectable: smallest }),
  }
}

function blindness({ metric, present }: Sufficiency, last: Look | undefined): string {
  if (last === undefined) return `${metric}: no whole block of samples yet`
  const missing = Math.round(100 * (1 - present))
  return missing === 0
    ? `${metric}: no block with samples of both arms yet`
    : `${metric}: ${missing} % of the blocks have no sample of both arms`
}

function missingAtEnd(metric: string, blocks: readonly Block[]): number {
  let run = 0
  for (let at = blocks.length - 1; at >= 0; at--) {
    const block = blocks[at]
    if (block?.excluded === true) continue
    if (block?.metrics[metric] !== undefined) break
    run++
  }
  return run
}
