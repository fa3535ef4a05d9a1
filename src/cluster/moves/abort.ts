import { type Digest, err, ok, type Result, shortDigest } from '../../release/index.ts'
import { type LiveBlueGreen, type LiveCanary, liveRollout } from '../live.ts'
import { paths } from '../objects.ts'
import { readRolloutPicture } from '../read.ts'
import { again, type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { restoreTemplate } from './restore.ts'
import { until } from './until.ts'

export interface AbortOptions {
  /** The digest to take out of traffic; a Rollout that runs another one is left alone. */
  readonly digest: Digest
  readonly withinMs?: number
}

/** Controller and API answer within 0.3 s when idle; a lost abort is sent again after this long. */
const RESEND_AFTER_MS = 1_000

/**
 * The route must read 0 for this long; longer while a stable pod is not ready, since the weight can flap then
 * (measured 6-8 times a second, one sixth of the time on the bad side).
 */
const STEADY_MS = 200
const STEADY_UNREADY_MS = 1_500

/**
 * After its cut-over a blue-green abort moves the Service only while every new pod is ready, and 30 s later the new
 * pods are gone whether it has moved or not: users would reach nothing. It gets this long, then the old template is
 * applied instead.
 */
const CUT_BACK_MS = 3_000

type Step = { readonly do: 'restore' } | { readonly do: 'done'; readonly seen: string }

/**
 * Takes a new version out of traffic. Carries no resourceVersion: an abort must not lose a race. `promoteFull` is
 * withdrawn in the same patch, since the controller removes an abort while it stands (argo-rollouts#4461), and a
 * paused spec is unpaused, since nothing is scaled while it is paused. Done when routes, not phases, say so.
 */
export async function abort(
  context: MoveContext,
  target: RolloutTarget,
  options: AbortOptions,
): Promise<Result<Moved, MoveFault>> {
  const log = sendLog(context.clock)
  const withinMs = options.withinMs ?? 30_000
  const began = context.clock.now().getTime()
  const first = await read(context, target)
  if (!first.ok) return err(first.fault)
  const refusal = guard(first.value, target, options.digest)
  if (refusal !== undefined) return err(refusal)

  let lastSent = Number.NEGATIVE_INFINITY
  let goneSince: number | undefined
  const outcome = await until<Result<Step, MoveFault>>({ ...context, withinMs, everyMs: 100 }, async () => {
    const answer = await read(context, target)
    if (!answer.ok) return answer.fault.blame === 'world' ? undefined : err(answer.fault)
    const live = answer.value
    const { view } = live
    if (live.specDigest !== options.digest && view.abortedAt === undefined) {
      return err(superseded(target, options.digest, live.specDigest))
    }
    const now = context.clock.now().getTime()
    const bad = live.routed.served.find((each) => each.digest === options.digest)?.share ?? 0
    const routed = live.kind === 'canary' && live.router !== 'none'
    const gone =
      view.abortedAt !== undefined &&
      bad === 0 &&
      (!routed || (live.weight === 0 && live.verified)) &&
      (live.kind === 'canary' || live.cutOver !== 'after')
    goneSince = gone ? (goneSince ?? now) : undefined
    const steady = live.old?.complete === false && routed ? STEADY_UNREADY_MS : STEADY_MS
    if (goneSince !== undefined && now - goneSince >= steady) {
      return ok({ do: 'done', seen: `aborted, ${shortDigest(options.digest)} serves 0 %` })
    }
    const stuck = log.sent.length > 0 && log.seconds() * 1000 > CUT_BACK_MS
    if (cutOver(live) && (live.fresh?.complete !== true || stuck)) return ok({ do: 'restore' })
    if (view.abortedAt === undefined && now - lastSent >= RESEND_AFTER_MS) {
      const sent = await sendAbort(context, target, view.pausedByPerson, log)
      if (!sent.ok) return err(sent.fault)
      lastSent = context.clock.now().getTime()
    }
    return undefined
  })
  if (outcome === undefined) return err({ ...notEffective(target, options.digest), sent: log.sent })
  if (!outcome.ok) return err({ ...outcome.fault, sent: log.sent })
  if (outcome.value.do === 'done') {
    return ok({ sent: log.sent, seconds: log.seconds(), seen: outcome.value.seen })
  }
  const left = Math.max(5_000, withinMs - (context.clock.now().getTime() - began))
  const restored = await restoreTemplate(context, target, { digest: options.digest, withinMs: left })
  const spent = log.seconds()
  return restored.ok
    ? ok({
        ...restored.value,
        sent: [...log.sent, ...restored.value.sent],
        seconds: Math.max(spent, restored.value.seconds),
      })
    : err({ ...restored.fault, sent: [...log.sent, ...(restored.fault.sent ?? [])] })
}

async function read(
  { kube, signal }: MoveContext,
  target: RolloutTarget,
): Promise<Result<LiveCanary | LiveBlueGreen, MoveFault>> {
  const picture = await readRolloutPicture(kube, target.namespace, target.name, signal)
  return picture.ok ? ok(liveRollout(picture.value, target.container)) : err(picture.fault)
}

const cutOver = (live: LiveCanary | LiveBlueGreen) => live.kind === 'blue-green' && live.cutOver === 'after'

function guard(
  live: LiveCanary | LiveBlueGreen,
  target: RolloutTarget,
  digest: Digest,
): MoveFault | undefined {
  const { view } = live
  if (live.specDigest !== digest) return superseded(target, digest, live.specDigest)
  if (view.inFlight && view.stableHash !== undefined) return undefined
  return {
    blame: 'user',
    reason: 'abort-nothing-in-flight',
    cause:
      view.stableHash === undefined
        ? `Rollout ${target.name} has no stable ReplicaSet yet: there is nothing to go back to.`
        : `Rollout ${target.name} has promoted ${shortDigest(digest)} fully: an abort would move no traffic.`,
    next: 'Use the rollback action: it pins the last verified digest and promotes it at once.',
  }
}

async function sendAbort(
  context: MoveContext,
  target: RolloutTarget,
  paused: boolean,
  { sent, note }: ReturnType<typeof sendLog>,
): Promise<Result<true, MoveFault>> {
  const { kube, signal } = context
  if (paused) {
    const path = paths.rollout(target.namespace, target.name)
    const answer = await kube.patch(path, { spec: { paused: false } }, { type: 'merge' }, signal)
    if (!answer.ok) return err(answer.fault)
    note('spec.paused taken away, since nothing is scaled while it stands')
  }
  const path = paths.rolloutStatus(target.namespace, target.name)
  const status = { abort: true, promoteFull: false, ...again(sent) }
  const answer = await kube.patch(path, { status }, { type: 'merge' }, signal)
  if (!answer.ok) return err(answer.fault)
  note('abort')
  return ok(true)
}

function notEffective(target: RolloutTarget, digest: Digest): MoveFault {
  return {
    blame: 'world',
    reason: 'abort-not-effective',
    cause: `Rollout ${target.name} still routes traffic to ${shortDigest(digest)} after the abort.`,
    likely:
      'A stable pod is not ready, so the controller does not shift the weight; or the controller is down.',
    next: 'Run the rollback action now: it puts the old template back, which needs no ready new pod.',
  }
}

function superseded(target: RolloutTarget, digest: Digest, seen: Digest | undefined): MoveFault {
  return {
    blame: 'world',
    reason: 'rollout-superseded',
    cause: `Rollout ${target.name} asks for ${seen === undefined ? 'no digest' : shortDigest(seen)}, not for ${shortDigest(digest)}.`,
    likely: 'Another release or a rollback was pinned meanwhile.',
    next: 'Read the Rollout again and decide anew.',
  }
}
