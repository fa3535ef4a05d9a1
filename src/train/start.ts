import { trainDay } from '../calendar/index.ts'
import { environment } from '../config/index.ts'
import { type NewEvent, type RegionState, regionOf, sameArtifact } from '../ledger/index.ts'
import { idle, type Situation } from './decide.ts'
import type { Decision } from './decision.ts'
import {
  alarmGate,
  approvalGate,
  baselineGate,
  type Gate,
  holdGate,
  spacingGate,
  steadyGate,
  vetoGate,
  windowGate,
} from './gates.ts'
import { workloadGroups } from './plan.ts'
import { schemaGate } from './schema.ts'
import { blocked, gate, go, newTransition, pinGroup } from './steps.ts'

/** T3, T7: the first region of the order that does not run the release verified yet; so all before it do. */
export function startNext(situation: Situation): Decision {
  const { state, release, config } = situation
  const name = config.train.order.find((r) => !isVerified(regionOf(state, r), release))
  if (name === undefined) return idle('pass', 'train-done', `${release.id} is verified in every region`)
  const region = regionOf(state, name)
  const gates = startGates(situation, name)
  const stop = blocked(gates)
  if (stop !== undefined) return stop
  // The gate before has seen it; the type has not.
  if (region === undefined) return idle('fail', 'region-not-adopted', `${name} is not in the ledger`)
  return start(situation, region, gates)
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
  ]
  if (region !== undefined) gates.push(gate('hold', name, holdGate(region)))
  if (found.ok)
    gates.push(gate('window', name, windowGate(found.value, config, train.started.length === 0, now)))
  if (!again) gates.push(gate('one a day', name, spacingGate(state, config, now)))
  if (region !== undefined)
    gates.push(gate('steady', name, steadyGate(region, facts.regions.get(name), config, now)))
  return gates
}

/** Verified there, and still what the region runs: a region that went back is not verified any more. */
function isVerified(
  region: RegionState | undefined,
  release: { id: string; digest: string; configSha: string },
): boolean {
  if (region === undefined || region.phase !== 'steady' || region.pins === undefined) return false
  const seen = region.verified.some((v) => v.release === release.id)
  return seen && sameArtifact({ ...region.pins, digest: Object.values(region.pins.workloads)[0] }, release)
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
  // Nothing will migrate this region: what the release needs has to stand there already.
  const all = [...gates, gate('schema', name, schemaGate(region, release))]
  return (
    blocked(all) ?? pinGroup(situation, region, 'lead', workloadGroups(config).lead, events, transition, all)
  )
}
