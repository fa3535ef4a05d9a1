import { trainDay } from '../calendar/index.ts'
import { environment } from '../config/index.ts'
import { type NewEvent, type RegionState, regionOf } from '../ledger/index.ts'
import { checklist } from './checklist.ts'
import { idle, type Situation } from './decide.ts'
import type { Decision } from './decision.ts'
import {
  alarmGate,
  approvalGate,
  baselineGate,
  excludedGate,
  type Gate,
  holdGate,
  spacingGate,
  steadyGate,
  vetoGate,
  windowGate,
} from './gates.ts'
import { remaining } from './order.ts'
import { workloadGroups } from './plan.ts'
import { schemaGate } from './schema.ts'
import { blocked, gate, go, newTransition, pinGroup } from './steps.ts'

/**
 * T3, T7: the first region of the order that does not run the release verified yet; so all before it do, or are
 * passed by for a reason that stands in the ledger.
 */
export function startNext(situation: Situation): Decision {
  const { state, release, config } = situation
  const { next: name, passed } = remaining(state, release, config)
  if (name === undefined) return atTheEnd(situation, passed)
  const region = regionOf(state, name)
  const gates = startGates(situation, name)
  const stop = blocked(gates)
  if (stop !== undefined) return stop
  // The gate before has seen it; the type has not.
  if (region === undefined) return idle('fail', 'region-not-adopted', `${name} is not in the ledger`)
  return start(situation, region, gates)
}

/** Nothing is left but what was passed by: a held region is waited for, an excluded one is not. */
function atTheEnd({ state, release }: Situation, passed: readonly string[]): Decision {
  const held = passed.filter((r) => regionOf(state, r)?.hold !== undefined)
  if (held.length > 0) {
    const why = `every other region is verified on ${release.id}; ${held.join(', ')} is held`
    return idle('wait', 'held', why)
  }
  const outcome = passed.length === 0 ? ('done' as const) : ('partial' as const)
  const why = `${release.id} is verified in every region${passed.length === 0 ? '' : ` but ${passed.join(', ')}`}`
  const events = [{ type: 'train-ended', release: release.id, outcome, why } as const]
  return { ...idle('pass', 'train-done', why), events }
}

/** What a region has to show before anything new goes there: the deployment checklist, in the order it is asked. */
function startGates(situation: Situation, name: string): readonly Gate[] {
  const { state, train, release, facts, config, now } = situation
  const region = regionOf(state, name)
  const found = environment(config, name)
  // A start that was made before (its migration failed, a person cleared that) has used its day up already.
  const again = train.started.includes(name)
  const gates = [
    gate('approval', name, approvalGate(train, release, config, now)),
    gate('veto', name, vetoGate(state, release)),
    gate('baseline', name, baselineGate(state, region)),
    gate('alarms', name, alarmGate(state, release, facts, config, now)),
    gate('regions in service', name, excludedGate(state, release, config)),
  ]
  if (region !== undefined) gates.push(gate('hold', name, holdGate(region)))
  // T12 waives the day, and the window as far as its freezes let this severity pass; never the rest.
  const hotfix = release.kind === 'hotfix'
  const waived = { verdict: 'off', why: `waived for ${release.incident?.id ?? 'the incident'}` } as const
  if (found.ok) {
    const first = train.started.length === 0
    gates.push(gate('window', name, windowGate(found.value, config, first, now, release.incident?.severity)))
  }
  if (!again) gates.push(gate('one a day', name, hotfix ? waived : spacingGate(state, config, now)))
  gates.push(...checklist(situation, name))
  if (region !== undefined)
    gates.push(gate('steady', name, steadyGate(region, facts.regions.get(name), config, now)))
  return gates
}

function start(situation: Situation, region: RegionState, gates: readonly Gate[]): Decision {
  const { train, release, config, now } = situation
  const { name } = region
  const transition = newTransition(situation, 'start', name)
  const events: NewEvent[] = []
  if (!train.started.includes(name)) {
    const day = trainDay(now, config.train.timezone)
    events.push({ type: 'started', transition, region: name, release: release.id, day })
  }
  const found = environment(config, name)
  if (config.migrations !== undefined && found.ok && found.value.database !== undefined) {
    events.push({ type: 'migration-started', transition, region: name, release: release.id })
    return go('migrate', name, transition, `${name} starts with its migrations`, { events, gates })
  }
  // Nothing will migrate this region: what the release needs has to stand there already. By the ledger, unless the
  // checklist has asked for a fact of it: what another hand migrates never stands in the ledger.
  const asked = config.gates?.schema !== undefined
  const all = asked ? gates : [...gates, gate('schema', name, schemaGate(region, release))]
  return (
    blocked(all) ?? pinGroup(situation, region, 'lead', workloadGroups(config).lead, events, transition, all)
  )
}
