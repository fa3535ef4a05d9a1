import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** In a process of its own: the flags are those of the whole process. */
const program = `
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { memoryKeeper } from ${JSON.stringify(join(import.meta.dirname, 'memory.ts'))}
const tidy = process.argv[1] === 'kept' ? memoryKeeper() : () => undefined
let held
for (let burst = 0; burst < 30; burst++) {
  // Some megabytes of small objects, none of which outlives the next burst.
  held = Array.from({ length: 100_000 }, (_, at) => ({ at, burst }))
  tidy()
}
const size = (name) => getHeapSpaceStatistics().find(({ space_name }) => space_name === name).space_size
console.log(JSON.stringify({ fresh: size('new_space'), heap: getHeapStatistics().total_heap_size, last: held.length }))
`

function sizes(how: 'kept' | 'left'): { readonly fresh: number; readonly heap: number } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, how], {
    encoding: 'utf8',
  })
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as ReturnType<typeof sizes>
}

it('keeps the heap of a process small, however much it throws away', () => {
  const [kept, left] = [sizes('kept'), sizes('left')]
  expect(kept.fresh).toBeLessThanOrEqual(4 * 2 ** 20)
  expect(left.fresh).toBeGreaterThan(kept.fresh * 4)
  expect(kept.heap).toBeLessThan(left.heap)
})
