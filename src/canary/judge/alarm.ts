import type { Evidence, EvidenceState } from './evidence.ts'
import type { Alarm, Block, Counts, JudgePolicy, Limit, MetricEvidence } from './types.ts'

/** Half of all requests bad, with at least this many of them, in two blocks that follow each other. */
const FAILING = { rate: 0.5, requests: 50, blocks: 2 }

/** Blocks in a row in which the canary fails outright; kept by the fold. */
export type FailingRuns = Readonly<Record<string, number>>

export function stepFailing(runs: FailingRuns, block: Block, policy: JudgePolicy): FailingRuns {
  const next: Record<string, number> = {}
  for (const [name, metric] of Object.entries(policy.metrics)) {
    if (metric.kind !== 'errors' || metric.fall === true) continue
    const counts = block.excluded === true ? undefined : block.metrics[name]?.[0]
    // A block without data neither confirms nor refutes.
    next[name] =
      counts === undefined ? (runs[name] ?? 0) : isFailing(counts, metric) ? (runs[name] ?? 0) + 1 : 0
  }
  return next
}

/** An outage of both arms is not the canary's: its rate must also be beyond the margin of the stable pods. */
function isFailing({ nc, ec, ns, es }: Counts, margin: { ratio: number; delta: number }): boolean {
  if (nc < FAILING.requests || ec / nc < FAILING.rate) return false
  const stable = ns === 0 ? 0 : es / ns
  return ec / nc > Math.max(margin.ratio * stable, stable + margin.delta)
}

/** Blocks in a row in which the canary is over a fixed limit and the stable pods are not; kept by the fold. */
export function stepLimits(runs: FailingRuns, block: Block, policy: JudgePolicy): FailingRuns {
  const next: Record<string, number> = {}
  for (const [name, { limit }] of Object.entries(policy.metrics)) {
    if (limit === undefined) continue
    const counts = block.excluded === true ? undefined : block.metrics[name]?.[0]
    const run = runs[name] ?? 0
    next[name] = counts === undefined || counts.nc === 0 ? run : isOver(counts, limit) ? run + 1 : 0
  }
  return next
}

/** What hits the stable pods as well is not the canary's; promotion waits for the service-wide rules there. */
function isOver({ nc, ec, ns, es }: Counts, { share }: Limit): boolean {
  return ec / nc > share && (ns === 0 || es / ns <= share)
}

/** Every reason to end the canary after this block, the plainest first. */
export function findAlarms(
  block: number,
  evidence: Evidence,
  state: EvidenceState,
  failing: FailingRuns,
  limits: FailingRuns,
  policy: JudgePolicy,
): readonly Alarm[] {
  const found: Alarm[] = []
  for (const [metric, run] of Object.entries(failing)) {
    if (run < FAILING.blocks) continue
    const why = `half or more of the canary's requests fail, ${run} blocks in a row`
    found.push({ block, reason: 'canary-failing', metric, why })
  }
  for (const [metric, run] of Object.entries(limits)) {
    const limit = policy.metrics[metric]?.limit
    if (limit === undefined || run < limit.blocks) continue
    const why = `over its limit of ${Number((100 * limit.share).toPrecision(6))} % for ${run} blocks in a row, the stable pods are not`
    found.push({ block, reason: 'canary-over-limit', metric, why })
  }
  const worst = evidence.metrics.reduce<MetricEvidence | undefined>(
    (most, each) => (most === undefined || each.weighted > most.weighted ? each : most),
    undefined,
  )
  const enough = evidence.ln >= Math.log(1 / policy.alpha)
  if (worst !== undefined && enough && (worst.cosign.share || worst.cosign.tempered)) {
    found.push({ block, reason: 'canary-worse', metric: worst.name, why: rates(worst.counts) })
  }
  const spent = overspent(block, state, policy)
  return spent === undefined ? found : [...found, spent]
}

/** Whatever statistics say: one canary may not spend more than its share of the period's error budget. */
function overspent(block: number, state: EvidenceState, policy: JudgePolicy): Alarm | undefined {
  const spend = policy.spend
  const totals = spend === undefined ? undefined : state.totals[spend.metric]
  if (spend === undefined || totals === undefined || totals.ns === 0) return undefined
  const attributed = Math.max(0, totals.ec - (totals.nc * totals.es) / totals.ns)
  const allowed = (spend.share ?? 0.01) * (1 - spend.target) * spend.periodEvents
  if (attributed <= allowed) return undefined
  const why = `${Math.round(attributed)} bad requests are the canary's own, ${Math.round(allowed)} are its share of the error budget`
  return { block, reason: 'canary-budget', metric: spend.metric, why }
}

export function rates({ nc, ec, ns, es }: Counts): string {
  return `canary ${ec} of ${nc} requests bad (${percent(ec, nc)}), stable ${es} of ${ns} (${percent(es, ns)})`
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'no requests' : `${((100 * part) / whole).toPrecision(2)} %`
}
