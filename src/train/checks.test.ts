import { describe, expect, it } from 'vitest'
import type { Config, GatesConfig } from '../config/index.ts'
import type { CheckFact } from './check-facts.ts'
import { decide } from './decide.ts'
import { parseFacts } from './facts.ts'
import {
  adoptedWorld,
  configOf,
  digestOf,
  factsOf,
  hours,
  later,
  minutes,
  released,
  shaOf,
  tuesday,
} from './testing/world.ts'

const base = configOf(['us', 'eu'])
const slo = { name: 'availability', target: 99.9, windowMs: hours(720), total: 'a', bad: 'b' }

function gateOf(
  gates: GatesConfig,
  name: string,
  checks: readonly CheckFact[],
  kind: 'normal' | 'hotfix' = 'normal',
) {
  const config: Config = { ...base, slos: [slo], gates }
  const world = released(adoptedWorld(config), config, 1, kind)
  const decision = decide(world.state, { ...factsOf(world, config), checks }, config, world.now)
  return { decision, result: decision.gates.find((g) => g.name === name)?.result }
}

const at = (ms: number) => later(tuesday, -ms).toISOString()
const fact = (body: Record<string, unknown>, age = minutes(1)) =>
  ({ version: 1, asOf: at(age), ...body }) as CheckFact
const capacity = (ready: number, most: number, age?: number) =>
  fact({ check: 'capacity', region: 'us', demand: 100, perReplica: 10, ready, most }, age)
const budget = (remaining: number) => fact({ check: 'budget', region: 'us', slo: 'availability', remaining })
const telemetry = (lag: number, alerting = true) =>
  fact({ check: 'telemetry', region: 'us', newestSample: at(minutes(1) + lag), alerting })

