import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './logger.js'
import { errorKind } from './logger.js'

export interface WorkLoop {
  readonly done: Promise<void>
  stop(): void
  /** False when no round has ended for a minute: the process hangs and should be restarted. */
  isAlive(): boolean
}

const LONGEST_PAUSE_MS = 10_000
const STUCK_MS = 60_000

/**
 * Calls `round` again and again: at once while there is work, after `idleMs` when there was none, and with
 * growing pauses after an error, so that a database that comes back is not met by a stampede.
 */
export function startWorkLoop(round: () => Promise<number>, idleMs: number, log: Log): WorkLoop {
  const abort = new AbortController()
  let lastEnd = Date.now()
  const run = async () => {
    let errors = 0
    while (!abort.signal.aborted) {
      let pause = 0
      try {
        pause = (await round()) > 0 ? 0 : idleMs
        errors = 0
      } catch (error) {
        errors += 1
        pause = Math.min(LONGEST_PAUSE_MS, 200 * 2 ** Math.min(errors, 6)) * (0.5 + Math.random() / 2)
        log.warn('a round failed and is tried again', { error: errorKind(error), count: errors })
      }
      lastEnd = Date.now()
      await sleep(pause, undefined, { signal: abort.signal }).catch(() => {})
    }
  }
  return { done: run(), stop: () => abort.abort(), isAlive: () => Date.now() - lastEnd < STUCK_MS }
}
