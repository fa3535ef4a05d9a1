import { type EngineState, idleEngines, lnE, startEngines, stepEngines } from './engines.ts'
import { logMean, logSum } from './numbers.ts'
import {
  type Block,
  type Counts,
  ENGINES,
  type History,
  type JudgePolicy,
  type LnE,
  type MetricEvidence,
  type MetricPolicy,
} from './types.ts'

/** Folded over the blocks; always from the first one, so late samples correct themselves. */
export interface EvidenceState {
  readonly engines: Readonly<Record<string, readonly EngineState[]>>
  readonly totals: Readonly<Record<string, Counts>>
}

const NOTHING: Counts = { nc: 0, ec: 0, ns: 0, es: 0 }
const NO_HISTORY = { n: 0, e: 0 }

export const startEvidence: EvidenceState = { engines: {}, totals: {} }

export function stepEvidence(
  state: EvidenceState,
  block: Block,
  policy: JudgePolicy,
  history: History,
): EvidenceState {
  const engines: Record<string, readonly EngineState[]> = {}
  const totals: Record<string, Counts> = {}
  for (const [name, metric] of Object.entries(policy.metrics)) {
    const cuts = block.excluded === true ? undefined : block.metrics[name]
    const before = state.engines[name] ?? []
    const width = Math.max(before.length, cuts?.length ?? 1, history[name]?.length ?? 1)
    const phi = dispersionOf(name, policy, history) ?? 1
    engines[name] = Array.from({ length: width }, (_, cut) =>
      stepEngines(before[cut] ?? idleEngines(before[0] ?? startEngines), betOn(metric, cuts?.[cut]), {
        alpha: policy.alpha,
        plannedBlocks: policy.plannedBlocks,
        ratio: metric.ratio,
        delta: metric.delta,
        phi,
        history: baselineOf(metric, history[name]?.[cut] ?? NO_HISTORY),
      }),
    )
    totals[name] = add(state.totals[name] ?? NOTHING, cuts?.[0])
  }
  return { engines, totals }
}

/**
 * A fall of good events is a rise of the stable arm over the canary: the same bets with the arms exchanged. Betting on the
 * missing ones instead would see nothing where good events are rare (98 % without an order against 99 %).
 */
function betOn({ fall }: MetricPolicy, counts: Counts | undefined): Counts | undefined {
  if (fall !== true || counts === undefined) return counts
  const { nc, ec, ns, es } = counts
  return { nc: ns, ec: ns - es, ns: nc, es: nc - ec }
}

/**
 * What the first bets go by. With the arms exchanged the stable pods' past is that of the other arm: one event at its
 * rate starts the guess, and the blocks themselves make it. As a whole it would keep a real fall from being bet on.
 */
function baselineOf({ fall }: MetricPolicy, { n, e }: { readonly n: number; readonly e: number }) {
  if (fall !== true) return { n, e }
  return n > e ? { n: n / (n - e), e: 1 } : NO_HISTORY
}

/** Requests that had nothing beside them are no comparison, so they are no ground to go on either. */
function add(sum: Counts, counts: Counts | undefined): Counts {
  if (counts === undefined || counts.nc === 0 || counts.ns === 0) return sum
  return {
    nc: sum.nc + counts.nc,
    ec: sum.ec + counts.ec,
    ns: sum.ns + counts.ns,
    es: sum.es + counts.es,
  }
}

export interface Evidence {
  /** ln of the weighted mean over the metrics. */
  readonly ln: number
  readonly metrics: readonly MetricEvidence[]
}

export function readEvidence(state: EvidenceState, policy: JudgePolicy, history: History): Evidence {
  const names = Object.entries(policy.metrics)
  const total = names.reduce((sum, [, metric]) => sum + metric.weight, 0)
  const metrics = names.map(([name, metric]) => {
    const cuts = (state.engines[name] ?? [startEngines]).map(lnE)
    const mean = Object.fromEntries(
      ENGINES.map((engine) => [engine, logMean(cuts.map((each) => each[engine]))]),
    ) as unknown as LnE
    // A union of nulls: both the ratio and the difference must be exceeded, so the smaller evidence counts.
    const ln = logMean(cuts.map((each) => Math.min(each.count, each.difference)))
    return {
      name,
      counts: state.totals[name] ?? NOTHING,
      lnE: mean,
      ln,
      weighted: metric.weight > 0 ? Math.log(metric.weight / total) + ln : Number.NEGATIVE_INFINITY,
      cosign: cosign(mean, name, policy, history),
    }
  })
  return { ln: logSum(metrics.map((each) => each.weighted)), metrics }
}

/**
 * The count engine takes every request as independent, which clumps (a client's retry storm on one pod) are not.
 * The share engine bets once a block and is valid under any clumping inside it; the tempered one divides by the
 * dispersion that history has shown. One of them has to agree.
 */
function cosign(ln: LnE, name: string, policy: JudgePolicy, history: History): MetricEvidence['cosign'] {
  const calibrated = policy.calibration?.[name]
  const known = history[name]?.some((each) => each.n > 0) === true
  const strict = calibrated === undefined && (policy.strict ?? !known)
  const share = calibrated?.share ?? (strict ? Math.log(1 / policy.alpha) : Math.log(10))
  // Without calibration the tempered path stands on the dispersion that half an hour of the stable pods has shown.
  const tempered =
    calibrated !== undefined
      ? calibrated.tempered?.limit
      : strict || dispersionOf(name, policy, history) === undefined
        ? undefined
        : Math.log(1 / policy.alpha)
  return {
    share: Math.min(ln.share, ln.difference) >= share,
    tempered: tempered !== undefined && Math.min(ln.tempered, ln.difference) >= tempered,
  }
}

/** The widest of what calibration and history have seen; a cut of its own is not told apart. */
function dispersionOf(name: string, policy: JudgePolicy, history: History): number | undefined {
  const seen = history[name]?.flatMap(({ phi }) => phi ?? []) ?? []
  const calibrated = policy.calibration?.[name]?.tempered?.phi
  if (calibrated !== undefined) seen.push(calibrated)
  return seen.length === 0 ? undefined : Math.max(1, ...seen)
}
