import { logAdd, logMean } from './numbers.ts'
import type { Counts, LnE } from './types.ts'

/** Alternatives: how many times the tolerated ratio the canary's rate may be. */
export const GRID = [1.25, 1.5, 2, 3, 5, 8, 13, 20, 40, 100, 400] as const

export interface EngineSettings {
  readonly alpha: number
  readonly plannedBlocks: number
  readonly ratio: number
  readonly delta: number
  /** Dispersion of the stable pods (>= 1). */
  readonly phi: number
  /** Stable counts from before the start. */
  readonly history: { readonly n: number; readonly e: number }
}

/**
 * Four betting engines on one stream of counts, as logarithms of the capital of each alternative. Half of the
 * capital plays from the first block, the rest enters evenly over the planned blocks (what has not entered is
 * cash), so that a defect which starts late does not have to outweigh the good data before it. Each engine's
 * capital is a nonnegative supermartingale while the canary is within the margin, so P(it ever reaches
 * 1/alpha) <= alpha (Ville). Sources: Lindon & Malek 2022 (errors given the split), Turner & Gruenwald 2022
 * (two arms), Vovk & Wang 2019 (averages of e-processes), Shiryaev-Roberts for the entry over time.
 */
export interface EngineState {
  readonly block: number
  /** Capital not yet entered. */
  readonly cash: number
  readonly count: readonly number[]
  readonly share: readonly number[]
  readonly tempered: readonly number[]
  readonly difference: readonly number[]
  /** Stable counts of the blocks up to now: the baseline of the next bet, never of the present one. */
  readonly past: { readonly n: number; readonly e: number }
}

const EMPTY = GRID.map(() => Number.NEGATIVE_INFINITY)

export const startEngines: EngineState = {
  block: 0,
  cash: 1,
  count: EMPTY,
  share: EMPTY,
  tempered: EMPTY,
  difference: EMPTY,
  past: { n: 0, e: 0 },
}

/** The share of the capital that enters with block k (from 1). */
export function entry(k: number, plannedBlocks: number): number {
  if (k > plannedBlocks) return 0
  if (k === 1) return 0.5
  return 0.5 / (plannedBlocks - 1)
}

/** `counts` undefined: no bet in this block (missing, excluded, or an arm without requests). */
export function stepEngines(
  state: EngineState,
  counts: Counts | undefined,
  settings: EngineSettings,
): EngineState {
  const block = state.block + 1
  const pi = entry(block, settings.plannedBlocks)
  const cash = Math.max(0, state.cash - pi)
  const lnPi = pi > 0 ? Math.log(pi) : Number.NEGATIVE_INFINITY
  const enter = (capital: readonly number[]) => capital.map((each) => logAdd(each, lnPi))
  const entered = {
    block,
    cash,
    count: enter(state.count),
    share: enter(state.share),
    tempered: enter(state.tempered),
    difference: enter(state.difference),
    past: state.past,
  }
  if (counts === undefined || counts.nc <= 0 || counts.ns <= 0) return entered
  const bets = GRID.map((h) => betOn(h, counts, state.past, settings))
  const add = (capital: readonly number[], of: keyof LnE) =>
    capital.map((each, j) => each + (bets[j]?.[of] ?? 0))
  return {
    block,
    cash,
    count: add(entered.count, 'count'),
    share: add(entered.share, 'share'),
    tempered: add(entered.tempered, 'tempered'),
    difference: add(entered.difference, 'difference'),
    past: { n: state.past.n + counts.ns, e: state.past.e + counts.es },
  }
}

/** ln of the factor by which each engine's capital on the alternative `h` grows in this block. */
function betOn(
  h: number,
  { nc, ec, ns, es }: Counts,
  past: EngineState['past'],
  settings: EngineSettings,
): LnE {
  const { ratio, delta, phi, alpha, history } = settings
  const null0 = (ratio * nc) / (ratio * nc + ns)
  const null1 = (ratio * h * nc) / (ratio * h * nc + ns)
  const up = Math.log(null1 / null0)
  const down = Math.log((1 - null1) / (1 - null0))
  const errors = ec + es
  const count = ec * up + es * down
  const share = errors > 0 ? Math.log((ec / errors) * Math.exp(up) + (es / errors) * Math.exp(down)) : 0
  const tempered = Math.min(count / phi, 0.5 * Math.log(1 / alpha))

  const ls = (past.e + history.e + 0.5) / (past.n + history.n + 1)
  const lc = Math.min(1, (ls + delta) * h)
  const l0 = projectedRate(nc, ns, ls, lc, delta)
  const exponent =
    ec * Math.log(lc / (l0 + delta)) + es * Math.log(ls / l0) - nc * (lc - l0 - delta) - ns * (ls - l0)
  const difference = logAdd(Math.log(0.5), Math.log(0.5) + exponent)
  return { count, share, tempered, difference }
}

/**
 * The stable rate under "canary = stable + delta" that is closest to (ls, lc): positive root of
 * (ns+nc) l^2 + [(ns+nc) delta - ns ls - nc lc] l - ns ls delta = 0.
 */
function projectedRate(nc: number, ns: number, ls: number, lc: number, delta: number): number {
  const a = ns + nc
  const b = a * delta - ns * ls - nc * lc
  const c = -ns * ls * delta
  const root = Math.sqrt(b * b - 4 * a * c)
  // Of the two equal forms, the one that does not subtract nearly equal numbers.
  return b <= 0 ? (root - b) / (2 * a) : (-2 * c) / (b + root)
}

export function lnE(state: EngineState): LnE {
  const lnCash = state.cash > 0 ? Math.log(state.cash) : Number.NEGATIVE_INFINITY
  const of = (capital: readonly number[]) => logAdd(logMean(capital), lnCash)
  return {
    count: of(state.count),
    share: of(state.share),
    tempered: of(state.tempered),
    difference: of(state.difference),
  }
}