describe('a gate of the checklist', () => {
  it.each<[string, keyof GatesConfig, GatesConfig, string, CheckFact, string]>([
    ['enough headroom', 'capacity', { capacity: { headroom: 0.3 } }, 'capacity', capacity(13, 20), 'pass'],
    [
      'just too little headroom',
      'capacity',
      { capacity: { headroom: 0.3 } },
      'capacity',
      capacity(12, 20),
      'capacity-short',
    ],
    [
      'no room for a surge',
      'capacity',
      { capacity: { headroom: 0.3 } },
      'capacity',
      capacity(20, 20),
      'capacity-short',
    ],
    [
      'an old measurement',
      'capacity',
      { capacity: { headroom: 0.3 } },
      'capacity',
      capacity(20, 30, minutes(11)),
      'facts-stale',
    ],
    ['budget left', 'budget', { budget: { least: 0.1 } }, 'error budget', budget(0.1), 'pass'],
    ['budget spent', 'budget', { budget: { least: 0.1 } }, 'error budget', budget(0.09), 'budget-frozen'],
    ['a budget in debt', 'budget', { budget: { least: 0.1 } }, 'error budget', budget(-2), 'budget-frozen'],
    [
      'fresh samples',
      'telemetry',
      { telemetry: { maxAgeMs: minutes(5) } },
      'observability',
      telemetry(minutes(5)),
      'pass',
    ],
    [
      'old samples',
      'telemetry',
      { telemetry: { maxAgeMs: minutes(5) } },
      'observability',
      telemetry(minutes(6)),
      'telemetry-dead',
    ],
    [
      'alerts that do not arrive',
      'telemetry',
      { telemetry: { maxAgeMs: minutes(5) } },
      'observability',
      telemetry(0, false),
      'telemetry-dead',
    ],
    [
      'a digest that verifies',
      'provenance',
      { provenance: {} },
      'provenance',
      fact({ check: 'provenance', digest: digestOf(1), verified: true, why: 'signed' }),
      'pass',
    ],
    [
      'one that does not',
      'provenance',
      { provenance: {} },
      'provenance',
      fact({ check: 'provenance', digest: digestOf(1), verified: false, why: 'no signature' }),
      'provenance-failed',
    ],
    [
      'the proof of another digest',
      'provenance',
      { provenance: {} },
      'provenance',
      fact({ check: 'provenance', digest: digestOf(2), verified: true, why: 'signed' }),
      'facts-missing',
    ],
    [
      'a P3',
      'incident',
      { incident: {} },
      'open incident',
      fact({ check: 'incident', open: [{ id: 'I-1', severity: 'P3' }] }),
      'pass',
    ],
    [
      'a P2',
      'incident',
      { incident: {} },
      'open incident',
      fact({ check: 'incident', open: [{ id: 'I-1', severity: 'P2' }] }),
      'incident-open',
    ],
    [
      'a recent rehearsal',
      'drill',
      { drill: { withinMs: hours(24) } },
      'rollback tested',
      fact({ check: 'drill', passed: true }, hours(24)),
      'pass',
    ],
    [
      'an old rehearsal',
      'drill',
      { drill: { withinMs: hours(24) } },
      'rollback tested',
      fact({ check: 'drill', passed: true }, hours(25)),
      'facts-stale',
    ],
    [
      'a failed rehearsal',
      'drill',
      { drill: { withinMs: hours(24) } },
      'rollback tested',
      fact({ check: 'drill', passed: false }),
      'drill-failed',
    ],
    [
      'a message to the team',
      'told',
      { told: {} },
      'team told',
      fact({ check: 'told', digest: digestOf(1), channel: '#releases' }, hours(900)),
      'pass',
    ],
    [
      'a review by another',
      'reviewed',
      { reviewed: {} },
      'reviewed',
      fact({ check: 'reviewed', sourceSha: shaOf(1), people: ['ada', 'grace'] }),
      'pass',
    ],
    [
      'a review by the author',
      'reviewed',
      { reviewed: {} },
      'reviewed',
      fact({ check: 'reviewed', sourceSha: shaOf(1), people: ['ada'] }),
      'not-reviewed',
    ],
    [
      'green tests',
      'tested',
      { tested: {} },
      'tested',
      fact({ check: 'tested', digest: digestOf(1), passed: true }),
      'pass',
    ],
    [
      'red tests',
      'tested',
      { tested: {} },
      'tested',
      fact({ check: 'tested', digest: digestOf(1), passed: false }),
      'not-tested',
    ],
  ])('%s', (_name, on, gates, name, given, expected) => {
    const { decision, result } = gateOf(gates, name, [given])
    expect(result?.verdict === 'pass' ? 'pass' : result && 'reason' in result ? result.reason : result).toBe(
      expected,
    )
    expect(decision.events.length > 0).toBe(expected === 'pass')
    // Named in the policy and without a fact it blocks; not named it is off.
    expect(gateOf(gates, name, []).result).toMatchObject({ verdict: 'unknown', reason: 'facts-missing' })
    expect(gateOf({}, name, [given]).result).toMatchObject({ verdict: 'off' })
    expect(on in gates).toBe(true)
  })

  it('of the law of the data: a region outside is never pinned', () => {
    expect(gateOf({ residency: { jurisdictions: ['us'] } }, 'residency', []).result?.verdict).toBe('pass')
    const outside = gateOf({ residency: { jurisdictions: ['eu'] } }, 'residency', [])
    expect(outside.result).toMatchObject({ verdict: 'fail', reason: 'residency' })
    expect(outside.decision.events).toEqual([])
  })

  it('of the budget, an incident, a rehearsal or a message does not stop a hotfix; its proof does', () => {
    const gates: GatesConfig = { budget: { least: 1 }, incident: {}, drill: { withinMs: 1 }, told: {} }
    expect(gateOf(gates, 'error budget', [], 'hotfix').decision.events.length).toBeGreaterThan(0)
    const unproven = gateOf({ ...gates, provenance: {} }, 'provenance', [], 'hotfix')
    expect(unproven.decision).toMatchObject({ verdict: 'unknown', reason: 'facts-missing', events: [] })
  })
})

it('takes regions and checks out of one list, and refuses a check that is not one', () => {
  const facts = [...factsOf(adoptedWorld(base), base).regions.values()].map((v) => v.facts)
  const parsed = parseFacts([...facts, capacity(1, 2)])
  expect(parsed).toMatchObject({ ok: true, value: { checks: [{ check: 'capacity' }] } })
  expect(parsed.ok && [...parsed.value.regions.keys()]).toEqual(['us', 'eu'])
  const wrong = parseFacts([{ ...capacity(1, 2), perReplica: 0 }])
  expect(wrong).toMatchObject({ ok: false, fault: { reason: 'facts-invalid' } })
})
