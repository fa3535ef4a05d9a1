import type { Log } from './logger.js'
import { errorKind } from './logger.js'

/**
 * Ends a process the way Kubernetes expects it: the signal makes it unready, `drainMs` later, when routers
 * have learnt of that, it stops taking work, and the steps run in order. A second signal ends it at once.
 */
export function onShutdown(
  log: Log,
  drainMs: number,
  unready: () => void,
  steps: readonly (() => Promise<void>)[],
): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130)
    stopping = true
    log.info(`${signal}: draining`, { durationMs: drainMs })
    unready()
    await new Promise((resolve) => setTimeout(resolve, drainMs))
    let failed = false
    for (const step of steps) {
      await step().catch((error: unknown) => {
        failed = true
        log.error('a step of the shutdown failed', { error: errorKind(error) })
      })
    }
    log.info('stopped')
    process.exit(failed ? 1 : 0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
