import { judge } from '../judge/judge.ts'
import { binomialUpper } from '../judge/numbers.ts'
import type { Baseline, Block, Calibration, Counts, History, JudgePolicy } from '../judge/types.ts'
import { dispersion, type PodTallies } from './dispersion.ts'
import type { PodBlock, Tally } from './types.ts'

export interface CalibrateOptions {
  /** Length of a block of the history. */
  readonly blockMs: number
  /** Blocks of one placebo rollout; default: the planned blocks of the policy. */
  readonly windowBlocks?: number
  /** Quantile of the placebo runs that each of the two co-signs is set to. */
  readonly quantile?: number
}

/** A type and not an interface: it is written out as JSON. */
export type Calibrated = {
  /** Ready to be handed to the judge. */
  readonly calibration: Readonly<Record<string, Calibration>>
  /** Placebo rollouts: pods times windows. */
  readonly runs: number
  readonly windows: number
  readonly pods: number
  /**
   * False alarms of the whole rule, each window judged under thresholds taken from the other windows: what to expect
   * of fresh data. `upper` is the one-sided exact 95 % bound.
   */
  readonly falseAlarms: { readonly count: number; readonly share: number; readonly upper: number }
}

/**
 * The share and the tempered path each get half of alpha (canary-statistics reference §2.6), so that both together
 * stay below 1 %.
 */
const QUANTILE = 0.995
const DEFAULT_SHARE = Math.log(10)

/** One placebo rollout, and the most that its co-signs ever had of each metric. */
interface Placebo {
  readonly window: number
  readonly policy: JudgePolicy
  readonly blocks: readonly Block[]
  readonly history: History
  readonly share: Readonly<Record<string, number>>
  readonly tempered: Readonly<Record<string, number>>
}

/**
 * Replays the gate on history with each stable pod in turn as the canary. Nothing was released, so every alarm is
 * false: the co-signs are raised until they are as rare as asked for. The count engine cannot be calibrated: its
 * evidence measures size; that of the share engine measures how long something lasts.
 */
export function calibrate(
  policy: JudgePolicy,
  blocks: readonly PodBlock[],
  options: CalibrateOptions,
): Calibrated {
  const phi = Object.fromEntries(
    Object.keys(policy.metrics).map((name) => [name, phiOf(name, blocks, options.blockMs)]),
  )
  const placebos = run(policy, blocks, phi, options.windowBlocks ?? policy.plannedBlocks)
  const quantile = options.quantile ?? QUANTILE
  const calibration = thresholds(policy, placebos, phi, quantile)
  const count = crossJudged(policy, placebos, phi, quantile)
  const pods = new Set(blocks.flatMap((block) => Object.keys(block))).size
  return {
    calibration,
    runs: placebos.length,
    windows: new Set(placebos.map(({ window }) => window)).size,
    pods,
    falseAlarms: {
      count,
      share: placebos.length === 0 ? 0 : count / placebos.length,
      upper: binomialUpper(count, placebos.length, 0.05),
    },
  }
}

