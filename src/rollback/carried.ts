import {
  isMissing,
  type Kube,
  readApplication,
  readSelfHeal,
  refreshApplication,
  until,
} from '../cluster/index.ts'
import type { Environment } from '../config/index.ts'
import { type CommitSha, err, type Fault, ok, type Result } from '../release/index.ts'
import { type RollbackContext, usualBounds } from './ports.ts'

/** A refresh can be lost like any write, and Argo CD may be looking at Git at this very moment: it is asked again. */
const REFRESH_MS = 5_000

/** Without an Application nothing heals; one that cannot be read may. */
export async function healed(kube: Kube, { argocd }: Environment, signal: AbortSignal): Promise<boolean> {
  const read = await readSelfHeal(kube, argocd, signal)
  return read.ok ? read.value : !isMissing(read.fault)
}

/** Until the Application carries the commit of the pin, or a later one of the branch. */
export async function carried(
  { clock, signal, isAncestor, ...context }: RollbackContext,
  kube: Kube,
  { name, argocd }: Environment,
  base: CommitSha | undefined,
): Promise<Result<true>> {
  let asked = Number.NEGATIVE_INFINITY
  let last = 'it was not read yet'
  const withinMs = { ...usualBounds, ...context.bounds }.observedMs
  const done = await until<Result<true>>({ clock, signal, withinMs, everyMs: 300 }, async () => {
    const now = clock.now().getTime()
    if (now - asked >= REFRESH_MS) {
      asked = now
      const refreshed = await refreshApplication(kube, argocd, signal)
      if (!refreshed.ok) last = refreshed.fault.cause
    }
    const facts = await readApplication(kube, argocd, signal)
    if (!facts.ok) {
      last = facts.fault.cause
      return facts.fault.blame === 'user' ? err(facts.fault) : undefined
    }
    const { revision, operation, why } = facts.value
    last = why
    if (operation !== 'running' && operation !== 'failed' && facts.value.synced && (await isAfter(revision)))
      return ok(true)
    return undefined
  })
  return done ?? err(notCarried(name, argocd.application, last))

  async function isAfter(revision: CommitSha | undefined): Promise<boolean> {
    if (base === undefined) return true
    if (revision === undefined || revision === base) return false
    const below = await isAncestor(base, revision, signal)
    return below.ok && below.value
  }
}

function notCarried(region: string, application: string, last: string): Fault {
  return {
    blame: 'world',
    reason: 'application-not-synced',
    cause: `Application ${application} of ${region} does not carry the commit that pins the old release: ${last}.`,
    likely: 'Argo CD cannot read the repository, or automated sync is off.',
    next: 'Look at the Application in Argo CD, then run the rollback again: it goes on from here.',
  }
}
