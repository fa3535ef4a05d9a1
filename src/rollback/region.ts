import type { Kube, LiveState } from '../cluster/index.ts'
import { type Environment, environment, type WorkloadConfig } from '../config/index.ts'
import {
  type CommitSha,
  type Digest,
  err,
  type Fault,
  ok,
  type ReasonCode,
  type Result,
  shortDigest,
} from '../release/index.ts'
import type { RollbackItem } from '../train/index.ts'
import { carried, healed } from './carried.ts'
import type { Ask } from './path/case.ts'
import type { Pinned } from './path/next.ts'
import { type Path, pathOf } from './path/path.ts'
import { type Settled, settle } from './path/settle.ts'
import { type Bounds, type RollbackContext, usualBounds } from './ports.ts'

/** What happened in one region, with the seconds each part took. */
export type RegionReport = {
  readonly region: string
  readonly target?: Digest
  readonly release?: string
  readonly ok: boolean
  readonly why: string
  /** Why not, as a code. */
  readonly reason?: ReasonCode
  /** The case that stood and its path, of the workload that takes longest. */
  readonly path?: Path
  /** The canary was taken out of traffic this fast; absent when nothing was in flight. */
  readonly abortSeconds?: number
  /** Until all traffic was on the target, and stayed there. */
  readonly trafficSeconds?: number
  /** Until the cluster, Git and Argo CD agreed, and it was proved. */
  readonly seconds?: number
}

/** The commit that pins the target: written while the traffic is moved already. `base` is the head before it. */
export type Pinning = Promise<Result<{ readonly base: CommitSha | undefined }>>

const bounds = (context: RollbackContext): Bounds => ({ ...usualBounds, ...context.bounds })

/**
 * Traffic and Git at the same time: what the live state allows is written at once, the pin follows within a second,
 * and a self-healing Argo CD is waited for only where it would take a direct write back. What Git refuses, or a
 * cluster that does not answer, does not hold up the rest; it is said.
 */
export async function bringBack(
  context: RollbackContext,
  item: RollbackItem,
  pinning: Pinning,
): Promise<RegionReport> {
  const { clock, signal } = context
  const start = clock.now().getTime()
  const target = item.to.digest
  const since = () => Math.round(clock.now().getTime() - start) / 1000
  let path: Path | undefined
  let traffic: Settled | undefined
  const report = (good: boolean, why: string, reason?: ReasonCode): RegionReport => ({
    region: item.region,
    target,
    ok: good,
    why,
    seconds: since(),
    ...(reason === undefined ? {} : { reason }),
    ...(path === undefined ? {} : { path }),
    ...(traffic === undefined ? {} : { trafficSeconds: traffic.seconds }),
    ...(traffic?.abortSeconds === undefined ? {} : { abortSeconds: traffic.abortSeconds }),
    ...(item.to.release === undefined ? {} : { release: item.to.release }),
  })

  // A defect of the commit is thrown where it is awaited, which can be after it happened.
  pinning.catch(() => undefined)
  const opened = await open(context, item.region)
  if (!opened.ok) {
    const pin = await pinning
    return report(false, both(opened.fault, pin.ok ? undefined : pin.fault), opened.fault.reason)
  }
  const { kube, argocd, at } = opened.value
  // Until that is known nothing is written that would be taken back.
  let heals = true
  const reading = healed(argocd, at, signal).then((answer) => {
    heals = answer
  })
  reading.catch(() => undefined)
  const found = (live: LiveState, ask: Ask) => {
    const one = pathOf(live, ask)
    context.logger.info(`${item.region}: ${live.name}: ${tell(one)}`)
    if (path === undefined || one.seconds > path.seconds) path = one
  }

  let pinned: Pinned = {}
  const watched = pinning.then((pin) => {
    pinned = pin.ok ? { since: clock.now().getTime() } : { refused: true }
    return pin
  })
  const carrying = watched.then((pin) => (pin.ok ? carried(context, argocd, at, pin.value.base) : pin))
  carrying.catch(() => undefined)
  const note = (text: string) => context.logger.info(`${item.region}: ${text}`)
  const { observedMs, servedMs } = bounds(context)
  const all = async (proving: boolean): Promise<Result<Settled>> => {
    const done = await Promise.all(
      context.config.workloads.map((workload) =>
        settle({ kube, clock, signal, note }, at.namespace, workload, {
          ask: () => askOf(item, workload, heals),
          found: proving ? () => {} : found,
          pinned: () => pinned,
          withinMs: observedMs + servedMs,
          steadyMs: STEADY_MS,
        }),
      ),
    )
    return slowest(done)
  }
  const [first, written] = await Promise.all([all(false), watched])
  if (first.ok) traffic = first.value
  if (!written.ok) return report(false, served(first, target, written.fault), written.fault.reason)
  if (!first.ok) return report(false, first.fault.cause, first.fault.reason)
  const pin = await carrying
  if (!pin.ok) return report(false, served(first, target, pin.fault), pin.fault.reason)
  // What Git renders can differ from the template that was put back: what counts is what serves after the sync.
  const proved = await all(true)
  if (!proved.ok) return report(false, proved.fault.cause, proved.fault.reason)
  if (proved.value.seconds > 0) traffic = { ...traffic, ...proved.value, seconds: since() }
  return report(true, `every workload serves ${shortDigest(target)}`)
}

const STEADY_MS = 300

/** A workload that the release has not reached yet runs the target already: nothing has to leave there. */
function askOf(item: RollbackItem, { name }: WorkloadConfig, heals: boolean): Ask {
  const target = item.to.digest
  return { bad: item.from.workloads[name] ?? target, target, healed: heals }
}

export function tell({ case: found, moves, seconds, limit }: Path): string {
  const besides = found.besides.length === 0 ? '' : `; ${found.besides.join('; ')}`
  return `case ${found.letter} (${found.name}): ${found.says}${besides}. Way back: ${moves.join(', ')}; about ${seconds} s, limited by ${limit}.`
}

function slowest(done: readonly Result<Settled>[]): Result<Settled> {
  const bad = done.find((each) => !each.ok)
  if (bad !== undefined) return bad
  const all = done.flatMap((each) => (each.ok ? [each.value] : []))
  const aborts = all.flatMap(({ abortSeconds }) => abortSeconds ?? [])
  return ok({
    seconds: Math.max(0, ...all.map(({ seconds }) => seconds)),
    sent: all.flatMap(({ sent }) => sent),
    ...(aborts.length === 0 ? {} : { abortSeconds: Math.max(...aborts) }),
  })
}

/** What is done although the pin is not, and what is left. */
function served(first: Result<Settled>, target: Digest, pin: Fault): string {
  const now = first.ok ? `every workload serves ${shortDigest(target)} now` : first.fault.cause
  return `${now}, but Git and Argo CD do not say so: ${pin.cause.replace(/\.$/, '')}`
}

const both = (fault: Fault, pin: Fault | undefined): string =>
  pin === undefined ? `${fault.cause} It is pinned back in Git.` : `${fault.cause} ${pin.cause}`

interface Opened {
  readonly at: Environment
  readonly kube: Kube
  readonly argocd: Kube
}

async function open(context: RollbackContext, region: string): Promise<Result<Opened>> {
  const at = environment(context.config, region)
  if (!at.ok) return at
  const kube = await context.kube(at.value.cluster.context)
  if (!kube.ok) return err(kube.fault)
  const argocd = await context.kube(at.value.argocd.context)
  if (!argocd.ok) return err(argocd.fault)
  return ok({ at: at.value, kube: kube.value, argocd: argocd.value })
}
