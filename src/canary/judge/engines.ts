import { logAdd } from './numbers.ts'
import { type Counts, ENGINES, type LnE } from './types.ts'

/** Alternatives: how many times the tolerated ratio the canary's rate may be. */
export const GRID = [1.25, 1.5, 2, 3, 5, 8, 13, 20, 40, 100, 400] as const

export interface EngineSettings {
  readonly alpha: number
  readonly plannedBlocks: number
  readonly ratio: number
  readonly delta: number
  /** Dispersion of the stable pods (>= 1). */
  readonly phi: number
  /** Most that the tempered engine gains in one block, as a part of ln(1/alpha). */
  readonly mostPerBlock: number
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
  /** How many alternatives of the grid, from the smallest on, have capital at all. */
  readonly alternatives: number
  /** ln of the capital, engine by engine (the order of ENGINES), alternative by alternative. */
  readonly capital: Float64Array
  /** Stable counts of the blocks up to now: the baseline of the next bet, never of the present one. */
  readonly past: { readonly n: number; readonly e: number }
}

const WIDTH = GRID.length
const LN_GRID = GRID.map(Math.log)

export const startEngines: EngineState = {
  block: 0,
  cash: 1,
  alternatives: WIDTH,
  capital: new Float64Array(ENGINES.length * WIDTH).fill(Number.NEGATIVE_INFINITY),
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
  const lnPi = Math.log(pi)
  const { alternatives } = state
  const capital = state.capital.map((each, at) => (at % WIDTH < alternatives ? logAdd(each, lnPi) : each))
  if (counts === undefined || counts.nc <= 0 || counts.ns <= 0) return { ...state, block, cash, capital }
  bet(capital, counts, state.past, settings)
  return {
    ...state,
    block,
    cash,
    capital,
    past: { n: state.past.n + counts.ns, e: state.past.e + counts.es },
  }
}

/**
 * Multiplies each capital by its bet on this block. With theta(g) = g nc / (g nc + ns) the two factors of the ratio
 * engines, theta(rh)/theta(r) and (1-theta(rh))/(1-theta(r)), are h d and d with d = (r nc + ns) / (r h nc + ns).
 */
function bet(
  capital: Float64Array,
  { nc, ec, ns, es }: Counts,
  past: EngineState['past'],
  settings: EngineSettings,
): void {
  const { ratio, delta, phi, alpha, history, mostPerBlock } = settings
  const errors = ec + es
  const most = mostPerBlock * Math.log(1 / alpha)
  const ls = (past.e + history.e + 0.5) / (past.n + history.n + 1)
  for (let j = 0; j < WIDTH; j++) {
    const h = GRID[j] ?? 1
    const lnD = Math.log((ratio * nc + ns) / (ratio * h * nc + ns))
    const count = ec * (LN_GRID[j] ?? 0) + errors * lnD
    const lc = Math.min(1, (ls + delta) * h)
    const l0 = projectedRate(nc, ns, ls, lc, delta)
    const exponent =
      ec * Math.log(lc / (l0 + delta)) + es * Math.log(ls / l0) - nc * (lc - l0 - delta) - ns * (ls - l0)
    add(capital, j, count)
    add(capital, WIDTH + j, errors > 0 ? Math.log((ec * h + es) / errors) + lnD : 0)
    add(capital, 2 * WIDTH + j, Math.min(count / phi, most))
    // Half of it stays out of the bet, so that a jump of the baseline costs at most one half.
    add(capital, 3 * WIDTH + j, logAdd(Math.log(0.5), Math.log(0.5) + exponent))
  }
}

function add(capital: Float64Array, at: number, gain: number): void {
  capital[at] = (capital[at] ?? 0) + gain
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
  const lnCash = Math.log(state.cash)
  const of = (engine: number) => logAdd(meanOf(state.capital, engine * WIDTH, state.alternatives), lnCash)
  return { count: of(0), share: of(1), tempered: of(2), difference: of(3) }
}

function meanOf(capital: Float64Array, from: number, alternatives: number): number {
  let high = Number.NEGATIVE_INFINITY
  for (let j = from; j < from + alternatives; j++) high = Math.max(high, capital[j] ?? high)
  if (high === Number.NEGATIVE_INFINITY) return high
  let sum = 0
  for (let j = from; j < from + alternatives; j++) sum += Math.exp((capital[j] ?? 0) - high)
  return high + Math.log(sum / alternatives)
}

/** An engine that has bet nothing so far: its capital has entered on the same plan. */
export function idleEngines(
  { block, cash, capital }: EngineState,
  alternatives: number = WIDTH,
): EngineState {
  const entered = Math.log(Math.max(1 - cash, 0))
  const start = (at: number) => (at % WIDTH < alternatives ? entered : Number.NEGATIVE_INFINITY)
  return { block, cash, alternatives, capital: capital.map((_, at) => start(at)), past: { n: 0, e: 0 } }
}

/**
 * Where a fifth of the stable requests are slower than a cut, no version has forty times as many: an alternative that
 * would need more than all requests to be bad can never win, so no capital is put on it. Only what was known before the
 * start decides that, so the average is as valid as over the whole grid.
 */
export function possibleAlternatives(
  ratio: number,
  past: { readonly n: number; readonly e: number },
): number {
  if (past.n === 0) return WIDTH
  const rate = (past.e + 0.5) / (past.n + 1)
  return Math.max(1, GRID.filter((h) => ratio * h * rate <= 1).length)
}
