import { type Chance, chance } from '../../testkit/chance/index.ts'

/** How errors come, beyond each request failing on its own. */
export type Clumps = 'none' | 'shared-bursts' | 'retry-storms' | 'lone-bursts'

export interface World {
  readonly rps: number
  /** Error rate of the stable pods, and of the canary from `from` seconds on. */
  readonly stable: number
  readonly canary: number
  readonly from?: number
  readonly clumps?: Clumps
}

/** 20 equal pods, the first is the canary; blocks of 15 s; half an hour before the start and half an hour after. */
export const PODS = 20
export const BLOCKS = 120
export const BLOCK_SECONDS = 15

export interface Tally {
  readonly n: number
  readonly e: number
}

/** One block: what each pod answered. */
export type PodRow = readonly Tally[]

/**
 * shared-bursts: all pods fail 10 % together, once in 10 min, for a minute on average.
 * retry-storms: one client repeats a bad request 20 to 60 times against one pod within one block; 36 such in half an hour.
 * lone-bursts: one pod fails 20 % for a minute on average, each pod once in two hours.
 */
const SHARED = { start: 1 / 40, end: 1 / 4, rate: 0.1 }
const STORM = { perBlock: 0.3, from: 20, to: 60 }
const LONE = { start: 1 / 480, end: 1 / 4, rate: 0.2 }

/** An endless stream of blocks: the state of bursts lives on from block to block. */
export function stream(world: World, seed: number): (canaryIsOut: boolean, seconds: number) => PodRow {
  const draws = chance(seed)
  const mean = (world.rps * BLOCK_SECONDS) / PODS
  let shared = false
  const lone = Array.from({ length: PODS }, () => false)
  return (canaryIsOut, seconds) => {
    if (world.clumps === 'shared-bursts') shared = flip(draws, shared, SHARED)
    const storms = world.clumps === 'retry-storms' ? draws.poisson(STORM.perBlock) : 0
    const extra = new Map<number, number>()
    for (let i = 0; i < storms; i++) {
      const pod = draws.whole(0, PODS - 1)
      extra.set(pod, (extra.get(pod) ?? 0) + draws.whole(STORM.from, STORM.to))
    }
    return lone.map((alone, pod) => {
      if (world.clumps === 'lone-bursts') lone[pod] = flip(draws, alone, LONE)
      const bad = pod === 0 && canaryIsOut && seconds >= (world.from ?? 0)
      const base = bad ? world.canary : world.stable
      const rate = Math.max(base, shared ? SHARED.rate : 0, lone[pod] === true ? LONE.rate : 0)
      const storm = extra.get(pod) ?? 0
      // Thinning of a Poisson stream: bad and good requests are independent.
      const e = draws.poisson(mean * rate) + storm
      return { n: e + draws.poisson(mean * (1 - rate)), e }
    })
  }
}

function flip(draws: Chance, on: boolean, { start, end }: { start: number; end: number }): boolean {
  return on ? draws.next() >= end : draws.next() < start
}

export interface Run {
  readonly past: readonly PodRow[]
  readonly blocks: readonly PodRow[]
}

export function run(world: World, seed: number): Run {
  const next = stream(world, seed)
  const past = Array.from({ length: BLOCKS }, () => next(false, -1))
  return { past, blocks: Array.from({ length: BLOCKS }, (_, k) => next(true, k * BLOCK_SECONDS)) }
}

export interface Counts {
  readonly nc: number
  readonly ec: number
  readonly ns: number
  readonly es: number
}

export function countsOf(row: PodRow): Counts {
  const sum = { nc: row[0]?.n ?? 0, ec: row[0]?.e ?? 0, ns: 0, es: 0 }
  for (const { n, e } of row.slice(1)) {
    sum.ns += n
    sum.es += e
  }
  return sum
}
