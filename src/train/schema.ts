import {
  type LedgerState,
  type RegionState,
  type ReleaseState,
  type SchemaClaims,
  schemaClaims,
  type VerifiedRelease,
} from '../ledger/index.ts'
import { err, type Fault, type GateResult, ok, type Result } from '../release/index.ts'

/** A release goes nowhere before what its code needs of the schema is recorded there. */
export function schemaGate(region: RegionState, { id, claims }: ReleaseState): GateResult {
  if (claims === undefined) return { verdict: 'off', why: `${id} says nothing of a schema` }
  const level = region.schema?.level
  if (claims.needs === 0) return { verdict: 'pass', why: `${id} needs no migration` }
  if (level !== undefined && level >= claims.needs)
    return { verdict: 'pass', why: `migration ${level} is recorded, ${claims.needs} is needed` }
  return {
    verdict: 'fail',
    reason: 'schema-not-recorded',
    why: `${id} needs migration ${claims.needs}; ${level === undefined ? 'none is' : `${level} is`} recorded`,
  }
}

/** Why a region cannot go back to a release: a contract step took away what it needs. */
export function belowFloor(region: RegionState, target: VerifiedRelease): Fault | undefined {
  const floor = region.schema?.floor
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
export function recordedLevel(
  state: LedgerState,
  release: string,
  level: number | undefined,
): Result<{ readonly short?: string }> {
  const claims = Object.hasOwn(state.releases, release) ? state.releases[release]?.claims : undefined
  if (claims === undefined || claims.needs === 0) return ok({})
  if (level === undefined)
    return err({
      blame: 'user',
      reason: 'schema-not-recorded',
      cause: `${release} needs migration ${claims.needs}, and the outcome does not say where the region stands.`,
      likely: 'The workflow does not hand over the output `level` of `migrate`.',
      next: 'Set `schema-level` to the output `level` of the step that ran `migrate`.',
    })
  return ok(
    level >= claims.needs
      ? {}
      : { short: `${release} needs migration ${claims.needs}, the region has ${level}` },
  )
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
