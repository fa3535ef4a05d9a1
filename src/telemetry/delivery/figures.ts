import type { TrainRecord } from './trains.ts'

export interface Period {
  readonly from: Date
  /** Not in it any more. */
  readonly to: Date
}

/** Median and 90th percentile, linear between ranks, in milliseconds. */
export interface Spread {
  readonly count: number
  readonly medianMs: number
  readonly p90Ms: number
}

export interface Rate {
  readonly count: number
  readonly of: number
  /** Absent when there is nothing to divide by. */
  readonly share?: number
}

/**
 * The five figures of delivery (dora.dev, guide of 2026-01) of one service, for the trains whose first production
 * region was started within the period. Medians are never taken over several services.
 */
export interface DeliveryFigures {
  readonly version: 1
  readonly service: string
  readonly from: string
  readonly to: string
  readonly trains: number
  /** Trains with a verified production region, and how many regions were verified. */
  readonly frequency: { readonly trains: number; readonly regions: number; readonly trainsPerWeek: number }
  /** From each commit of a train to its first and to its last region. Absent: no train's commits are known. */
  readonly leadTime?: { readonly firstRegion: Spread; readonly lastRegion?: Spread }
  /** From the first alarm to the last affected region serving a good digest. Absent: nothing had to recover. */
  readonly recovery?: Spread
  readonly changeFailure: Rate
  /** Trains that an incident asked for. */
  readonly rework: Rate
  readonly regions: Readonly<Record<string, { readonly deployed: number; readonly affected: number }>>
}

/** When the commits of a release came onto its branch, by release: those since the release before it. */
export type CommitTimes = ReadonlyMap<string, readonly Date[]>

const weekMs = 7 * 86_400_000

export function deliveryFigures(
  service: string,
  all: readonly TrainRecord[],
  { from, to }: Period,
  commits: CommitTimes,
): DeliveryFigures {
  const trains = all.filter(({ startedAt }) => startedAt >= from.getTime() && startedAt < to.getTime())
  const shipped = trains.filter(({ verified }) => verified.size > 0)
  const lead = leadTime(trains, commits)
  const recovered = spread(trains.flatMap(({ failure }) => recoveryOf(failure)))
  return {
    version: 1,
    service,
    from: from.toISOString(),
    to: to.toISOString(),
    trains: trains.length,
    frequency: {
      trains: shipped.length,
      regions: shipped.reduce((sum, { verified }) => sum + verified.size, 0),
      trainsPerWeek: shipped.length / ((to.getTime() - from.getTime()) / weekMs),
    },
    ...(lead === undefined ? {} : { leadTime: lead }),
    ...(recovered === undefined ? {} : { recovery: recovered }),
    changeFailure: rate(trains.filter(({ failure }) => failure !== undefined).length, trains.length),
    rework: rate(trains.filter(({ kind }) => kind === 'hotfix').length, trains.length),
    regions: byRegion(trains),
  }
}

function leadTime(trains: readonly TrainRecord[], commits: CommitTimes): DeliveryFigures['leadTime'] {
  const times = (pick: (live: readonly number[]) => number, among: readonly TrainRecord[]) =>
    among.flatMap(({ release, live }) => {
      if (live.size === 0) return []
      const reached = pick([...live.values()])
      return (commits.get(release) ?? []).map((at) => reached - at.getTime())
    })
  const firstRegion = spread(times((live) => Math.min(...live), trains))
  if (firstRegion === undefined) return undefined
  // A train that was stopped has no last region: where it ended says nothing of how long a change takes.
  const whole = trains.filter(({ order, verified }) => order.every((region) => verified.has(region)))
  const lastRegion = spread(times((live) => Math.max(...live), whole))
  return { firstRegion, ...(lastRegion === undefined ? {} : { lastRegion }) }
}

function recoveryOf(failure: TrainRecord['failure']): readonly number[] {
  return failure?.recoveredAt === undefined ? [] : [failure.recoveredAt - failure.at]
}

function byRegion(trains: readonly TrainRecord[]): DeliveryFigures['regions'] {
  const regions: Record<string, { deployed: number; affected: number }> = {}
  const of = (name: string) => (regions[name] ??= { deployed: 0, affected: 0 })
  for (const { verified, failure } of trains) {
    for (const name of verified.keys()) of(name).deployed += 1
    for (const name of failure?.regions ?? []) of(name).affected += 1
  }
  return regions
}

function rate(count: number, of: number): Rate {
  return { count, of, ...(of === 0 ? {} : { share: count / of }) }
}

function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  return { count: sorted.length, medianMs: quantile(sorted, 0.5), p90Ms: quantile(sorted, 0.9) }
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? 0
  const above = sorted[Math.ceil(at)] ?? 0
  return Math.floor(below + (above - below) * (at - Math.floor(at)))
}
