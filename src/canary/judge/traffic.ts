import type { Block } from './types.ts'

/** Requests that should have come to an arm while none did: fewer than one in twenty thousand such runs is chance. */
const EXPECTED = 10
const SHORTEST_RUN = 3

/**
 * Says so when one arm has stopped to get requests while the other still has them: what came before is no ground to go
 * on. At less than a request a block an empty block is nothing, so the run is measured against the share before it.
 */
export function trafficStopped(metric: string, blocks: readonly Block[]): string | undefined {
  const seen = blocks.flatMap((block) =>
    block.excluded === true ? [] : (block.metrics[metric]?.slice(0, 1) ?? []),
  )
  for (const [arm, n, other] of [
    ['canary', 'nc', 'ns'],
    ['stable pods', 'ns', 'nc'],
  ] as const) {
    const last = seen.findLastIndex((counts) => counts[n] > 0)
    const [before, after] = [seen.slice(0, last + 1), seen.slice(last + 1)]
    const sum = (of: typeof seen, key: 'nc' | 'ns') => of.reduce((all, counts) => all + counts[key], 0)
    const beside = sum(before, other)
    if (after.length < SHORTEST_RUN || beside === 0) continue
    const expected = (sum(before, n) / beside) * sum(after, other)
    if (expected < EXPECTED) continue
    return `${metric}: no request has reached the ${arm} for ${after.length} blocks, about ${Math.round(expected)} should have`
  }
  return undefined
}
