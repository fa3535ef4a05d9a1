import { type Blocker, blockerColumns, describeBlockers, toBlocker } from './blockers.ts'
import type { RunContext } from './run-context.ts'

/** What the second connection saw while a statement of ours was under way. */
export interface Seen {
  /** The last transactions that it waited for. */
  readonly blockers: readonly Blocker[]
  /** Longest that anybody's read or write waited behind it. */
  readonly stalledMs: number
  /** Why the watch took the statement back. */
  readonly tookBack?: 'others-wait' | 'unwatched'
}

export const nothingSeen: Seen = { blockers: [], stalledMs: 0 }

/** Looks are close together at first, when a stall would begin. */
const firstMs = 2_000
const closeMs = 20
const wideMs = 100
/** Longest that a statement goes on while nobody can see who waits behind it. */
const blindMs = 2_000
const tellAfterMs = 5_000

/**
 * Runs `body` under the eyes of the observer, which takes our statement back when reads or writes of others have
 * waited behind it for longer than they may. It has to look while the wait lasts: afterwards the server knows nothing.
 * `blind`: what cannot be watched is taken back too.
 */
export async function underWatch<T>(
  context: RunContext,
  options: { readonly name: string; readonly blind: 'take-back' | 'go-on' },
  body: () => Promise<T>,
): Promise<{ readonly value: T; readonly seen: Seen }> {
  const began = context.clock.now().getTime()
  const elapsed = () => context.clock.now().getTime() - began
  let seen: Seen = nothingSeen
  let lastLook = 0
  let told = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    try {
      const now = await readWaits(context)
      if (stopped) return
      lastLook = elapsed()
      seen = {
        ...seen,
        blockers: now.blockers.length > 0 ? now.blockers : seen.blockers,
        stalledMs: Math.max(seen.stalledMs, now.stalledMs),
      }
      if (now.blockers.length > 0 && lastLook - told > tellAfterMs) {
        told = lastLook
        context.logger.info(`${options.name} waits: ${describeBlockers(now.blockers)}`)
      }
      if (now.stalledMs >= context.limits.stallMs) await takeBack('others-wait')
    } catch {
      if (!stopped && options.blind === 'take-back' && elapsed() - lastLook > blindMs)
        await takeBack('unwatched')
    }
    if (!stopped) later()
  }

  async function takeBack(why: NonNullable<Seen['tookBack']>): Promise<void> {
    seen = { ...seen, tookBack: why }
    await cancelWork(context)
  }

  function later(): void {
    timer = setTimeout(
      () => {
        looking = look()
      },
      elapsed() < firstMs ? closeMs : wideMs,
    )
  }

  later()
  try {
    const value = await body()
    return { value, seen: await stop() }
  } finally {
    await stop()
  }

  async function stop(): Promise<Seen> {
    stopped = true
    clearTimeout(timer)
    await looking
    return seen
  }
}

/** By the other session, or, where that is gone, by the protocol's own request, which needs no free connection. */
export async function cancelWork({ database }: RunContext): Promise<void> {
  const { observer, work } = database
  await observer.query('select pg_cancel_backend($1)', [work.pid], 3_000).catch(() => work.cancel())
}

/** Waits of reads and writes; other changes of the schema that wait behind an index build are not traffic. */
async function readWaits({ database }: RunContext): Promise<Omit<Seen, 'tookBack'>> {
  const rows = await database.observer.query(
    `select 'before' as side, 0::float8 as waited, ${blockerColumns}
       from pg_stat_activity a where a.pid = any (pg_blocking_pids($1))
     union all
     select 'behind', coalesce(extract(epoch from clock_timestamp() - l.waitstart) * 1000, 0)::float8, ${blockerColumns}
       from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and l.pid <> $1
        and (l.mode in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock') or l.locktype in ('transactionid', 'tuple'))
        and $1 = any (pg_blocking_pids(l.pid))`,
    [database.work.pid],
    5_000,
  )
  const before = rows.filter((row) => row.side === 'before')
  const behind = rows.filter((row) => row.side === 'behind')
  return {
    blockers: before
      .map(toBlocker)
      .sort((a, b) => b.transactionSeconds - a.transactionSeconds)
      .slice(0, 5),
    stalledMs: Math.max(0, ...behind.map((row) => Number(row.waited))),
  }
}
