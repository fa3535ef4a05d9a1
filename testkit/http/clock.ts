/**
 * The time a stand-in lives in. A release that takes a day in the world takes seconds in the demo: every
 * wait and every timestamp of the stand-ins comes from one of these, none from `Date.now()`.
 */
export interface SimClock {
  now(): Date
  /** Calls `run` once, `ms` of this clock from now. Returns how to call it off. */
  after(ms: number, run: () => void): () => void
}

export interface ScaledClock extends SimClock {
  readonly speed: number
  /** Skips `ms` ahead; what falls due on the way runs in its order. */
  jump(ms: number): void
  setSpeed(speed: number): void
  /** Ends all timers, so that a process can exit. */
  close(): void
}

export interface ManualClock extends SimClock {
  /** Moves on to each timer that falls due, and lets what it started settle before the next. */
  advance(ms: number): Promise<void>
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Timers by due time, then by the order in which they were asked for. */
function timerQueue() {
  let timers: Timer[] = []
  let order = 0
  return {
    add(at: number, run: () => void): () => void {
      const timer = { at, order: order++, run }
      timers.push(timer)
      timers.sort((a, b) => a.at - b.at || a.order - b.order)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    next: (): Timer | undefined => timers[0],
    take(until: number): Timer | undefined {
      const first = timers[0]
      if (first === undefined || first.at > until) return undefined
      timers.shift()
      return first
    },
    clear: () => {
      timers = []
    },
  }
}

/** `speed` seconds of this clock pass in one real second. */
export function scaledClock(options: { speed?: number; start?: Date } = {}): ScaledClock {
  let speed = options.speed ?? 1
  let base = (options.start ?? new Date()).getTime()
  let since = performance.now()
  const queue = timerQueue()
  let wake: NodeJS.Timeout | undefined
  const now = () => base + (performance.now() - since) * speed

  const arm = () => {
    clearTimeout(wake)
    wake = undefined
    const next = queue.next()
    if (next === undefined) return
    // setTimeout counts in 32 bits: a longer wait is armed again when that much has passed.
    wake = setTimeout(fire, Math.min(Math.max(0, (next.at - now()) / speed), 2 ** 31 - 1))
    wake.unref()
  }
  const fire = () => {
    for (let timer = queue.take(now()); timer !== undefined; timer = queue.take(now())) timer.run()
    arm()
  }
  const rebase = () => {
    base = now()
    since = performance.now()
  }
  return {
    get speed() {
      return speed
    },
    now: () => new Date(now()),
    after(ms, run) {
      const cancel = queue.add(now() + Math.max(0, ms), run)
      arm()
      return () => {
        cancel()
        arm()
      }
    },
    jump(ms) {
      rebase()
      base += ms
      arm()
    },
    setSpeed(next) {
      rebase()
      speed = next
      arm()
    },
    close() {
      clearTimeout(wake)
      queue.clear()
    },
  }
}

/** Stands still until it is told to move: for tests that ask for an exact moment. */
export function manualClock(options: { start?: Date } = {}): ManualClock {
  let time = (options.start ?? new Date('2026-01-06T09:00:00Z')).getTime()
  const queue = timerQueue()
  // Timers start promise chains and real I/O (a git process, a scrape). A turn of the event loop lets
  // promise chains settle; code that does I/O is awaited by its own tests.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    now: () => new Date(time),
    after: (ms, run) => queue.add(time + Math.max(0, ms), run),
    async advance(ms) {
      const end = time + ms
      await settle()
      for (let timer = queue.take(end); timer !== undefined; timer = queue.take(end)) {
        time = Math.max(time, timer.at)
        timer.run()
        await settle()
      }
      time = end
      await settle()
    },
  }
}
