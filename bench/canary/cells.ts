import { binomialLower, binomialUpper, type History, type JudgePolicy } from '../../src/canary/index.ts'
import { type LatencyWorld, latencyHistory, latencyRollout, quantile } from './latency.ts'
import {
  type Cuts,
  calibrated,
  cutsOf,
  errorsHistory,
  errorsPolicy,
  judgeErrors,
  judgeLatency,
  type Seen,
} from './ours.ts'
import {
  argoCanary,
  argoDocumented,
  flagger,
  flaggerChecks,
  kayenta,
  kayentaJudge,
  minutes,
} from './peers.ts'
import type { Goal, Scenario } from './scenarios.ts'
import { BLOCKS, history, rollout, type World } from './worlds.ts'

const HISTORIES = 20
const DAYS = 5

/** One line of output: share of the runs in which the rule ended the canary, with its exact 95 % interval. */
export interface Cell {
  readonly scenario: string
  readonly rule: string
  readonly runs: number
  readonly seed: number
  readonly alarms: number
  readonly share: number
  readonly interval: readonly [number, number]
  /** Over all runs, one without an alarm being the longest; null when fewer than half alarmed. */
  readonly medianSeconds: number | null
  /** Share of all blocks that were over the limit without a co-sign: no promotion on top of them. */
  readonly suspicious?: number
  readonly goal?: Goal
  readonly met?: boolean
}

export function errorCells(scenario: Scenario<World>, runs: number, seed: number): readonly Cell[] {
  const ours: Record<string, Seen[]> = {}
  const peers: Record<string, (number | undefined)[]> = {}
  const policy = errorsPolicy()
  const note = <T>(into: Record<string, T[]>, rule: string, value: T) => {
    into[rule] ??= []
    into[rule].push(value)
  }
  let past: History = {}
  let thresholds: JudgePolicy['calibration']
  for (let at = 0; at < runs; at++) {
    // Several histories, and days of placebo runs: figures of one lucky day say little.
    if (at % Math.ceil(runs / HISTORIES) === 0)
      past = errorsHistory(history(scenario.world, -seed - at, BLOCKS))
    if (scenario.calibrated && at % Math.ceil(runs / DAYS) === 0) {
      thresholds = calibrated(scenario.world, -seed - at - 500_000, policy).calibration
    }
    const blocks = rollout(scenario.world, seed + at)
    note(ours, 'tuesday', judgeErrors(blocks, policy, past))
    if (thresholds !== undefined) {
      note(ours, 'tuesday, calibrated', judgeErrors(blocks, errorsPolicy({ calibration: thresholds }), past))
    }
    if (scenario.strict) note(ours, 'tuesday, no history', judgeErrors(blocks, policy))
    note(peers, 'Argo Rollouts, documented', argoDocumented(blocks))
    note(peers, 'Argo Rollouts, canary only, 1m', argoCanary(blocks))
    note(peers, 'Flagger, 99 %, threshold 5', flagger(blocks))
    note(peers, 'Kayenta', kayenta(blocks))
  }
  return cells(scenario, runs, seed, ours, peers)
}

export function latencyCells(scenario: Scenario<LatencyWorld>, runs: number, seed: number): readonly Cell[] {
  const ours: Seen[] = []
  const peers: Record<string, (number | undefined)[]> = { 'Flagger, p99 500 ms': [], 'Kayenta, p99': [] }
  let past: Cuts = { cuts: [], history: {} }
  for (let at = 0; at < runs; at++) {
    if (at % Math.ceil(runs / HISTORIES) === 0) past = cutsOf(latencyHistory(scenario.world, -seed - at))
    const blocks = latencyRollout(scenario.world, seed + at)
    ours.push(judgeLatency(blocks, past))
    const p99 = (arm: 'canary' | 'stable') =>
      minutes(blocks).map((minute) =>
        quantile(
          (minute[0]?.[arm] ?? []).map((_, bucket) =>
            minute.reduce((sum, each) => sum + (each[arm][bucket] ?? 0), 0),
          ),
          0.99,
        ),
      )
    const canary = p99('canary')
    peers['Flagger, p99 500 ms']?.push(
      flaggerChecks(blocks.length, (from) => (canary[from / 4] ?? Number.NaN) <= 0.5),
    )
    peers['Kayenta, p99']?.push(
      kayentaJudge(canary.filter(Number.isFinite), p99('stable').filter(Number.isFinite)),
    )
  }
  return cells(scenario, runs, seed, { tuesday: ours }, peers)
}

function cells(
  scenario: Scenario<unknown>,
  runs: number,
  seed: number,
  ours: Readonly<Record<string, readonly Seen[]>>,
  peers: Readonly<Record<string, readonly (number | undefined)[]>>,
): readonly Cell[] {
  const judgedBy = scenario.calibrated ? 'tuesday, calibrated' : 'tuesday'
  const made: Cell[] = []
  for (const [rule, seen] of Object.entries(ours)) {
    const cell = cellOf(
      scenario.name,
      rule,
      seed,
      seen.map(({ seconds }) => seconds),
    )
    const suspicious = seen.reduce((sum, each) => sum + each.suspicious, 0) / (120 * runs)
    const { goal } = scenario
    made.push({
      ...cell,
      suspicious: Number(suspicious.toPrecision(3)),
      ...(goal === undefined || rule !== judgedBy ? {} : { goal, met: isMet(cell, goal) }),
    })
  }
  for (const [rule, seconds] of Object.entries(peers)) made.push(cellOf(scenario.name, rule, seed, seconds))
  return made
}

function isMet({ share, medianSeconds }: Cell, goal: Goal): boolean {
  const fast = goal.median === undefined || (medianSeconds !== null && medianSeconds <= goal.median)
  return fast && (goal.alarms === undefined || share <= goal.alarms)
}

function cellOf(
  scenario: string,
  rule: string,
  seed: number,
  seconds: readonly (number | undefined)[],
): Cell {
  const runs = seconds.length
  const alarmed = seconds.filter((each) => each !== undefined).sort((a, b) => a - b)
  const half = Math.ceil(runs / 2)
  return {
    scenario,
    rule,
    runs,
    seed,
    alarms: alarmed.length,
    share: alarmed.length / runs,
    interval: [
      Number(binomialLower(alarmed.length, runs, 0.025).toPrecision(3)),
      Number(binomialUpper(alarmed.length, runs, 0.025).toPrecision(3)),
    ],
    medianSeconds: alarmed[half - 1] ?? null,
  }
}
