import type { Clock } from '../../release/index.ts'

export interface Bound {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Give up after this long. */
  readonly withinMs: number
  readonly everyMs?: number
}

/** Asks again and again until an answer comes or the bound is reached; the last question is asked at the bound. */
export async function until<T>(bound: Bound, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = bound.clock.now().getTime() + bound.withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    const left = end - bound.clock.now().getTime()
    if (left <= 0) return undefined
    await bound.clock.sleep(Math.min(bound.everyMs ?? 100, left), bound.signal)
  }
}
