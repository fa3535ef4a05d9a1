import type { Tally } from './types.ts'

/** One metric and cut: what each pod answered in one block. */
export type PodTallies = Readonly<Record<string, Tally>>

/** Half an hour of blocks of 15 s; less says little of how rarely a pod goes astray. */
const FEWEST_MS = 30 * 60_000
/** Errors expected of all blocks together, below which a chi-square of counts means nothing. */
const FEWEST_EXPECTED = 5

/**
 * phi: how much wider than independent requests the stable pods scatter around their common rate, as Pearson's
 * chi-square per degree of freedom, at the block length and at a minute (clumps longer than a block show only
 * there). Never below 1; undefined when the history is too short to tell.
 */
export function dispersion(blocks: readonly PodTallies[], blockMs: number): number | undefined {
  if (blocks.length * blockMs < FEWEST_MS - blockMs) return undefined
  const perMinute = Math.max(1, Math.round(60_000 / blockMs))
  const short = pearson(blocks)
  if (short === undefined) return undefined
  return Math.max(1, short, pearson(joined(blocks, perMinute)) ?? 1)
}

/** The rate is pooled within each block: what hits all pods alike is no dispersion between them. */
function pearson(blocks: readonly PodTallies[]): number | undefined {
  let chiSquare = 0
  let freedom = 0
  let expectedSum = 0
  for (const block of blocks) {
    const pods = Object.values(block).filter(({ n }) => n > 0)
    const n = pods.reduce((sum, each) => sum + each.n, 0)
    const e = pods.reduce((sum, each) => sum + each.e, 0)
    if (pods.length < 2 || e === 0 || e === n) continue
    const rate = e / n
    for (const pod of pods) chiSquare += (pod.e - pod.n * rate) ** 2 / (pod.n * rate * (1 - rate))
    freedom += pods.length - 1
    expectedSum += e
  }
  return freedom === 0 || expectedSum < FEWEST_EXPECTED ? undefined : chiSquare / freedom
}

function joined(blocks: readonly PodTallies[], size: number): readonly PodTallies[] {
  if (size === 1) return blocks
  const made: PodTallies[] = []
  for (let at = 0; at + size <= blocks.length; at += size) {
    const sum: Record<string, { n: number; e: number }> = {}
    for (const block of blocks.slice(at, at + size)) {
      for (const [pod, { n, e }] of Object.entries(block)) {
        const own = sum[pod] ?? { n: 0, e: 0 }
        sum[pod] = { n: own.n + n, e: own.e + e }
      }
    }
    made.push(sum)
  }
  return made
}
