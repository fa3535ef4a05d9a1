import { regionCalendar, spacedUntil, windowVerdict } from '../calendar/index.ts'
import type { Config, Environment } from '../config/index.ts'
import {
  type Approval,
  type LedgerState,
  type RegionState,
  type ReleaseState,
  regionOf,
  type TrainState,
  vetoOf,
} from '../ledger/index.ts'
import { formatDuration, type GateResult, type RegionFacts, shortDigest } from '../release/index.ts'
import { freshFacts, type RegionView, type TrainFacts } from './facts.ts'
import { planHash } from './plan.ts'
import { serving } from './serving.ts'

/** One line of the checklist. */
export interface Gate {
  readonly name: string
  readonly region: string
  readonly result: GateResult
}

const pass = (why: string): GateResult => ({ verdict: 'pass', why })

/** Enough valid approvals of exactly this plan. They may expire until the first region starts, not after. */
export function approvalGate(
  train: TrainState,
  release: ReleaseState,
  config: Config,
  now: Date,
): GateResult {
  const required = requiredApprovals(release, config)
  if (required === 0) return { verdict: 'off', why: 'the policy asks for no approval' }
  const hash = planHash(release, config)
  const begun = train.started.length > 0
  const valid = (a: Approval): boolean => a.planHash === hash && (begun || now < new Date(a.until))
  const count = train.approvals.filter(valid).length
  if (count >= required) {
    return pass(
      `approved by ${train.approvals
        .filter(valid)
        .map((a) => a.person)
        .join(', ')}`,
    )
  }
  if (train.approvals.length > count) {
    return {
      verdict: 'wait',
      reason: 'approval-void',
      why: 'an approval expired, or was given for another plan',
    }
  }
  const why = `${count} of ${required} approvals of plan ${hash.slice(0, 12)}`
  return { verdict: 'wait', reason: 'approval-missing', why }
}

/** A hotfix always takes two people: who wrote it, and who approves. */
export function requiredApprovals(release: ReleaseState, config: Config): number {
  const { required } = config.approvals
  return release.kind === 'hotfix' ? Math.max(1, required) : required
}

export function vetoGate(state: LedgerState, release: ReleaseState): GateResult {
  const veto = vetoOf(state, release)
  if (veto === undefined) return pass(`${shortDigest(release.digest)} is not vetoed`)
  return { verdict: 'fail', reason: 'digest-vetoed', why: `vetoed at ${veto.at}: ${veto.why}` }
}

export function holdGate(region: RegionState): GateResult {
  const { hold } = region
  if (hold === undefined) return pass('not held')
  return { verdict: 'wait', reason: 'held', why: `held by ${hold.by} since ${hold.at}: ${hold.reason}` }
}

export function inServiceGate({ excluded }: RegionState): GateResult {
  if (excluded === undefined) return pass('in service')
  const why = `taken out by ${excluded.by} at ${excluded.at}: ${excluded.reason}`
  return { verdict: 'wait', reason: 'region-excluded', why }
}

/** While a region is out of service the others carry its load: normal releases wait, a hotfix does not. */
export function excludedGate(state: LedgerState, release: ReleaseState, config: Config): GateResult {
  const out = config.train.order.filter((r) => regionOf(state, r)?.excluded !== undefined)
  const [first] = out
  if (first === undefined) return pass('all of them')
  if (release.kind === 'hotfix') return pass(`${out.join(', ')} is out, which a hotfix goes past`)
  const { by, at, reason } = regionOf(state, first)?.excluded ?? { by: '?', at: '?', reason: '?' }
  const why = `${first} was taken out by ${by} at ${at}: ${reason}`
  return { verdict: 'wait', reason: 'region-excluded', why }
}

/** Without a verified release a rollback has no target, so nothing new goes there. */
export function baselineGate(state: LedgerState, region: RegionState | undefined): GateResult {
  const target = region?.verified.findLast((v) => vetoOf(state, v) === undefined)
  if (target !== undefined)
    return pass(`can go back to ${target.release ?? 'the baseline'} ${shortDigest(target.digest)}`)
  return { verdict: 'fail', reason: 'region-not-adopted', why: 'no verified release to go back to' }
}

/** The calendar of the region; the first region of a train also keeps to the day that trains start on. */
export function windowGate(environment: Environment, config: Config, first: boolean, now: Date): GateResult {
  const calendar = regionCalendar(config, environment)
  if (!calendar.ok) return { verdict: 'fail', reason: calendar.fault.reason, why: calendar.fault.cause }
  const { start, timezone } = config.train
  // The start day is a day of the train's zone; days and hours of the window are the region's.
  const within = first ? { within: { zone: timezone, days: [start] } } : {}
  const verdict = windowVerdict(calendar.value, { now, ...within })
  if (verdict.open) return pass(`open until ${verdict.closesAt?.toISOString() ?? 'further notice'}`)
  const { reason, why, opensAt } = verdict
  return { verdict: 'wait', reason, why, ...(opensAt && { until: opensAt }) }
}

