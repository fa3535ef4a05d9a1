import type { Pins } from '../ledger/index.ts'
import { type GateResult, type RegionFacts, shortDigest, type WorkloadFacts } from '../release/index.ts'

/** Shares are sums of fractions of ready pods; what is less than this is rounding. */
const rounding = 1e-9

export interface ServingQuestion {
  /** The digests that the named workloads should serve; other workloads are not looked at. */
  readonly pins: Pins
  readonly workloads: readonly string[]
  /** False or absent: the synced revision is not known to carry the pin. */
  readonly carriesPin: boolean | undefined
}

/**
 * "The region serves this": the only fact that may start a bake. All of: the Application has carried the pin
 * commit or a descendant of it, successfully, and has compared since; each workload's observed template is the
 * digest; all of its routed traffic reaches ready pods of that digest. A healthy phase alone proves nothing:
 * it may be the answer for the revision before.
 */
export function serving(facts: RegionFacts, question: ServingQuestion): GateResult {
  const { application, workloads } = facts
  if (application === undefined) return unknown(facts, `the Application of ${facts.region} could not be read`)
  if (workloads === undefined) return unknown(facts, `the workloads of ${facts.region} could not be read`)
  if (question.carriesPin === undefined)
    return unknown(facts, 'the synced revision could not be compared with the pin')
  if (!question.carriesPin) return wait(`Argo CD has not carried the pin yet (${application.why})`)
  if (application.operation === 'failed') return wait(`the sync failed: ${application.why}`)
  if (!application.synced || application.operation === 'running' || !application.fresh) {
    return wait(`the sync is not finished: ${application.why}`)
  }
  for (const name of question.workloads) {
    const found = workloads.find((w) => w.name === name)
    const why = found === undefined ? `${name} was not looked at` : missing(found, question.pins)
    if (why !== undefined) return wait(why)
  }
  return { verdict: 'pass', why: `${facts.region} serves ${question.workloads.join(', ')} as pinned` }
}

function missing(workload: WorkloadFacts, pins: Pins): string | undefined {
  const wanted = Object.hasOwn(pins.workloads, workload.name) ? pins.workloads[workload.name] : undefined
  if (wanted === undefined) return `${workload.name} has no pin`
  if (workload.desired !== wanted) {
    const shown = workload.desired === undefined ? 'nothing observed' : shortDigest(workload.desired)
    return `${workload.name} is told to run ${shown}, not ${shortDigest(wanted)}`
  }
  const share = workload.served.filter((s) => s.digest === wanted).reduce((sum, s) => sum + s.share, 0)
  if (workload.dark > rounding || share < 1 - rounding) {
    return `${shortDigest(wanted)} serves ${Math.floor(share * 100)} % of ${workload.name} (${workload.why})`
  }
  if (workload.state !== 'healthy') return `${workload.name} is ${workload.state}: ${workload.why}`
  return undefined
}

function wait(why: string): GateResult {
  return { verdict: 'wait', reason: 'not-served', why }
}

function unknown(facts: RegionFacts, why: string): GateResult {
  const detail = facts.unreadable.length === 0 ? '' : `: ${facts.unreadable.join('; ')}`
  return { verdict: 'unknown', reason: 'facts-missing', why: `${why}${detail}` }
}
