import { binomialTail } from './numbers.ts'
import type { Block, Counts } from './types.ts'

/** Requests and bad ones of each canary pod, of one metric, summed over the blocks so far. */
export type PodTotals = ReadonlyMap<string, { readonly n: number; readonly e: number }>

export function podTotals(blocks: readonly Block[], metric: string): PodTotals {
  const totals = new Map<string, { n: number; e: number }>()
  for (const block of blocks) {
    if (block.pods === undefined || block.excluded === true) continue
    for (const [pod, counts] of Object.entries(block.pods)) {
      const of = counts.metrics[metric]
      if (counts.arm !== 'canary' || of === undefined) continue
      const before = totals.get(pod) ?? { n: 0, e: 0 }
      totals.set(pod, { n: before.n + of.n, e: before.e + of.e })
    }
  }
  return totals
}

/**
 * The one canary pod that nearly all errors come from, when that cannot be chance: a node or a connection may be
 * bad instead of the version. With a single canary pod nothing can be told apart.
 */
export function lonePod(totals: PodTotals): { readonly pod: string; readonly share: number } | undefined {
  if (totals.size < 2) return undefined
  let top: { pod: string; n: number; e: number } | undefined
  let n = 0
  let e = 0
  for (const [pod, counts] of totals) {
    n += counts.n
    e += counts.e
    if (top === undefined || counts.e > top.e) top = { pod, ...counts }
  }
  if (top === undefined || e === 0 || n === 0) return undefined
  const share = top.e / e
  if (share <= 0.9 || top.n / n > 0.9) return undefined
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
    metrics[name] = cuts.map((counts, cut) =>
      taken === undefined || cut > 0
        ? counts
        : { ...counts, nc: Math.max(0, counts.nc - taken.n), ec: Math.max(0, counts.ec - taken.e) },
    )
  }
  return { ...block, metrics }
}