export function spacingGate(state: LedgerState, config: Config, now: Date): GateResult {
  const { timezone: zone, regionsPerDay: perDay, spacingMs } = config.train
  const until = spacedUntil(state.starts, { zone, perDay, spacingMs }, now)
  if (until === undefined)
    return pass(`fewer than ${perDay} started today and ${formatDuration(spacingMs)} are over`)
  const last = state.starts.at(-1)
  return { verdict: 'wait', reason: 'day-used', why: `${last?.region} started at ${last?.at}`, until }
}

/** The region is quiet and serves what it is pinned to, by fresh facts. */
export function steadyGate(
  region: RegionState,
  view: RegionView | undefined,
  config: Config,
  now: Date,
): GateResult {
  const fresh = freshFacts(region.name, view, now, config.train.factAgeMs)
  if ('gate' in fresh) return fresh.gate
  if (region.pins === undefined)
    return { verdict: 'fail', reason: 'region-not-adopted', why: 'its pins are not known' }
  const result = serving(fresh.facts, {
    pins: region.pins,
    workloads: config.workloads.map((w) => w.name),
    carriesPin: carried(region, view),
  })
  return result.verdict === 'wait' ? { verdict: 'wait', reason: 'region-unhealthy', why: result.why } : result
}

/** A pin of the ledger has to be carried; what was adopted was carried by somebody else, before. */
export function carried(region: RegionState, view: RegionView | undefined): boolean | undefined {
  return region.base === undefined ? true : view?.carriesPin
}

/**
 * No region that runs the release alarms on it. Only the live digest is blamed, and a region whose alarms
 * cannot be read is not quiet.
 */
export function alarmGate(
  state: LedgerState,
  release: ReleaseState,
  facts: TrainFacts,
  config: Config,
  now: Date,
): GateResult {
  const running = config.train.order.filter((r) => runs(state, r, release))
  for (const name of running) {
    const fresh = freshFacts(name, facts.regions.get(name), now, config.train.factAgeMs)
    if ('gate' in fresh) return fresh.gate
    const { alarms } = fresh.facts
    if (alarms === undefined) {
      return { verdict: 'unknown', reason: 'facts-missing', why: `the alarms of ${name} could not be read` }
    }
    const [alarm] = alarmsOn(fresh.facts, release)
    if (alarm !== undefined) {
      return {
        verdict: 'fail',
        reason: 'alarm-on-release',
        why: `${name}: ${alarm.name} since ${alarm.since}: ${alarm.why}`,
      }
    }
  }
  return pass(running.length === 0 ? 'no region runs it yet' : `quiet in ${running.join(', ')}`)
}

/** Alarms that count against a release: named on its digest, while that digest has a share of live traffic. */
export function alarmsOn(
  facts: RegionFacts,
  release: ReleaseState,
): readonly { name: string; since: string; why: string }[] {
  const live =
    facts.workloads?.some((w) => w.served.some((s) => s.digest === release.digest && s.share > 0)) ?? false
  return live ? (facts.alarms ?? []).filter((a) => a.digest === release.digest) : []
}

/** Whether the pins of a region carry the release, on one workload at least. */
export function runs(
  state: LedgerState,
  region: string,
  artifact: { digest: string; configSha: string },
): boolean {
  const pins = regionOf(state, region)?.pins
  if (pins === undefined || pins.configSha !== artifact.configSha) return false
  return Object.values(pins.workloads).includes(artifact.digest as ReleaseState['digest'])
}

/** Long enough since it was *observed* live, enough requests on the digest, and still serving. */
export function bakeGate(
  region: RegionState,
  release: ReleaseState,
  facts: RegionFacts,
  config: Config,
  now: Date,
): GateResult {
  const { bakeMs, bakeRequests } = config.train
  const until = new Date(Date.parse(region.since) + bakeMs)
  if (now < until) {
    const why = `baking since ${region.since} for ${formatDuration(bakeMs)}`
    return { verdict: 'wait', reason: 'baking', why, until }
  }
  if (bakeRequests === 0) return pass(`baked for ${formatDuration(bakeMs)}`)
  const { traffic } = facts
  if (traffic === undefined || traffic.digest !== release.digest) {
    return {
      verdict: 'unknown',
      reason: 'facts-missing',
      why: `the requests of ${region.name} could not be counted`,
    }
  }
  if (traffic.requests < bakeRequests) {
    const why = `${traffic.requests} of ${bakeRequests} requests since ${traffic.since}`
    return { verdict: 'wait', reason: 'bake-traffic', why }
  }
  return pass(`baked for ${formatDuration(bakeMs)} with ${traffic.requests} requests`)
}
