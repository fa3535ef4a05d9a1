import type { RegionState } from '../ledger/index.ts'
import { formatDuration } from '../release/index.ts'
import { sendBack } from './backward.ts'
import type { Situation } from './decide.ts'
import type { Decision } from './decision.ts'
import { freshFacts } from './facts.ts'
import { haltEvents, rollbackPlan } from './rollback.ts'

/**
 * T4: a pin that fresh facts show not to be served within the limit goes back, and with it every region that has
 * the release (leaving some would put three versions live when the next one starts, I9). No veto: a sync that
 * fails is not the digest's fault, and the release may be proposed again once it is mended.
 */
export function overdue(situation: Situation, region: RegionState, decision: Decision): Decision | undefined {
  const { state, release, facts, config, now } = situation
  const limit = config.train.progressMs
  if (limit === undefined || now.getTime() < Date.parse(region.since) + limit) return undefined
  if (!isStuck(situation, region, decision)) return undefined
  const plan = rollbackPlan(state, config, { regions: 'all', bad: release })
  if (!plan.ok) return undefined
  const why = `${region.name} does not serve ${release.id} ${formatDuration(limit)} after its pin: ${decision.why}`
  const cause = { person: 'tuesday', reason: 'region-stuck', why, auto: true, veto: false } as const
  const halt = haltEvents(state, plan.value, cause)
  return sendBack(state, facts, plan.value.items, halt, 'region-stuck', why)
}

/** Known not to serve, by facts that can be trusted. What cannot be read is no reason to go back. */
function isStuck({ facts, config, now }: Situation, region: RegionState, decision: Decision): boolean {
  if (decision.reason === 'not-served') return true
  // The canary gate bounds its own time; that it never got to look is seen here.
  const view = facts.regions.get(region.name)
  const fresh = freshFacts(region.name, view, now, config.train.factAgeMs)
  return decision.step.kind === 'canary' && !('gate' in fresh) && view?.carriesPin === false
}
