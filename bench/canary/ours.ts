import {
  type Block,
  calibrate,
  dispersion,
  type History,
  type JudgePolicy,
  judge,
  judgePolicy,
  type PodBlock,
} from '../../src/canary/index.ts'
import { BOUNDS, type LatencyRow, type Pair, slower } from './latency.ts'
import { BLOCK_SECONDS, BLOCKS, type Counts, history, type PodRow, type World } from './worlds.ts'

const BLOCK_MS = BLOCK_SECONDS * 1000

/** What the gate itself would have said, by its own judge and default policy. */
export interface Seen {
  readonly seconds?: number
  /** Blocks in which the evidence was over its limit and nothing had co-signed: no promotion, and no alarm. */
  readonly suspicious: number
}

export function errorsPolicy(more: Partial<JudgePolicy> = {}): JudgePolicy {
  return { ...judgePolicy(['errors'], BLOCKS), ...more }
}

export function judgeErrors(blocks: readonly Counts[], policy: JudgePolicy, history: History = {}): Seen {
  return seen(
    policy,
    blocks.map((counts) => ({ metrics: { errors: [counts] } })),
    history,
  )
}

export function errorsHistory(past: readonly PodRow[]): History {
  return { errors: [baseline(past)] }
}

/** A day of twenty stable pods of that world, as `calibrate` reads it. */
export function calibrated(world: World, seed: number, policy: JudgePolicy) {
  const day = history(world, seed, (24 * 3600) / BLOCK_SECONDS).map(
    (row): PodBlock => Object.fromEntries(row.map((tally, pod) => [`p${pod}`, { errors: [tally] }])),
  )
  return calibrate(policy, day, { blockMs: BLOCK_MS })
}

/** What a half hour of history says of latency: the cuts that are worth a look, and their baselines. */
export interface Cuts {
  readonly cuts: readonly number[]
  readonly history: History
}

/** Cuts are the boundaries that 0.1 % to 60 % of the stable requests are slower than. */
export function cutsOf(past: readonly LatencyRow[]): Cuts {
  const seen = BOUNDS.map((_, cut) => ({
    cut,
    ...baseline(past.map((row) => row.map((buckets) => slower(buckets, cut)))),
  })).filter(({ n, e }) => e / n >= 0.001 && e / n <= 0.6)
  return {
    cuts: seen.map(({ cut }) => cut),
    history: { latency: seen.map(({ cut: _, ...rest }) => rest) },
  }
}

export function judgeLatency(blocks: readonly Pair[], { cuts, history: past }: Cuts): Seen {
  const made = blocks.map(({ canary, stable }): Block => {
    const latency = cuts.map((cut) => {
      const [c, s] = [slower(canary, cut), slower(stable, cut)]
      return { nc: c.n, ec: c.e, ns: s.n, es: s.e }
    })
    return { metrics: { latency } }
  })
  return seen(judgePolicy(['latency'], BLOCKS), made, past)
}

function baseline(past: readonly PodRow[]): { n: number; e: number; phi?: number } {
  const phi = dispersion(
    past.map((row) => Object.fromEntries(row.map((tally, pod) => [pod, tally]))),
    BLOCK_MS,
  )
  let [n, e] = [0, 0]
  for (const row of past) {
    for (const tally of row) {
      n += tally.n
      e += tally.e
    }
  }
  return { n, e, ...(phi === undefined ? {} : { phi }) }
}

function seen(policy: JudgePolicy, blocks: readonly Block[], history: History): Seen {
  const looks = judge(policy, blocks, history)
  const alarm = looks.at(-1)?.alarm
  const suspicious = looks.filter((look) => look.alarm === undefined && look.ln >= look.limit).length
  return { suspicious, ...(alarm === undefined ? {} : { seconds: alarm.block * BLOCK_SECONDS }) }
}
