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
import type { Buckets, LatencyRow } from './latency.ts'
import { BOUNDS, slower } from './latency.ts'
import { BLOCK_SECONDS, BLOCKS, countsOf, type PodRow, type Run, stream, type World } from './worlds.ts'

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

export function judgeErrors(run: Run, policy: JudgePolicy, history: History | undefined): Seen {
  return seen(policy, run.blocks.map((row) => ({ metrics: { errors: [countsOf(row)] } })), history ?? {})
}

export function errorsHistory(past: readonly PodRow[]): History {
  const phi = dispersion(
    past.map((row) => Object.fromEntries(row.map((tally, pod) => [pod, tally]))),
    BLOCK_MS,
  )
  const n = past.flat().reduce((sum, each) => sum + each.n, 0)
  const e = past.flat().reduce((sum, each) => sum + each.e, 0)
  return { errors: [{ n, e, ...(phi === undefined ? {} : { phi }) }] }
}

/** A day of twenty stable pods of that world, as `calibrate` reads it. */
export function calibrated(world: World, seed: number, policy: JudgePolicy) {
  const next = stream(world, seed)
  const day: PodBlock[] = Array.from({ length: (24 * 3600) / BLOCK_SECONDS }, () =>
    Object.fromEntries(next(false, -1).map((tally, pod) => [`p${pod}`, { errors: [tally] }])),
  )
  return calibrate(policy, day, { blockMs: BLOCK_MS })
}

/** Cuts are the boundaries that 0.1 % to 60 % of the stable requests are slower than. */
export function judgeLatency(run: {
  readonly past: readonly LatencyRow[]
  readonly blocks: readonly LatencyRow[]
}): Seen {
  const cuts = BOUNDS.flatMap((_, cut) => {
    const { n, e } = run.past.flat().reduce(
      (sum, buckets) => {
        const own = slower(buckets, cut)
        return { n: sum.n + own.n, e: sum.e + own.e }
      },
      { n: 0, e: 0 },
    )
    return e / n >= 0.001 && e / n <= 0.6 ? [{ cut, n, e }] : []
  })
  const history: History = {
    latency: cuts.map(({ cut, n, e }) => {
      const phi = dispersion(
        run.past.map((row) => Object.fromEntries(row.map((buckets, pod) => [pod, slower(buckets, cut)]))),
        BLOCK_MS,
      )
      return { n, e, ...(phi === undefined ? {} : { phi }) }
    }),
  }
  const blocks = run.blocks.map((row): Block => {
    const sum = (pods: readonly Buckets[], cut: number) =>
      pods.reduce(
        (total, buckets) => {
          const own = slower(buckets, cut)
          return { n: total.n + own.n, e: total.e + own.e }
        },
        { n: 0, e: 0 },
      )
    return {
      metrics: {
        latency: cuts.map(({ cut }) => {
          const canary = sum(row.slice(0, 1), cut)
          const stable = sum(row.slice(1), cut)
          return { nc: canary.n, ec: canary.e, ns: stable.n, es: stable.e }
        }),
      },
    }
  })
  return seen(judgePolicy(['latency'], BLOCKS), blocks, history)
}

function seen(policy: JudgePolicy, blocks: readonly Block[], history: History): Seen {
  const looks = judge(policy, blocks, history)
  const alarm = looks.at(-1)?.alarm
  const suspicious = looks.filter((look) => look.alarm === undefined && look.ln >= look.limit).length
  return { suspicious, ...(alarm === undefined ? {} : { seconds: alarm.block * BLOCK_SECONDS }) }
}
