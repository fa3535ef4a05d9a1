import { environment } from '../config/index.ts'
import { regionOf } from '../ledger/index.ts'
import type { GateResult } from '../release/index.ts'
import { freshCheck } from './checks.ts'
import type { Situation } from './decide.ts'

/** I21: the digest goes only where the law of its data lets it. */
export function residencyGate({ config }: Situation, region: string): GateResult {
  const allowed = config.gates?.residency?.jurisdictions ?? []
  const found = environment(config, region)
  if (!found.ok) return { verdict: 'unknown', reason: 'environment-unknown', why: found.fault.cause }
  const { jurisdiction } = found.value
  if (allowed.includes(jurisdiction)) return { verdict: 'pass', why: `${jurisdiction} is allowed` }
  const why = `the data of ${region} stands under ${jurisdiction}; allowed are ${allowed.join(', ')}`
  return { verdict: 'fail', reason: 'residency', why }
}

/**
 * The schema that the code needs is there before the code, and what the migrations leave behind is not below
 * what the releases to go back to need: those are looked at by the target of a rollback itself.
 */
export function schemaLevelGate(situation: Situation, name: string): GateResult {
  const { state, release, config } = situation
  const needs = release.claims?.needs
  if (needs === undefined) {
    return {
      verdict: 'unknown',
      reason: 'facts-missing',
      why: `${release.id} does not say which level it needs`,
    }
  }
  const found = environment(config, name)
  const migrates = config.migrations !== undefined && found.ok && found.value.database !== undefined
  const level = regionOf(state, name)?.schema?.level
  if (level !== undefined && level >= needs)
    return { verdict: 'pass', why: `${name} is at ${level}, ${needs} is needed` }
  if (migrates) return { verdict: 'pass', why: `${name} migrates to ${needs} before the pin` }
  const fact = freshCheck(situation, 'schema', (f) => f.region === name, `the level of ${name}`)
  if ('gate' in fact) return fact.gate
  if (fact.fact.level >= needs)
    return { verdict: 'pass', why: `${name} is at ${fact.fact.level}, ${needs} is needed` }
  const why = `${name} is at ${fact.fact.level}, ${needs} is needed`
  return { verdict: 'wait', reason: 'schema-behind', why }
}

/**
 * One service at a time: none of the named services has a region on its way. Their ledgers stand on the same
 * branch, so the compare-and-swap of the commit makes this a lock that nobody has to break.
 */
export function fleetGate({ config, facts }: Situation): GateResult {
  const others = config.train.notBeside ?? []
  if (others.length === 0) return { verdict: 'off', why: 'tuesday.yaml names none (train.not-beside)' }
  const { fleet } = facts
  const unread = others.filter((name) => fleet?.has(name) !== true)
  if (unread.length > 0) {
    return {
      verdict: 'unknown',
      reason: 'facts-missing',
      why: `the ledger of ${unread.join(', ')} was not read`,
    }
  }
  for (const name of others) {
    const busy = fleet?.get(name)
    if (busy === undefined || busy.kind === 'quiet') continue
    if (busy.kind === 'unreadable') {
      return { verdict: 'unknown', reason: 'facts-missing', why: `the ledger of ${name} cannot be read` }
    }
    return { verdict: 'wait', reason: 'fleet-busy', why: `${name} is on its way in ${busy.region}` }
  }
  return { verdict: 'pass', why: `${others.join(', ')}: nothing is on its way` }
}