function phiOf(name: string, blocks: readonly PodBlock[], blockMs: number): number | undefined {
  const cuts = Math.max(
    0,
    ...blocks.flatMap((block) => Object.values(block).map((pod) => pod[name]?.length ?? 0)),
  )
  const seen = Array.from({ length: cuts }, (_, cut) => dispersion(tallies(blocks, name, cut), blockMs))
  const known = seen.filter((each) => each !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

export function tallies(blocks: readonly PodBlock[], name: string, cut: number): readonly PodTallies[] {
  return blocks.map((block) =>
    Object.fromEntries(
      Object.entries(block).flatMap(([pod, metrics]) => {
        const own = metrics[name]?.[cut]
        return own === undefined ? [] : [[pod, own] as const]
      }),
    ),
  )
}

type Phi = Readonly<Record<string, number | undefined>>

/** The first window is the history of the second, and so on: each placebo has a past like a real rollout. */
function run(policy: JudgePolicy, blocks: readonly PodBlock[], phi: Phi, size: number): readonly Placebo[] {
  const placebos: Placebo[] = []
  // An alarm ends a look-by-look judgement, and a maximum has to be of the whole window: no engine may alarm here.
  const open: JudgePolicy = {
    alpha: policy.alpha,
    plannedBlocks: policy.plannedBlocks,
    metrics: policy.metrics,
    calibration: calibrationOf(policy, () => Number.MAX_VALUE, phi),
  }
  for (let start = size; start + size <= blocks.length; start += size) {
    const past = blocks.slice(start - size, start)
    const now = blocks.slice(start, start + size)
    const pods = [...new Set(now.flatMap((block) => Object.keys(block)))].sort()
    const everyone = now.map((block) => sums(block, Object.keys(policy.metrics)))
    for (const pod of pods) {
      const made = now.map((block, at) =>
        placeboBlock(block, everyone[at] ?? {}, pod, Object.keys(policy.metrics)),
      )
      const history = historyOf(past, policy, pod)
      const looks = judge(open, made, history, { untilEnd: true })
      const most = (of: 'share' | 'tempered') =>
        Object.fromEntries(
          Object.keys(policy.metrics).map((name) => [
            name,
            looks.reduce((top, look) => {
              const ln = look.metrics.find((metric) => metric.name === name)?.lnE
              return ln === undefined ? top : Math.max(top, Math.min(ln[of], ln.difference))
            }, Number.NEGATIVE_INFINITY),
          ]),
        )
      placebos.push({
        window: start / size,
        policy,
        blocks: made,
        history,
        share: most('share'),
        tempered: most('tempered'),
      })
    }
  }
  return placebos
}

function sums(block: PodBlock, names: readonly string[]): Readonly<Record<string, readonly Tally[]>> {
  return Object.fromEntries(
    names.map((name) => {
      const sum: { n: number; e: number }[] = []
      for (const metrics of Object.values(block)) {
        for (const [cut, { n, e }] of (metrics[name] ?? []).entries()) {
          const own = sum[cut] ?? { n: 0, e: 0 }
          sum[cut] = { n: own.n + n, e: own.e + e }
        }
      }
      return [name, sum]
    }),
  )
}

function placeboBlock(
  block: PodBlock,
  everyone: Readonly<Record<string, readonly Tally[]>>,
  pod: string,
  names: readonly string[],
): Block {
  const metrics: Record<string, readonly Counts[]> = {}
  for (const name of names) {
    const own = block[pod]?.[name]
    if (own === undefined) continue
    metrics[name] = own.map(({ n, e }, cut) => {
      const all = everyone[name]?.[cut] ?? { n, e }
      return { nc: n, ec: e, ns: all.n - n, es: all.e - e }
    })
  }
  return { metrics }
}

function historyOf(past: readonly PodBlock[], policy: JudgePolicy, without: string): History {
  return Object.fromEntries(
    Object.keys(policy.metrics).map((name) => {
      const sum: { n: number; e: number }[] = []
      for (const block of past) {
        for (const [pod, metrics] of Object.entries(block)) {
          if (pod === without) continue
          for (const [cut, { n, e }] of (metrics[name] ?? []).entries()) {
            const own = sum[cut] ?? { n: 0, e: 0 }
            sum[cut] = { n: own.n + n, e: own.e + e }
          }
        }
      }
      return [name, sum satisfies Baseline[]]
    }),
  )
}

function thresholds(
  policy: JudgePolicy,
  placebos: readonly Placebo[],
  phi: Phi,
  quantile: number,
): Readonly<Record<string, Calibration>> {
  return calibrationOf(
    policy,
    (name, path) => {
      const least = path === 'share' ? DEFAULT_SHARE : Math.log(1 / policy.alpha)
      return Math.max(
        least,
        quantileOf(
          placebos.map((each) => each[path][name] ?? Number.NEGATIVE_INFINITY),
          quantile,
        ),
      )
    },
    phi,
  )
}

function calibrationOf(
  policy: JudgePolicy,
  limit: (name: string, path: 'share' | 'tempered') => number,
  phi: Phi,
): Readonly<Record<string, Calibration>> {
  return Object.fromEntries(
    Object.keys(policy.metrics).map((name) => {
      const wide = phi[name]
      const tempered = wide === undefined ? {} : { tempered: { limit: limit(name, 'tempered'), phi: wide } }
      return [name, { share: limit(name, 'share'), ...tempered }]
    }),
  )
}

/** Every second window sets the thresholds for the others: no run is judged by a threshold it has helped to set. */
function crossJudged(policy: JudgePolicy, placebos: readonly Placebo[], phi: Phi, quantile: number): number {
  let alarms = 0
  for (const parity of [0, 1]) {
    const calibration = thresholds(
      policy,
      placebos.filter(({ window }) => window % 2 !== parity),
      phi,
      quantile,
    )
    for (const each of placebos.filter(({ window }) => window % 2 === parity)) {
      if (judge({ ...policy, calibration }, each.blocks, each.history).at(-1)?.alarm !== undefined) alarms++
    }
  }
  return alarms
}

function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.filter((each) => Number.isFinite(each)).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NEGATIVE_INFINITY
}
