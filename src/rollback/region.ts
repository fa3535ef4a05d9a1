import {
  abort,
  type Kube,
  promoteFull,
  proveServed,
  readApplication,
  refreshApplication,
  until,
} from '../cluster/index.ts'
import { type Environment, environment } from '../config/index.ts'
import {
  type CommitSha,
  type Digest,
  err,
  type Fault,
  ok,
  type Result,
  shortDigest,
} from '../release/index.ts'
import type { RollbackItem } from '../train/index.ts'
import { type Bounds, type RollbackContext, usualBounds } from './ports.ts'

/** What happened in one region, with the seconds each part took. */
export type RegionReport = {
  readonly region: string
  readonly target?: Digest
  readonly release?: string
  readonly ok: boolean
  readonly why: string
  /** The canary was taken out of traffic this fast; absent when nothing was in flight. */
  readonly abortSeconds?: number
  /** From the commit, or the start of this run, to the proof. */
  readonly seconds?: number
}

const bounds = (context: RollbackContext): Bounds => ({ ...usualBounds, ...context.bounds })

/**
 * A canary of the bad image is aborted before anything is written: it is the fastest way out of traffic, needs no
 * Git, and Argo CD does not take it back. Not being able to is no reason to wait with the pin.
 */
export async function abortInFlight(
  context: RollbackContext,
  region: string,
  bad: Digest | undefined,
): Promise<{ readonly seconds?: number; readonly fault?: Fault }> {
  const { clock, signal, config } = context
  const rollout = config.workloads.find((each) => each.kind === 'Rollout')
  if (rollout === undefined || bad === undefined) return {}
  const opened = await open(context, region)
  if (!opened.ok) return { fault: opened.fault }
  const { kube, at } = opened.value
  const target = { namespace: at.namespace, name: rollout.name, container: rollout.container }
  const moved = await abort({ kube, clock, signal }, target, {
    digest: bad,
    withinMs: bounds(context).abortMs,
  })
  if (moved.ok) return { seconds: moved.value.seconds }
  const nothing = ['abort-nothing-in-flight', 'rollout-superseded', 'cluster-object-missing'].includes(
    moved.fault.reason,
  )
  return nothing ? {} : { fault: moved.fault }
}

/** Refresh, full promotion once the old template is observed, and the proof: every workload serves the target. */
export async function bringBack(
  context: RollbackContext,
  item: RollbackItem,
  base: CommitSha | undefined,
): Promise<RegionReport> {
  const { clock, signal, config } = context
  const start = clock.now().getTime()
  const digest = item.to.digest
  const report = (good: boolean, why: string): RegionReport => ({
    region: item.region,
    target: digest,
    ok: good,
    why,
    seconds: Math.round(clock.now().getTime() - start) / 1000,
    ...(item.to.release === undefined ? {} : { release: item.to.release }),
  })
  const opened = await open(context, item.region)
  if (!opened.ok) return report(false, opened.fault.cause)
  const { kube, argocd, at } = opened.value
  const carrying = carried(context, argocd, at, base)
  const rollout = config.workloads.find((each) => each.kind === 'Rollout')
  // With the same image the old template cannot be told from the new one before the commit is carried.
  if (Object.values(item.from.workloads).includes(digest)) await carrying
  const { observedMs, servedMs } = bounds(context)
  if (rollout !== undefined) {
    const target = { namespace: at.namespace, name: rollout.name, container: rollout.container }
    const moved = await promoteFull({ kube, clock, signal }, target, {
      digest,
      observedWithinMs: observedMs,
      servedWithinMs: servedMs,
    })
    if (!moved.ok) {
      await carrying
      return report(false, moved.fault.cause)
    }
  }
  const workloads = { namespace: at.namespace, workloads: config.workloads }
  const [pinned, proved] = await Promise.all([
    carrying,
    proveServed({ kube, clock, signal }, workloads, digest, servedMs),
  ])
  if (!pinned.ok) return report(false, pinned.fault.cause)
  if (!proved.ok) return report(false, proved.fault.cause)
  return report(true, `every workload serves ${shortDigest(digest)}`)
}

interface Opened {
  readonly at: Environment
  readonly kube: Kube
  readonly argocd: Kube
}

async function open(context: RollbackContext, region: string): Promise<Result<Opened>> {
  const at = environment(context.config, region)
  if (!at.ok) return at
  const kube = await context.kube(at.value.cluster.context)
  if (!kube.ok) return kube
  const argocd = await context.kube(at.value.argocd.context)
  if (!argocd.ok) return argocd
  return ok({ at: at.value, kube: kube.value, argocd: argocd.value })
}

/** A refresh can be lost like any write, and Argo CD may be looking at Git at this very moment: it is asked again. */
const REFRESH_MS = 5_000

/** Until the Application carries the commit of the pin, or a later one of the branch. */
async function carried(
  { clock, signal, isAncestor, ...context }: RollbackContext,
  kube: Kube,
  { name, argocd }: Environment,
  base: CommitSha | undefined,
): Promise<Result<true>> {
  let asked = Number.NEGATIVE_INFINITY
  let last = 'it was not read yet'
  const withinMs = { ...usualBounds, ...context.bounds }.observedMs
  const done = await until<Result<true>>({ clock, signal, withinMs, everyMs: 500 }, async () => {
    const facts = await readApplication(kube, argocd, signal)
    if (!facts.ok) {
      last = facts.fault.cause
      return facts.fault.blame === 'user' ? err(facts.fault) : undefined
    }
    const { revision, operation, why } = facts.value
    last = why
    if (operation !== 'running' && operation !== 'failed' && facts.value.synced && (await isAfter(revision)))
      return ok(true)
    const now = clock.now().getTime()
    if (now - asked >= REFRESH_MS) {
      asked = now
      const refreshed = await refreshApplication(kube, argocd, signal)
      if (!refreshed.ok) last = refreshed.fault.cause
    }
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
