import type { GatesConfig } from '../config/index.ts'
import type { GateResult } from '../release/index.ts'
import * as checks from './checks.ts'
import type { Situation } from './decide.ts'
import type { Gate } from './gates.ts'
import { fleetGate, residencyGate, schemaLevelGate } from './place-gates.ts'

type Check = (situation: Situation, region: string) => GateResult

/**
 * The deployment checklist beyond the train's own rules, in the order it is asked. `waived`: what a hotfix may go
 * past (staged-release reference §4.9); its provenance, its tests and the schema it never may.
 */
const rows: readonly { name: string; on: keyof GatesConfig; of: Check; waived: boolean }[] = [
  { name: 'residency', on: 'residency', of: residencyGate, waived: false },
  { name: 'provenance', on: 'provenance', of: checks.provenanceGate, waived: false },
  { name: 'tested', on: 'tested', of: checks.testedGate, waived: false },
  { name: 'reviewed', on: 'reviewed', of: checks.reviewedGate, waived: false },
  { name: 'schema level', on: 'schema', of: schemaLevelGate, waived: false },
  { name: 'observability', on: 'telemetry', of: checks.telemetryGate, waived: false },
  { name: 'capacity', on: 'capacity', of: checks.capacityGate, waived: false },
  { name: 'error budget', on: 'budget', of: checks.budgetGate, waived: true },
  { name: 'open incident', on: 'incident', of: checks.incidentGate, waived: true },
  { name: 'rollback tested', on: 'drill', of: checks.drillGate, waived: true },
  { name: 'team told', on: 'told', of: checks.toldGate, waived: true },
]

export function checklist(situation: Situation, region: string): readonly Gate[] {
  const { config, release } = situation
  const list = rows.map(({ name, on, of, waived }): Gate => {
    if (config.gates?.[on] === undefined) {
      return {
        name,
        region,
        result: { verdict: 'off', why: `tuesday.yaml does not ask for it (gates.${on})` },
      }
    }
    if (waived && release.kind === 'hotfix') {
      const why = `waived for ${release.incident?.id ?? 'the incident'}`
      return { name, region, result: { verdict: 'off', why } }
    }
    return { name, region, result: of(situation, region) }
  })
  return [...list, { name: 'other services', region, result: fleetGate(situation) }]
}
