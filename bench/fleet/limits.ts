/** What GitHub grants one token: content writes (secondary limit, from practice) and requests (documented). */
export interface Limits {
  readonly writesPerMinute: number
  readonly writesPerHour: number
  readonly requestsPerHour: number
}

export const github: Limits = { writesPerMinute: 80, writesPerHour: 500, requestsPerHour: 15_000 }

export interface Meter {
  /** Undefined when granted; else how long GitHub says to wait. */
  write(now: number): number | undefined
  request(now: number): number | undefined
  readonly refused: () => number
}

const minute = 60_000

/** Counts over sliding windows: a refused call is not counted, as a client that waits is not punished. */
export function meter(limits: Limits): Meter {
  const writes: number[] = []
  const requests: number[] = []
  let refused = 0
  const ask = (
    seen: number[],
    now: number,
    bounds: readonly (readonly [number, number])[],
  ): number | undefined => {
    while ((seen[0] ?? now) <= now - 60 * minute) seen.shift()
    for (const [count, span] of bounds) {
      const oldest = seen[seen.length - count]
      if (oldest !== undefined && oldest > now - span) {
        refused += 1
        return Math.max(minute, oldest + span - now)
      }
    }
    seen.push(now)
    return undefined
  }
  return {
    write: (now) =>
      ask(writes, now, [
        [limits.writesPerMinute, minute],
        [limits.writesPerHour, 60 * minute],
      ]),
    request: (now) => ask(requests, now, [[limits.requestsPerHour, 60 * minute]]),
    refused: () => refused,
  }
}
