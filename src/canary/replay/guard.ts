import type { Block } from '../judge/types.ts'
import type { Judgement } from '../judge/verdict.ts'
import { burnRules, firing } from '../service/rules.ts'

/** B0 and B3 of a replay: what the policy says of the service as a whole. */
export interface ServiceGuard {
  readonly metric: string
  readonly target: number
  readonly periodDays?: number | undefined
  /** Share of the error budget that was left at the start. */
  readonly budgetLeft?: number | undefined
}

const DAY_MS = 24 * 3_600_000

/** A good canary of a service in trouble holds; a bad one is aborted all the same. */
export function guarded(
  guard: ServiceGuard | undefined,
  judgement: Judgement,
  blocks: readonly Block[],
  blockMs: number,
): Judgement {
  if (guard === undefined || judgement.verdict !== 'promote') return judgement
  const { metric, target, periodDays = 30, budgetLeft } = guard
  if (budgetLeft !== undefined && budgetLeft <= 0) {
    const why = `${judgement.why}; the error budget was spent before the start`
    return { ...judgement, verdict: 'hold', reason: 'canary-budget-spent', why }
  }
  const window = (ms: number) => {
    const sum = { n: 0, e: 0 }
    for (const each of blocks.slice(-Math.max(1, Math.round(ms / blockMs)))) {
      const counts = each.metrics[metric]?.[0]
      sum.n += (counts?.nc ?? 0) + (counts?.ns ?? 0)
      sum.e += (counts?.ec ?? 0) + (counts?.es ?? 0)
    }
    return sum
  }
  const rules = burnRules(periodDays * DAY_MS).filter(({ pages }) => pages)
  const fires = firing(rules, window, target)
  if (fires === undefined) return judgement
  const why = `${judgement.why}; ${fires}, and the canary is not shown to be the cause`
  return { ...judgement, verdict: 'hold', reason: 'canary-service-burning', why }
}
