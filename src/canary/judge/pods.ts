import { binomialTail } from './numbers.ts'
import type { Block, Counts } from './types.ts'

/** Requests and bad ones of each canary pod, of one metric, summed over the blocks so far. */
export type PodTotals = ReadonlyMap<string, { readonly n: number; readonly e: number }>

/** Sums that grow with the blocks: asked after each of them, the earlier ones are not added again. */
export function podSums(blocks: readonly Block[]): (metric: string, upTo: number) => PodTotals {
  const sums = new Map<string, { next: number; totals: Map<string, { n: number; e: number }> }>()
  return (metric, upTo) => {
    const sum = sums.get(metric) ?? { next: 0, totals: new Map<string, { n: number; e: number }>() }
    sums.set(metric, sum)
    for (; sum.next < upTo; sum.next++) {
      const block = blocks[sum.next]
      if (block?.pods === undefined || block.excluded === true) continue
      for (const [pod, { arm, metrics }] of Object.entries(block.pods)) {
        const of = metrics[metric]
        if (arm !== 'canary' || of === undefined) continue
        const own = sum.totals.get(pod) ?? { n: 0, e: 0 }
        sum.totals.set(pod, { n: own.n + of.n, e: own.e + of.e })
      }
    }
    return sum.totals
  }
}

/** Share of the canary's bad requests beyond the stable rate that one pod has, for it to be suspected alone. */
const MOST = 0.8

/**
 * The one canary pod that nearly all errors beyond the stable rate come from, when that cannot be chance: a node or a
 * connection may be bad instead of the version. What the stable pods fail as well is nobody's, so among ten pods at a
 * base rate of 1 % the bad one is still seen. With a single canary pod nothing can be told apart.
 */
export function lonePod(
  totals: PodTotals,
  stableRate: number,
): { readonly pod: string; readonly share: number } | undefined {
  if (totals.size < 2) return undefined
  const excess = ({ n, e }: { readonly n: number; readonly e: number }) => e - n * stableRate
  let top: { pod: string; n: number; e: number } | undefined
  let n = 0
  let e = 0
  for (const [pod, counts] of totals) {
    n += counts.n
    e += counts.e
    if (top === undefined || excess(counts) > excess(top)) top = { pod, ...counts }
  }
  if (top === undefined || e === 0 || n === 0) return undefined
  const share = excess({ n, e }) <= 0 ? 0 : Math.min(1, excess(top) / excess({ n, e }))
  if (share <= MOST || top.n / n > 0.9) return undefined
  // Any of the pods could have been the one: Bonferroni over them.
  const chance = binomialTail(top.e, e, top.n / n) * totals.size
  return chance <= 0.01 ? { pod: top.pod, share } : undefined
}

/** The block as it would have been without the pod. */
export function withoutPod(block: Block, pod: string): Block {
  const own = block.pods?.[pod]
  if (own === undefined) return block
  const metrics: Record<string, readonly Counts[]> = {}
  for (const [name, cuts] of Object.entries(block.metrics)) {
    const taken = own.metrics[name]
    metrics[name] = cuts.map((counts, cut) => {
      if (taken === undefined || cut > 0) return counts
      const nc = Math.max(0, counts.nc - taken.n)
      return { ...counts, nc, ec: Math.min(nc, Math.max(0, counts.ec - taken.e)) }
    })
  }
  return { ...block, metrics }
}
