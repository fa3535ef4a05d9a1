import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What may be garbage before it is collected, in bytes: a look of the canary gate makes about as much. */
const SPARE = 8 * 2 ** 20

/**
 * Keeps a process that works in short bursts for hours close to what it really holds; to be called before much was
 * allocated. Left alone, V8 doubles the space for new objects with each burst up to 128 MiB and gives none of it back,
 * six times what the canary gate holds in all: it is kept from growing. What was promoted from there is collected after
 * a burst (the answer), once more than `SPARE` and a quarter of what was left the last time has come on top.
 */
export function memoryKeeper(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1')
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
