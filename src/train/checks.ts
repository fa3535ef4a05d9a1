import { formatDuration, type GateResult, shortDigest } from '../release/index.ts'
import { type CheckKind, type FactOf, newest } from './check-facts.ts'
import type { Situation } from './decide.ts'

const pass = (why: string): GateResult => ({ verdict: 'pass', why })

/** The newest fact of a kind, when it is young enough; or the gate that says why there is none. */
export function freshCheck<K extends CheckKind>(
  { facts, config, now }: Situation,
  kind: K,
  about: (fact: FactOf<K>) => boolean,
  what: string,
  maxAgeMs: number = config.train.factAgeMs,
): { readonly fact: FactOf<K> } | { readonly gate: GateResult } {
  const fact = newest(facts.checks ?? [], kind, about)
  if (fact === undefined) {
    return { gate: { verdict: 'unknown', reason: 'facts-missing', why: `nobody has recorded ${what}` } }
  }
  const age = now.getTime() - Date.parse(fact.asOf)
  // A minute of difference between the clocks of two runners is normal; facts from further ahead are not.
  if (age > maxAgeMs || age < -60_000) {
    const why = `${what} was recorded at ${fact.asOf}, which is more than ${formatDuration(maxAgeMs)} ago`
    return { gate: { verdict: 'unknown', reason: 'facts-stale', why } }
  }
  return { fact }
}

export function budgetGate(situation: Situation, region: string): GateResult {
  const least = situation.config.gates?.budget?.least ?? 1
  const budgets = situation.config.slos.map((slo) =>
    freshCheck(
      situation,
      'budget',
      (f) => f.region === region && f.slo === slo.name,
      `the budget of ${slo.name} in ${region}`,
    ),
  )
  if (budgets.length === 0)
    return { verdict: 'unknown', reason: 'facts-missing', why: 'tuesday.yaml has no objective' }
  const texts: string[] = []
  for (const found of budgets) {
    if ('gate' in found) return found.gate
    const { slo, remaining } = found.fact
    const said = `${slo}: ${percent(remaining)} of the budget are left`
    if (remaining < least) {
      return { verdict: 'wait', reason: 'budget-frozen', why: `${said}, ${percent(least)} are asked for` }
    }
    texts.push(said)
  }
  return pass(texts.join('; '))
}

/**
 * What the replicas that are ready carry, and what the autoscaler may add, over the measured peak. With a region
 * out, the caller's demand is that of the survivors: the fact is recorded for the load as it is then.
 */
export function capacityGate(situation: Situation, region: string): GateResult {
  const least = situation.config.gates?.capacity?.headroom ?? 1
  const found = freshCheck(situation, 'capacity', (f) => f.region === region, `the capacity of ${region}`)
  if ('gate' in found) return found.gate
  const { demand, perReplica, ready, most } = found.fact
  const now = headroom(ready * perReplica, demand)
  // The canary surge needs a place as well: one replica more than are ready has to be allowed.
  if (most <= ready) {
    const why = `all ${most} replicas that the autoscaler may make are in use, so there is no room for a surge`
    return { verdict: 'wait', reason: 'capacity-short', why }
  }
  const said = `${percent(now)} headroom: ${ready} replicas carry ${Math.round(ready * perReplica)}/s, the peak is ${Math.round(demand)}/s`
  return now >= least
    ? pass(said)
    : { verdict: 'wait', reason: 'capacity-short', why: `${said}; ${percent(least)} is asked for` }
}

function headroom(carries: number, demand: number): number {
  return demand === 0 ? Number.POSITIVE_INFINITY : (carries - demand) / demand
}

export function telemetryGate(situation: Situation, region: string): GateResult {
  const maxAge = situation.config.gates?.telemetry?.maxAgeMs ?? 0
  const found = freshCheck(situation, 'telemetry', (f) => f.region === region, `the monitoring of ${region}`)
  if ('gate' in found) return found.gate
  const { asOf, newestSample, alerting } = found.fact
  const lag = Date.parse(asOf) - Date.parse(newestSample)
  if (lag > maxAge) {
    const why = `the newest sample of ${region} was ${formatDuration(lag)} old`
    return { verdict: 'wait', reason: 'telemetry-dead', why }
  }
  if (!alerting)
    return { verdict: 'wait', reason: 'telemetry-dead', why: `alerts of ${region} do not arrive` }
  return pass(`samples are ${formatDuration(Math.max(0, lag))} old and alerts arrive`)
}

export function provenanceGate(situation: Situation): GateResult {
  const { digest } = situation.release
  const found = freshCheck(
    situation,
    'provenance',
    (f) => f.digest === digest,
    `the provenance of ${shortDigest(digest)}`,
  )
  if ('gate' in found) return found.gate
  const { verified, why } = found.fact
  return verified ? pass(why) : { verdict: 'fail', reason: 'provenance-failed', why }
}

export function incidentGate(situation: Situation): GateResult {
  const found = freshCheck(situation, 'incident', () => true, 'which incidents are open')
  if ('gate' in found) return found.gate
  const grave = found.fact.open.filter((i) => i.severity === 'P1' || i.severity === 'P2')
  if (grave.length === 0) return pass('no P1 or P2 is open')
  const why = `open: ${grave.map((i) => `${i.severity} ${i.id}`).join(', ')}`
  return { verdict: 'wait', reason: 'incident-open', why }
}

export function drillGate(situation: Situation): GateResult {
  const within = situation.config.gates?.drill?.withinMs ?? 0
  const found = freshCheck(situation, 'drill', () => true, 'a rehearsed rollback', within)
  if ('gate' in found) return found.gate
  if (found.fact.passed) return pass(`rehearsed at ${found.fact.asOf}`)
  return { verdict: 'fail', reason: 'drill-failed', why: `the rehearsal at ${found.fact.asOf} failed` }
}

/** Long ago is as good as yesterday here: a message was sent, a change was read, a digest was tested. */
const ever = Number.POSITIVE_INFINITY

export function toldGate(situation: Situation): GateResult {
  const { digest } = situation.release
  const found = freshCheck(situation, 'told', (f) => f.digest === digest, 'that the team was told', ever)
  return 'gate' in found ? found.gate : pass(`told in ${found.fact.channel} at ${found.fact.asOf}`)
}

export function reviewedGate(situation: Situation): GateResult {
  const { sourceSha, author } = situation.release
  const found = freshCheck(
    situation,
    'reviewed',
    (f) => f.sourceSha === sourceSha,
    'a review of the change',
    ever,
  )
  if ('gate' in found) return found.gate
  const others = found.fact.people.filter((p) => p !== author)
  if (others.length > 0) return pass(`reviewed by ${others.join(', ')}`)
  return {
    verdict: 'fail',
    reason: 'not-reviewed',
    why: `nobody but ${author} has read ${sourceSha.slice(0, 12)}`,
  }
}

export function testedGate(situation: Situation): GateResult {
  const { digest } = situation.release
  const found = freshCheck(
    situation,
    'tested',
    (f) => f.digest === digest,
    `the tests of ${shortDigest(digest)}`,
    ever,
  )
  if ('gate' in found) return found.gate
  if (found.fact.passed) return pass(`passed at ${found.fact.asOf}`)
  return {
    verdict: 'fail',
    reason: 'not-tested',
    why: `the tests of ${shortDigest(digest)} failed at ${found.fact.asOf}`,
  }
}

function percent(part: number): string {
  return Number.isFinite(part) ? `${Math.floor(part * 100)} %` : 'any'
}
