import type { ReasonCode } from '../../release/index.ts'
import { burnAlarms, type Errors } from '../bake/burn.ts'
import type { Block, History, JudgePolicy } from '../judge/types.ts'
import { rateExceeds } from './exact.ts'

/** A judgement without a concurrent baseline: weaker, and said so wherever it is shown. */
export interface AfterJudgement {
  readonly verdict: 'good' | 'bad' | 'few' | 'blind'
  readonly reason: ReasonCode
  readonly why: string
}

export interface AfterOptions {
  readonly blocks: readonly Block[]
  readonly history: History
  readonly policy: JudgePolicy
  /** Start of the first block, and its length, in milliseconds. */
  readonly start: number
  readonly blockMs: number
  /** Since when nothing of the old version serves. */
  readonly from: Date
  readonly slo: number
}

interface Sums {
  n: number
  e: number
}

/** Fewer bad requests than this are no alarm at any ratio. */
const FEWEST_BAD = 5

/**
 * After a cut-over no pod of the old version answers beside the new ones. What is left: the page rules of the burn
 * rate on the new pods (B3), the spend cap (B2), and the rate against that of the old pods before, by an exact test
 * whose alpha is spread over the looks (6 alpha / (pi k)^2 for block k). The hour of day is in that comparison too.
 */
export function judgeAfter(options: AfterOptions): AfterJudgement {
  const { policy, start, blockMs, blocks } = options
  const first = Math.max(0, Math.ceil((options.from.getTime() - start) / blockMs))
  const after = blocks.slice(first)
  if (after.length === 0)
    return { verdict: 'few', reason: 'canary-holding', why: 'no whole block since the cut-over yet' }
  const told: string[] = []
  for (const metric of Object.keys(policy.metrics)) {
    const events = after.map((block, index) => ({
      at: start + (first + index + 1) * blockMs,
      ...sumOf(block, metric, 'canary'),
    }))
    const now = total(events)
    if (now.n === 0)
      return {
        verdict: 'blind',
        reason: 'canary-blind',
        why: `${metric}: no request of the new pods was counted`,
      }
    const before = baseline(options, metric, first)
    const alarm = alarmOf(options, metric, events, now, before)
    if (alarm !== undefined) return alarm
    told.push(`${metric}: ${now.e} of ${now.n}, before ${before.e} of ${before.n}`)
  }
  return {
    verdict: 'good',
    reason: 'canary-good',
    why: `${told.join('; ')} (before and after, no concurrent baseline)`,
  }
}

function alarmOf(
  { policy, slo, history: _, ...options }: AfterOptions,
  metric: string,
  events: readonly Errors[],
  now: Sums,
  before: Sums,
): AfterJudgement | undefined {
  const bad = (reason: ReasonCode, why: string): AfterJudgement => ({
    verdict: 'bad',
    reason,
    why: `${metric}: ${why} (no concurrent baseline)`,
  })
  const rules = policy.metrics[metric]
  if (rules === undefined || now.e < FEWEST_BAD) return undefined
  const rate = now.e / now.n
  const was = before.n === 0 ? undefined : before.e / before.n
  if (rate >= 0.5 && (was === undefined || was < 0.25)) {
    return bad('canary-failing', `${now.e} of ${now.n} requests since the cut-over failed`)
  }
  if (policy.spend?.metric === metric) {
    const { target, periodEvents, share = 0.01 } = policy.spend
    const attributed = now.e - now.n * (was ?? 0)
    if (attributed > share * (1 - target) * periodEvents) {
      return bad(
        'canary-budget',
        `${Math.round(attributed)} bad requests are more than its share of the error budget`,
      )
    }
  }
  const looks = Math.max(1, events.length)
  const alpha = (6 * policy.alpha * rules.weight) / (Math.PI * looks) ** 2
  if (was !== undefined && rate - was > rules.delta && rateExceeds(now, before, rules.ratio) <= alpha) {
    return bad('canary-worse', `${now.e} of ${now.n} since the cut-over, ${before.e} of ${before.n} before`)
  }
  const newest = options.start + options.blocks.length * options.blockMs
  const [burning] = rules.kind === 'errors' ? burnAlarms(events, slo, newest) : []
  return burning === undefined ? undefined : bad('canary-service-burning', `${burning.name}: ${burning.why}`)
}

/** Old pods before the start, and in the blocks up to the cut-over. */
function baseline({ history, blocks }: AfterOptions, metric: string, first: number): Sums {
  const known = history[metric]?.[0] ?? { n: 0, e: 0 }
  const inBlocks = total(blocks.slice(0, first).map((block) => sumOf(block, metric, 'stable')))
  return { n: known.n + inBlocks.n, e: known.e + inBlocks.e }
}

function sumOf(block: Block, metric: string, arm: 'canary' | 'stable'): Sums {
  return total(
    Object.values(block.pods ?? {}).flatMap((pod) => {
      const counts = pod.arm === arm ? pod.metrics[metric] : undefined
      return counts === undefined ? [] : [counts]
    }),
  )
}

function total(parts: readonly { readonly n: number; readonly e: number }[]): Sums {
  return parts.reduce((sum, { n, e }) => ({ n: sum.n + n, e: sum.e + e }), { n: 0, e: 0 })
}
