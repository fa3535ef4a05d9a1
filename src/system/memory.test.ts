import { getHeapStatistics } from 'node:v8'
import { expect, it } from 'vitest'
import { memoryKeeper } from './memory.ts'

it('keeps what a process holds near what it needs, however much it throws away', () => {
  const keep = memoryKeeper()
  keep()
  const start = getHeapStatistics().used_heap_size
  let most = 0
  let kept: unknown
  for (let burst = 0; burst < 40; burst++) {
    // About 8 MB of small objects, none of which outlives the next burst.
    kept = Array.from({ length: 100_000 }, (_, at) => ({ at, burst }))
    keep()
    most = Math.max(most, getHeapStatistics().used_heap_size)
  }
  expect(kept).toHaveLength(100_000)
  expect(most - start).toBeLessThan(60 * 2 ** 20)
})
