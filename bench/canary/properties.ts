import { type Block, type History, type JudgePolicy, judgePolicy } from '../../src/canary/index.ts'
import { type Chance, chance } from '../../testkit/chance/index.ts'

export interface Property {
  readonly name: string
  /** Bound of the probability of an alarm. */
  readonly claimed: number
  readonly world: (seed: number) => {
    readonly policy: JudgePolicy
    readonly blocks: readonly Block[]
    readonly history: History
  }
}

const BLOCKS = 60
const policy = judgePolicy(['errors'], BLOCKS)
const strict: JudgePolicy = { ...policy, strict: true }

/** Base rates from 0.01 % to 10 %, weights from 1 % to 75 % that change on the way, 20 to 20,000 requests a block. */
function independent(seed: number) {
  const draws = chance(seed)
  const base = 10 ** (-4 + 3 * draws.next())
  const requests = 10 ** (1.3 + 3 * draws.next())
  const weights = Array.from({ length: 3 }, () => 0.01 + 0.74 * draws.next()).sort((a, b) => a - b)
  let rate = base
  const blocks = Array.from({ length: BLOCKS }, (_, k): Block => {
    // The base rate wanders as it does over a day; both arms see it.
    rate = Math.min(0.1, Math.max(1e-5, rate * Math.exp(0.1 * draws.normal())))
    const edge = Math.max(1.5 * rate, rate + 0.001)
    const weight = weights[Math.floor((3 * k) / BLOCKS)] ?? 0.5
    const nc = draws.poisson(requests * weight)
    const ns = draws.poisson(requests * (1 - weight))
    return { metrics: { errors: [{ nc, ec: draws.binomial(nc, edge), ns, es: draws.binomial(ns, rate) }] } }
  })
  return { blocks, history: past(draws, base, 20_000) }
}

/**
 * Each clump of one block lands on one side as a whole, with the share of requests of the canary as its chance. It stays below
 * half of the requests to the canary: from there on the hard limit decides, which is no bet and is bounded by nothing.
 */
function clumped(seed: number) {
  const draws = chance(seed)
  const nc = draws.whole(50, 1000)
  const ns = nc * draws.whole(1, 19)
  const size = draws.whole(2, Math.min(Math.floor(0.4 * nc), 200))
  const often = draws.next()
  const base = 10 ** (-5 + 2 * draws.next())
  const blocks = Array.from({ length: BLOCKS }, (): Block => {
    const hit = draws.next() < often
    const onCanary = draws.next() < nc / (nc + ns)
    const ec = draws.binomial(nc, base) + (hit && onCanary ? size : 0)
    const es = draws.binomial(ns, base) + (hit && !onCanary ? size : 0)
    return { metrics: { errors: [{ nc, ec: Math.min(nc, ec), ns, es: Math.min(ns, es) }] } }
  })
  return { blocks, history: past(draws, base + (often * size) / (nc + ns), 100_000) }
}

/** Slow requests at the edge of the margin of latency, with a history that all its processes stand on. */
function slow(seed: number) {
  const draws = chance(seed)
  const base = 10 ** (-2.5 + 2.2 * draws.next())
  const edge = Math.min(1, Math.max(1.25 * base, base + 0.005))
  const nc = draws.whole(5, 1000)
  const ns = nc * draws.whole(1, 19)
  const blocks = Array.from({ length: BLOCKS }, (): Block => {
    const latency = [{ nc, ec: draws.binomial(nc, edge), ns, es: draws.binomial(ns, base) }]
    return { metrics: { latency } }
  })
  return { blocks, history: { latency: [{ n: 20_000, e: draws.binomial(20_000, base), phi: 1 }] } }
}

function past(draws: Chance, rate: number, n: number): History {
  return { errors: [{ n, e: draws.binomial(n, Math.min(1, rate)) }] }
}

export const properties: readonly Property[] = [
  {
    name: 'independent requests at the edge of the margin: at most alpha',
    claimed: policy.alpha,
    world: (seed) => ({ policy, ...independent(seed) }),
  },
  {
    name: 'any clump inside a block: at most exp(-tau_S) = 10 %',
    claimed: 0.1,
    world: (seed) => ({ policy, ...clumped(seed) }),
  },
  {
    name: 'any clump inside a block, strict: at most alpha',
    claimed: policy.alpha,
    world: (seed) => ({ policy: strict, ...clumped(seed) }),
  },
  {
    name: 'any clump inside a block, without history: at most alpha',
    claimed: policy.alpha,
    world: (seed) => ({ policy, blocks: clumped(seed).blocks, history: {} }),
  },
  {
    name: 'independent slow requests at the edge of the margin: at most alpha',
    claimed: policy.alpha,
    world: (seed) => ({ policy: judgePolicy(['latency'], BLOCKS), ...slow(seed) }),
  },
]
