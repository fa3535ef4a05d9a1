import { pauseMs } from './backoff.ts'
import { describeBlockers, watchBlockers } from './blockers.ts'
import type { Attempt, RunContext, StatementEnd } from './run-context.ts'

export interface Attempts {
  readonly end: StatementEnd
  readonly count: number
  readonly ms: number
}

/** Waits of this kind may last; who is waited for is told now and then. */
const lookEveryMs = 1_000

/**
 * Makes short attempts inside the budget, with growing pauses in which everybody else has the table. It never
 * falls back to waiting: when the budget is spent it gives up, with nothing done.
 */
export async function attempts(
  context: RunContext,
  name: string,
  once: (options: { readonly attempt: number; readonly boundMs: number }) => Promise<Attempt>,
): Promise<Attempts> {
  const { clock, limits, logger, signal, random, database } = context
  const began = clock.now().getTime()
  const spent = () => clock.now().getTime() - began
  for (let attempt = 1; ; attempt += 1) {
    const finish = (end: StatementEnd): Attempts => ({ end, count: attempt, ms: spent() })
    if (signal.aborted) return finish({ kind: 'cancelled' })
    const lookMs = Math.min(lookEveryMs, Math.max(10, Math.floor(limits.lockTimeoutMs / 4)))
    const watch = watchBlockers(database.observer, database.work.pid, lookMs)
    const cancel = cancelOnAbort(context)
    const end = await once({ attempt, boundMs: Math.max(leastBoundMs(context), limits.budgetMs - spent()) })
    await cancel.release()
    const blockers = await watch.stop()
    if (end.kind !== 'again') return finish(end)

    const pause = pauseMs(attempt, random)
    const why = end.error.code === '55P03' ? `no lock within ${limits.lockTimeoutMs} ms` : end.error.message
    logger.info(`${name}, attempt ${attempt}: ${why}; ${describeBlockers(blockers)}`)
    if (spent() + pause + limits.lockTimeoutMs > limits.budgetMs) return finish({ kind: 'blocked', blockers })
    try {
      await clock.sleep(pause, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return finish({ kind: 'cancelled' })
    }
  }
}

/** A statement that may run no longer than it may wait would be called too long where it was only blocked. */
function leastBoundMs({ limits }: RunContext): number {
  return 2 * limits.lockTimeoutMs + 1_000
}

/** A cancelled job takes its statement back at once, from the other session: the first one is busy with it. */
function cancelOnAbort({ signal, database }: RunContext): { release(): Promise<void> } {
  let asked: Promise<unknown> = Promise.resolve()
  const cancel = () => {
    asked = database.observer
      .query('select pg_cancel_backend($1)', [database.work.pid], 3_000)
      .catch(() => {})
  }
  signal.addEventListener('abort', cancel, { once: true })
  return {
    async release() {
      signal.removeEventListener('abort', cancel)
      await asked
    },
  }
}
