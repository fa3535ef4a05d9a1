import { pauseMs } from './backoff.ts'
import { type Blocker, describeBlockers, endAutovacuum } from './blockers.ts'
import type { TableLock } from './locks.ts'
import { oldHolders } from './preflight.ts'
import type { Attempt, RunContext, StatementEnd } from './run-context.ts'
import type { Bounds } from './transaction.ts'

export interface Attempts {
  readonly end: StatementEnd
  readonly count: number
  readonly ms: number
  /** What reads and writes of others waited behind us, the longest of each attempt added up. */
  readonly stalledMs: number
}

/** How often a statement may be taken back that had its locks and then needed too long. */
const mostHeld = 5
const lookAgainMs = 500
const tellEveryMs = 10_000

/**
 * Makes short attempts inside two budgets, time and what others had to wait, with growing pauses in which everybody
 * else has the table. Where a transaction is old already, not even that: no lock is asked for until it has ended. It
 * never falls back to waiting: when a budget is spent it gives up, with nothing done.
 */
export async function attempts(
  context: RunContext,
  name: string,
  locks: readonly TableLock[],
  once: (options: Bounds) => Promise<Attempt>,
): Promise<Attempts> {
  const { clock, limits, logger, signal, random, database } = context
  const began = clock.now().getTime()
  const spent = () => clock.now().getTime() - began
  const tell = teller(context)
  let stalledMs = 0
  let held = 0
  for (let attempt = 1; ; ) {
    const finish = (end: StatementEnd): Attempts => ({ end, count: attempt, ms: spent(), stalledMs })
    if (signal.aborted) return finish({ kind: 'cancelled' })
    const old = await oldHolders(database.observer, database.work.pid, locks)
    if (old.length > 0) {
      tell(name, old)
      if (spent() + lookAgainMs > limits.budgetMs) return finish({ kind: 'blocked', blockers: old })
      if (!(await slept(context, lookAgainMs / 2 + (random() * lookAgainMs) / 2)))
        return finish({ kind: 'cancelled' })
      continue
    }

    const boundMs = Math.max(leastBoundMs(context), limits.budgetMs - spent())
    const end = await once({ attempt, boundMs, locks })
    if (end.kind === 'done') {
      stalledMs += end.seen?.stalledMs ?? 0
      return finish(end)
    }
    if (end.kind !== 'again') return finish(end)

    const { seen } = end
    stalledMs += Math.round(seen.stalledMs)
    if (seen.tookBack === 'others-wait' && seen.blockers.length === 0) held += 1
    const pause = pauseMs(attempt, random)
    logger.info(`${name}, attempt ${attempt}: ${why(end, context)}; ${waitedFor(end)}`)
    if (held >= mostHeld || stalledMs + limits.lockTimeoutMs > limits.stallBudgetMs)
      return finish({ kind: 'stalls', stalledMs, blockers: seen.blockers })
    if (spent() + pause + limits.lockTimeoutMs > limits.budgetMs)
      return finish({ kind: 'blocked', blockers: seen.blockers })
    await endAutovacuum(database.observer, seen.blockers)
    if (!(await slept(context, pause))) return finish({ kind: 'cancelled' })
    attempt += 1
  }
}

function why({ error, seen }: Extract<Attempt, { kind: 'again' }>, { limits }: RunContext): string {
  if (seen.tookBack === 'others-wait')
    return `taken back, for others had waited behind it for ${Math.round(seen.stalledMs)} ms`
  if (seen.tookBack === 'unwatched') return 'taken back, for nobody could see who waits behind it'
  return error.code === '55P03' ? `no lock within ${limits.lockTimeoutMs} ms` : error.message
}

function waitedFor({ seen }: Extract<Attempt, { kind: 'again' }>): string {
  if (seen.tookBack === 'others-wait' && seen.blockers.length === 0) return 'it had its locks by then'
  return describeBlockers(seen.blockers)
}

/** Who is waited for is told when it changes, and now and then. */
function teller({ logger, clock }: RunContext): (name: string, old: readonly Blocker[]) => void {
  let last = ''
  let at = 0
  return (name, old) => {
    const who = old.map(({ pid }) => pid).join()
    const now = clock.now().getTime()
    if (who === last && now - at < tellEveryMs) return
    last = who
    at = now
    logger.info(`${name} asks for no lock yet, for it would only stall others: ${describeBlockers(old)}`)
  }
}

/** False when the job was cancelled meanwhile. */
export async function slept({ clock, signal }: RunContext, ms: number): Promise<boolean> {
  try {
    await clock.sleep(ms, signal)
    return true
  } catch (error) {
    if (!signal.aborted) throw error
    return false
  }
}

/** A statement that may run no longer than it may wait would be called too long where it was only blocked. */
function leastBoundMs({ limits }: RunContext): number {
  return 2 * limits.lockTimeoutMs + 1_000
}
