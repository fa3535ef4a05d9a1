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

/** What a block is made of: the error rate of each pod, and the storms that hit it. */
interface Weather {
  readonly rates: readonly number[]
  readonly storms: readonly number[]
}

/** An endless run of blocks: the state of bursts lives on from block to block. */
function weather(world: World, draws: Chance): (canaryIsOut: boolean, seconds: number) => Weather {
  let shared = false
  const lone = Array.from({ length: PODS }, () => false)
  return (canaryIsOut, seconds) => {
    if (world.clumps === 'shared-bursts') shared = flip(draws, shared, SHARED)
    const storms = Array.from({ length: PODS }, () => 0)
    const hits = world.clumps === 'retry-storms' ? draws.poisson(STORM.perBlock) : 0
    for (let i = 0; i < hits; i++) {
      const pod = draws.whole(0, PODS - 1)
      storms[pod] = (storms[pod] ?? 0) + draws.whole(STORM.from, STORM.to)
    }
    const rates = lone.map((alone, pod) => {
      if (world.clumps === 'lone-bursts') lone[pod] = flip(draws, alone, LONE)
      const base = pod === 0 && canaryIsOut && seconds >= (world.from ?? 0) ? world.canary : world.stable
      return Math.max(base, shared ? SHARED.rate : 0, lone[pod] === true ? LONE.rate : 0)
    })
    return { rates, storms }
  }
}

/** Thinning of a Poisson stream: bad and good requests are independent, and those of several pods add up. */
function drawTally(draws: Chance, mean: number, { rates, storms }: Weather, from: number, to: number): Tally {
  let bad = 0
  let storm = 0
  for (let pod = from; pod < to; pod++) {
    bad += mean * (rates[pod] ?? 0)
    storm += storms[pod] ?? 0
  }
  const e = draws.poisson(bad) + storm
  return { n: e + draws.poisson(mean * (to - from) - bad), e }
}

const meanOf = (world: World) => (world.rps * BLOCK_SECONDS) / PODS

/** Stable blocks pod by pod, as history has them. */
export function history(world: World, seed: number, blocks: number): readonly PodRow[] {
  const draws = chance(seed)
  const next = weather(world, draws)
  return Array.from({ length: blocks }, () => {
    const now = next(false, -1)
    return now.rates.map((_, pod) => drawTally(draws, meanOf(world), now, pod, pod + 1))
  })
}

/** Half an hour with the canary out. */
export function rollout(world: World, seed: number): readonly Counts[] {
  const draws = chance(seed)
  const next = weather(world, draws)
  // The bursts are in their usual state when the canary comes.
  for (let k = 0; k < 40; k++) next(false, -1)
  return Array.from({ length: BLOCKS }, (_, k) => {
    const now = next(true, k * BLOCK_SECONDS)
    const canary = drawTally(draws, meanOf(world), now, 0, 1)
    const stable = drawTally(draws, meanOf(world), now, 1, PODS)
    return { nc: canary.n, ec: canary.e, ns: stable.n, es: stable.e }
  })
}

function flip(draws: Chance, on: boolean, { start, end }: { start: number; end: number }): boolean {
  return on ? draws.next() >= end : draws.next() < start
}

export interface Counts {
  readonly nc: number
  readonly ec: number
  readonly ns: number
  readonly es: number
}
