import { type Ledger, releaseOf, vetoOf } from '../ledger/index.ts'
import { type Digest, type Fault, nearest, shortDigest } from '../release/index.ts'
import type { RollbackPlan } from '../train/index.ts'
import type { RollbackContext } from './ports.ts'

/** The registry answers within this or is not waited for: a way back never hangs on it. */
const PRESENT_MS = 800

/**
 * Targets that the registry says it does not hold. A canary goes back to pods that stand, so only regions whose old
 * pods may have to start anew are asked for; a registry that does not answer says nothing.
 */
export async function absentTargets(
  context: RollbackContext,
  { items }: RollbackPlan,
): Promise<ReadonlySet<Digest>> {
  const { present } = context
  const asked = [...new Set(items.filter((item) => !item.inFlight && !item.begun).map(({ to }) => to.digest))]
  if (present === undefined || asked.length === 0) return new Set()
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PRESENT_MS)])
  const answers = await Promise.all(
    asked.map(async (digest) => ((await present(digest, signal)) === false ? [digest] : [])),
  )
  const absent = answers.flat()
  for (const digest of absent)
    context.logger.warn(
      `${shortDigest(digest)} is not in the registry any more: only pods that stand can serve it.`,
    )
  return new Set(absent)
}

/** Why the release that was named is none to go to, where the ledger knows. */
export function whyNot({ state, events }: Ledger, to: string, fault: Fault): Fault | undefined {
  if (fault.reason !== 'no-rollback-target') return undefined
  const known = events.flatMap((each) => (each.type === 'staged' ? [each.release] : []))
  if (!known.includes(to)) {
    const near = nearest(to, known)
    return {
      blame: 'user',
      reason: 'rollback-target-unknown',
      cause: `The ledger has no release ${to}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      next: 'Leave `to` out: the newest release verified in each region is taken.',
    }
  }
  const staged = events.findLast((each) => each.type === 'staged' && each.release === to)
  const artifact = releaseOf(state, to) ?? (staged?.type === 'staged' ? staged : undefined)
  const veto = artifact === undefined ? undefined : vetoOf(state, artifact)
  if (veto !== undefined) {
    return {
      blame: 'user',
      reason: 'rollback-target-vetoed',
      cause: `${to} was vetoed at ${veto.at}: ${veto.why}.`,
      next: 'Leave `to` out, or name a release that was not found bad.',
    }
  }
  return {
    blame: 'user',
    reason: 'rollback-target-unverified',
    cause: `${fault.cause.replace(/\.$/, '')}.`,
    likely: `${to} was never verified in that region: nobody has seen it serve there.`,
    next: 'Leave `to` out, or name only the regions where that release was verified.',
  }
}
