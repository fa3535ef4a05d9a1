import { type NewEvent, type RegionState, regionOf } from '../ledger/index.ts'
import type { RegionFacts } from '../release/index.ts'
import { idle, type Situation } from './decide.ts'
import type { Decision } from './decision.ts'
import { freshFacts } from './facts.ts'
import {
  alarmGate,
  bakeGate,
  carried,
  type Gate,
  holdGate,
  inServiceGate,
  steadyGate,
  vetoGate,
} from './gates.ts'
import { isVerified } from './order.ts'
import { workloadGroups } from './plan.ts'
import { schemaGate } from './schema.ts'
import { serving } from './serving.ts'
import { blocked, gate, go, newTransition, pinGroup } from './steps.ts'

/** T4 to T6: the region that the release is on its way in, by what the ledger says was done there last. */
export function goOn(situation: Situation, region: RegionState): Decision {
  const { release, config } = situation
  if (region.release !== release.id || region.phase === 'steady' || region.phase === 'rolling-back') {
    // Every end of a train sends its regions back or leaves them steady, so this is a ledger nobody wrote.
    return idle(
      'fail',
      'region-unhealthy',
      `${region.name} is ${region.phase} with ${region.release ?? 'no release'}`,
    )
  }
  const held = blocked([
    gate('hold', region.name, holdGate(region)),
    gate('veto', region.name, vetoGate(situation.state, release)),
    gate('in service', region.name, inServiceGate(region)),
  ])
  const { lead, followers } = workloadGroups(config)
  switch (region.phase) {
    case 'migrating':
      return held ?? again('migrate', region, `${region.name} is migrating`)
    case 'migrated':
      return held ?? pinLead(situation, region)
    case 'pinned':
      if (config.canary !== undefined)
        return held ?? again('canary', region, `the canary of ${region.name} is under way`)
      return provenLive(situation, region)
    case 'canary-passed':
      if (followers.length === 0) return provenLive(situation, region)
      return held ?? onceServing(situation, region, lead, (gates) => pinFollowers(situation, region, gates))
    case 'following':
      return provenLive(situation, region)
    case 'baking':
      return bake(situation, region)
  }
}

/** A step that was committed and not answered yet: handed out again, under the id it has. */
function again(kind: 'migrate' | 'canary' | 'bake', region: RegionState, why: string): Decision {
  return go(kind, region.name, region.transition ?? '', why)
}

/** The migrations may have taken long: what alarms now, or is not steady any more, stops the pin. */
function pinLead(situation: Situation, region: RegionState): Decision {
  const { state, release, facts, config, now } = situation
  const gates = [
    gate('alarms', region.name, alarmGate(state, release, facts, config, now)),
    gate('steady', region.name, steadyGate(region, facts.regions.get(region.name), config, now)),
    gate('schema', region.name, schemaGate(region, release)),
  ]
  const transition = newTransition(situation, 'pin lead', region.name)
  return (
    blocked(gates) ?? pinGroup(situation, region, 'lead', workloadGroups(config).lead, [], transition, gates)
  )
}

/** The workloads without a canary follow once the canaried one serves the digest everywhere. */
function pinFollowers(situation: Situation, region: RegionState, gates: readonly Gate[]): Decision {
  const transition = newTransition(situation, 'pin followers', region.name)
  return pinGroup(
    situation,
    region,
    'followers',
    workloadGroups(situation.config).followers,
    [],
    transition,
    gates,
  )
}

/** The bake clock starts at what was observed, not at the commit: a sync that hangs does not bake. */
function provenLive(situation: Situation, region: RegionState): Decision {
  const { lead, followers } = workloadGroups(situation.config)
  return onceServing(situation, region, [...lead, ...followers], (gates) => {
    const transition = newTransition(situation, 'live', region.name)
    const events: NewEvent[] = [
      { type: 'live', transition, region: region.name, release: situation.release.id },
    ]
    return go('bake', region.name, transition, `${region.name} serves ${situation.release.id} everywhere`, {
      events,
      gates,
    })
  })
}

function onceServing(
  situation: Situation,
  region: RegionState,
  workloads: readonly string[],
  then: (gates: readonly Gate[]) => Decision,
): Decision {
  const { facts, config, now } = situation
  const view = facts.regions.get(region.name)
  const fresh = freshFacts(region.name, view, now, config.train.factAgeMs)
  const proof = (known: RegionFacts) =>
    region.pins === undefined
      ? ({ verdict: 'unknown', reason: 'facts-missing', why: 'its pins are not in the ledger' } as const)
      : serving(known, { pins: region.pins, workloads, carriesPin: carried(region, view) })
  const gates = [gate('serving', region.name, 'gate' in fresh ? fresh.gate : proof(fresh.facts))]
  return blocked(gates) ?? then(gates)
}

/** T6: long enough, enough requests, still serving, and quiet in every region that runs the release. */
function bake(situation: Situation, region: RegionState): Decision {
  const { state, release, facts, config, now } = situation
  const { lead, followers } = workloadGroups(config)
  return onceServing(situation, region, [...lead, ...followers], (served) => {
    const fresh = freshFacts(region.name, facts.regions.get(region.name), now, config.train.factAgeMs)
    if ('gate' in fresh) return idle('unknown', 'facts-missing', fresh.gate.why)
    const gates = [
      ...served,
      gate('alarms', region.name, alarmGate(state, release, facts, config, now)),
      gate('bake', region.name, bakeGate(region, release, fresh.facts, config, now)),
    ]
    const stop = blocked(gates)
    if (stop === undefined) return verified(situation, region, fresh.facts, gates)
    // Time and traffic are what baking waits for; anything else is a gate that stops.
    if (stop.reason !== 'baking' && stop.reason !== 'bake-traffic') return stop
    return { ...stop, step: again('bake', region, stop.why).step }
  })
}

function verified(
  situation: Situation,
  region: RegionState,
  facts: RegionFacts,
  gates: readonly Gate[],
): Decision {
  const { state, release, config } = situation
  const transition = region.transition ?? newTransition(situation, 'verify', region.name)
  const requests = Math.trunc(facts.traffic?.requests ?? 0)
  const events: NewEvent[] = [
    { type: 'verified', transition, region: region.name, release: release.id, requests },
  ]
  const last = config.train.order.every((r) => r === region.name || isVerified(regionOf(state, r), release))
  if (last) events.push({ type: 'train-ended', release: release.id, outcome: 'done' })
  const why = `${region.name} is verified on ${release.id}${last ? '; every region is' : ''}`
  const reason = last ? 'train-done' : 'region-verified'
  return { ...idle('pass', reason, why), events, gates }
}
