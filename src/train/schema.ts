import {
  type LedgerState,
  type RegionState,
  releaseOf,
  type SchemaClaims,
  schemaClaims,
  type VerifiedRelease,
} from '../ledger/index.ts'
import { err, type Fault, type GateResult, ok, type Result } from '../release/index.ts'
import type { Situation } from './decide.ts'

/**
 * A release that says what it needs goes nowhere before that is recorded there. Where `gates.schema` is on, that gate
 * has asked for more (a fact of the level where nobody migrates).
 */
export function recordedGate({ release, config }: Situation, region: RegionState): GateResult {
  const { id, schemaNeeds: needs } = release
  if (needs === undefined) return { verdict: 'off', why: `${id} says nothing of a schema` }
  if (config.gates?.schema !== undefined) return { verdict: 'off', why: 'gates.schema has looked' }
  const level = region.schemaLevel
  if (needs === 0 || (level !== undefined && level >= needs))
    return { verdict: 'pass', why: `${level ?? 'no migration'} is recorded, ${needs} is needed` }
  return {
    verdict: 'fail',
    reason: 'schema-not-recorded',
    why: `${id} needs migration ${needs}; ${level === undefined ? 'none is' : `${level} is`} recorded`,
  }
}

/** Why a region cannot go back to a release: a contract step took away what it needs. */
export function belowFloor(region: RegionState, target: VerifiedRelease): Fault | undefined {
  const floor = region.contracted
  if (floor === undefined) return undefined
  const number = (id: string) => Number(id.slice(1))
  if (target.release !== undefined && number(target.release) >= number(floor.release)) return undefined
  const what = target.release ?? 'what was adopted there'
  return {
    blame: 'user',
    reason: 'schema-below-floor',
    cause: `${region.name} cannot go back to ${what}: ${floor.file} took away what releases before ${floor.release} need.`,
    likely: 'The contract step was applied after the release that should be taken back.',
    next:
      floor.pair === undefined
        ? `Go forward: a new release with a migration that brings back what ${floor.file} took away.`
        : `Go forward: ship the paired migration ${floor.pair} as the next number, with the old code as a new release.`,
  }
}

/** The answer of the migrations against what the release needs: a database that stands lower has not got them all. */
export function fallsShort(
  state: LedgerState,
  release: string,
  level: number | undefined,
): string | undefined {
  const needs = releaseOf(state, release)?.schemaNeeds
  return needs === undefined || level === undefined || level >= needs
    ? undefined
    : `${release} needs migration ${needs}, the region has ${level}`
}

/** The output `schema` of `migrate`. */
export function readClaims(json: unknown): Result<SchemaClaims> {
  const parsed = schemaClaims.safeParse(json)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return err({
    blame: 'user',
    reason: 'invalid-input',
    cause: `\`schema\` is not what \`migrate\` writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}.`,
    likely: 'It was written by hand or cut off.',
    next: 'Hand over the output `schema` of `migrate` with mode `lint` unchanged.',
  })
}
