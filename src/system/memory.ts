import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What may be garbage before it is collected, in bytes: a look of the canary gate makes about as much. */
const SPARE = 8 * 2 ** 20

/**
 * Keeps a process that works in short bursts for hours close to what it really holds. V8 lets garbage pile up in
 * proportion to the memory of the machine, which a small runner shares with other jobs: called after each burst, this
 * collects once more than `SPARE` and a quarter of what was left the last time has come on top.
 */
export function memoryKeeper(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  let held = 0
  return () => {
    if (getHeapStatistics().used_heap_size < 1.25 * held + SPARE) return
    collect()
    held = getHeapStatistics().used_heap_size
  }
}
