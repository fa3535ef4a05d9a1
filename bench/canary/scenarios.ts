import type { LatencyWorld } from './latency.ts'
import type { World } from './worlds.ts'

export interface Goal {
  /** Median seconds to the alarm, at most. */
  readonly median?: number
  /** Share of runs that alarm, at most. */
  readonly alarms?: number
}

export interface Scenario<W> {
  readonly name: string
  readonly world: W
  readonly goal?: Goal
  /** Also under thresholds from a day of placebo runs in the same world; the goal is then theirs. */
  readonly calibrated?: true
  /** Also without any history: the co-sign then needs as much as the alarm. */
  readonly strict?: true
}

const defect = (rps: number, canary: number, goal?: Goal): Scenario<World> => ({
  name: `${rps} rps, 0.1 % -> ${100 * canary} %`,
  world: { rps, stable: 0.001, canary },
  ...(goal === undefined ? {} : { goal }),
})

/** The worlds of canary-statistics reference §4. Goals are those of the issue. */
export const errorScenarios: readonly Scenario<World>[] = [
  defect(1200, 0.005),
  { ...defect(1200, 0.01, { median: 60 }), strict: true },
  defect(1200, 0.02),
  defect(1200, 0.05),
  defect(1200, 0.5, { median: 30 }),
  defect(100, 0.005),
  { ...defect(100, 0.01, { median: 225 }), strict: true },
  defect(100, 0.02),
  defect(100, 0.05),
  defect(100, 0.5, { median: 30 }),
  defect(2, 0.05),
  defect(2, 0.5),
  { name: '1200 rps, 1 % from minute 10', world: { rps: 1200, stable: 0.001, canary: 0.01, from: 600 } },
  {
    name: '1200 rps, 1 % in shared bursts',
    world: { rps: 1200, stable: 0.001, canary: 0.01, clumps: 'shared-bursts' },
  },
  {
    name: '1200 rps, 1 % in retry storms',
    world: { rps: 1200, stable: 0.001, canary: 0.01, clumps: 'retry-storms' },
  },
  {
    name: '1200 rps, 1 % in lone bursts',
    world: { rps: 1200, stable: 0.001, canary: 0.01, clumps: 'lone-bursts' },
    calibrated: true,
  },
  {
    name: '1200 rps, 50 % in lone bursts',
    world: { rps: 1200, stable: 0.001, canary: 0.5, clumps: 'lone-bursts' },
    calibrated: true,
  },
  ...[1200, 100, 2].map(
    (rps): Scenario<World> => ({
      name: `A/A ${rps} rps`,
      world: { rps, stable: 0.001, canary: 0.001 },
      goal: { alarms: 0.005 },
      strict: true,
    }),
  ),
  {
    name: 'A/A 1200 rps, baseline 1 %',
    world: { rps: 1200, stable: 0.01, canary: 0.01 },
    goal: { alarms: 0.005 },
  },
  {
    name: 'A/A shared bursts',
    world: { rps: 1200, stable: 0.001, canary: 0.001, clumps: 'shared-bursts' },
    goal: { alarms: 0.005 },
    strict: true,
  },
  {
    name: 'A/A retry storms',
    world: { rps: 1200, stable: 0.001, canary: 0.001, clumps: 'retry-storms' },
    goal: { alarms: 0.005 },
    strict: true,
  },
  {
    name: 'A/A lone bursts',
    world: { rps: 1200, stable: 0.001, canary: 0.001, clumps: 'lone-bursts' },
    goal: { alarms: 0.025 },
    calibrated: true,
  },
  ...[
    [0.001, 0.0012],
    [0.00001, 0.0001],
    [0.05, 0.055],
  ].map(
    ([stable = 0, canary = 0]): Scenario<World> => ({
      name: `harmless ${Number((100 * stable).toPrecision(3))} % -> ${Number((100 * canary).toPrecision(3))} %`,
      world: { rps: 1200, stable, canary },
      goal: { alarms: 0.005 },
    }),
  ),
]

/** Goals: the medians of the reference, which the issue asks for. */
export const latencyScenarios: readonly Scenario<LatencyWorld>[] = [
  { name: '1200 rps x1.25', world: { rps: 1200, times: 1.25 }, goal: { median: 75 } },
  { name: '1200 rps x1.5', world: { rps: 1200, times: 1.5 }, goal: { median: 60 } },
  { name: '1200 rps x2', world: { rps: 1200, times: 2 }, goal: { median: 45 } },
  { name: '1200 rps, 2 % get 600 ms more', world: { rps: 1200, slowShare: 0.02 }, goal: { median: 60 } },
  { name: '100 rps x1.25', world: { rps: 100, times: 1.25 }, goal: { median: 540 } },
  { name: '100 rps x1.5', world: { rps: 100, times: 1.5 }, goal: { median: 90 } },
  { name: '100 rps x2', world: { rps: 100, times: 2 }, goal: { median: 60 } },
  { name: '100 rps, 2 % get 600 ms more', world: { rps: 100, slowShare: 0.02 }, goal: { median: 210 } },
  { name: '2 rps x2', world: { rps: 2, times: 2 }, goal: { median: 735 } },
  { name: 'harmless x1.05, 1200 rps', world: { rps: 1200, times: 1.05 }, goal: { alarms: 0.005 } },
  {
    name: 'A/A noisy pods',
    world: { rps: 1200, noise: { pod: 0.03, scrape: 0.1 } },
    goal: { alarms: 0.005 },
  },
  { name: 'A/A 1200 rps', world: { rps: 1200 }, goal: { alarms: 0.005 } },
  { name: 'A/A 100 rps', world: { rps: 100 }, goal: { alarms: 0.005 } },
]
