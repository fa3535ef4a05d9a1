import { type Limits, meter } from './limits.ts'

/** A Tuesday of a fleet in simulated time: every service wants to carry one release through its first region. */
export interface Fleet {
  readonly services: number
  /** GitOps repositories; a service belongs to one. */
  readonly shards: number
  /** Tokens, each with its own limits; a shard uses one of them. */
  readonly tokens: number
  /** `push` is plain Git: a compare-and-swap by the ref, outside of the limits on content writes. */
  readonly writer: 'api' | 'push'
  readonly limits: Limits
  readonly seed: number
}

export interface Day {
  readonly commits: number
  readonly conflicts: number
  readonly limited: number
  readonly lateStarts: number
  readonly tickP95Ms: number
  /** Minutes from the opening until every first region that could start is verified. */
  readonly doneMinutes: number
}

const minute = 60_000
const tickMs = 15 * minute
const opening = 180 * minute
/** The commits of one region and the least time before each: pin, canary passed, the others, live, verified. */
const gaps = [0, 50 * minute, 0, 2 * minute, 30 * minute] as const
/** One tick: it starts, reads head, ledger and pins, and the facts of the clusters. */
const reads = { requests: 4, ms: 3_000 } as const
/** The window in which another commit makes this one stale, and what a commit takes on the server. */
const decideMs = 1_500
const commitMs = { api: 700, push: 1_500 } as const
const tries = 5

interface Event {
  readonly at: number
  readonly service: number
  /** 0 = a tick wakes up; else the how manieth try to commit, planned on `head`. */
  readonly attempt: number
  readonly head: number
  readonly began: number
}

export function simulate(fleet: Fleet): Day {
  const random = generator(fleet.seed)
  const meters = Array.from({ length: fleet.tokens }, () => meter(fleet.limits))
  const heads = new Int32Array(fleet.shards)
  const busyUntil = new Float64Array(fleet.shards)
  const step = new Uint8Array(fleet.services)
  const since = new Float64Array(fleet.services)
  const took: number[] = []
  const queue = heap()
  let [commits, conflicts, done] = [0, 0, 0]
  for (let service = 0; service < fleet.services; service += 1) {
    queue.push({ at: random() * tickMs, service, attempt: 0, head: 0, began: 0 })
  }
  for (let event = queue.pop(); event !== undefined && event.at < 24 * 60 * minute; event = queue.pop()) {
    const { at, service, attempt, head, began } = event
    const shard = service % fleet.shards
    const budget = meters[shard % fleet.tokens]
    const stage = step[service] ?? 0
    if (stage === gaps.length || budget === undefined) continue
    const sleep = () =>
      queue.push({
        at: Math.max(at, (Math.floor(began / tickMs) + 1) * tickMs + random() * minute),
        service,
        attempt: 0,
        head: 0,
        began: at,
      })
    if (attempt === 0) {
      // The window binds starts only; who has started goes on.
      if (stage === 0 && at >= opening) continue
      const tooEarly = at < (since[service] ?? 0) + (gaps[stage] ?? 0)
      for (let each = 0; each < reads.requests; each += 1) budget.request(at)
      if (tooEarly) took.push(reads.ms)
      if (tooEarly) queue.push({ at: at + tickMs, service, attempt: 0, head: 0, began: at + tickMs })
      else
        queue.push({ at: at + reads.ms + decideMs, service, attempt: 1, head: heads[shard] ?? 0, began: at })
      continue
    }
    if (head === -1) {
      queue.push({ at: at + reads.ms + decideMs, service, attempt, head: heads[shard] ?? 0, began })
      continue
    }
    const wait = fleet.writer === 'api' ? budget.write(at) : undefined
    if (wait !== undefined && attempt >= tries) sleep()
    else if (wait !== undefined) {
      // A decision is not kept over a pause: it is made anew, from a fresh read.
      queue.push({ at: at + wait + random() * 5_000, service, attempt: attempt + 1, head: -1, began })
    } else if (head !== heads[shard]) {
      conflicts += 1
      if (attempt >= tries) sleep()
      else
        queue.push({
          at: at + 500 + random() * 1_000 * 2 ** attempt + reads.ms + decideMs,
          service,
          attempt: attempt + 1,
          head: heads[shard] ?? 0,
          began,
        })
    } else {
      // The branch takes one commit after the other.
      const end = Math.max(at, busyUntil[shard] ?? 0) + commitMs[fleet.writer]
      busyUntil[shard] = end
      heads[shard] = (heads[shard] ?? 0) + 1
      commits += 1
      took.push(end - began)
      step[service] = stage + 1
      since[service] = end
      if (stage + 1 === gaps.length) done = Math.max(done, end)
      else queue.push({ at: end + tickMs * (0.5 + random() / 2), service, attempt: 0, head: 0, began: end })
    }
  }
  took.sort((a, b) => a - b)
  return {
    commits,
    conflicts,
    limited: meters.reduce((sum, each) => sum + each.refused(), 0),
    lateStarts: step.filter((each) => each === 0).length,
    tickP95Ms: Math.round(took[Math.ceil(took.length * 0.95) - 1] ?? 0),
    doneMinutes: Math.round(done / minute),
  }
}

/** Mulberry32: the same day for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function heap() {
  const items: Event[] = []
  const less = (a: number, b: number) => (items[a]?.at ?? 0) < (items[b]?.at ?? 0)
  const swap = (a: number, b: number) => {
    const [left, right] = [items[a], items[b]]
    if (left !== undefined && right !== undefined) [items[a], items[b]] = [right, left]
  }
  return {
    push(event: Event): void {
      items.push(event)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!less(at, parent)) break
        swap(at, parent)
        at = parent
      }
    },
    pop(): Event | undefined {
      const first = items[0]
      const last = items.pop()
      if (first === undefined || last === undefined || items.length === 0) return first
      items[0] = last
      for (let at = 0; ; ) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < items.length && less(child, least)) least = child
        if (least === at) return first
        swap(at, least)
        at = least
      }
    },
  }
}
