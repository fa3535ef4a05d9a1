import type { Clock } from '../release/index.ts'

/** setTimeout takes 2^31 - 1 ms at most and fires at once above it: 24.8 days. */
const longestTimer = 2 ** 31 - 1

export function systemClock(): Clock {
  return {
    now: () => new Date(),
    async sleep(ms, signal) {
      for (let left = ms; left > 0; left -= longestTimer) await nap(Math.min(left, longestTimer), signal)
      signal.throwIfAborted()
    },
  }
}

function nap(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    function stop(): void {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
