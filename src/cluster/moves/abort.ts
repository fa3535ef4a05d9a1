import { type Digest, err, ok, type Result, shortDigest } from '../../release/index.ts'
import { paths, type Rollout } from '../objects.ts'
import { readRollout, readRolloutPicture } from '../read.ts'
import { viewRollout } from '../rollout.ts'
import { shareOut } from '../routes.ts'
import { again, type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { until } from './until.ts'

export interface AbortOptions {
  /** The digest to take out of traffic; a Rollout that runs another one is left alone. */
  readonly digest: Digest
  readonly withinMs?: number
}

/** Controller and API answer within 0.3 s when idle; a lost abort is sent again after this long. */
const RESEND_AFTER_MS = 1_000

/** The route must read 0 this often in a row: with an unready stable pod the weight can flap (measured 6-8 times a second). */
const STEADY_READS = 3

/**
 * Takes a canary out of traffic. Carries no resourceVersion: an abort must not lose a race. `promoteFull` is
 * withdrawn in the same patch, since the controller removes an abort while it stands (argo-rollouts#4461), and a
 * paused spec is unpaused, since nothing is scaled while it is paused. Done when routes, not phases, say so.
 */
export async function abort(
  context: MoveContext,
  target: RolloutTarget,
  options: AbortOptions,
): Promise<Result<Moved, MoveFault>> {
  const log = sendLog(context.clock)
  const first = await readRollout(context.kube, target.namespace, target.name, context.signal)
  if (!first.ok) return err(first.fault)
  const refusal = guard(first.value, target, options.digest)
  if (refusal !== undefined) return err(refusal)

  let lastSent = Number.NEGATIVE_INFINITY
  let steady = 0
  const outcome = await until<Result<string, MoveFault>>(
    { ...context, withinMs: options.withinMs ?? 30_000, everyMs: 100 },
    async () => {
      const picture = await readRolloutPicture(context.kube, target.namespace, target.name, context.signal)
      if (!picture.ok) return picture.fault.blame === 'world' ? undefined : err(picture.fault)
      const view = viewRollout(picture.value.rollout, target.container)
      if (view.specDigest !== options.digest && view.abortedAt === undefined) {
        return err(superseded(target, options.digest, view.specDigest))
      }
      const routed = shareOut(picture.value.lanes, target.container)
      const bad = routed.served.find((each) => each.digest === options.digest)?.share ?? 0
      const gone = view.abortedAt !== undefined && bad === 0 && (picture.value.routerWeight ?? 0) === 0
      steady = gone ? steady + 1 : 0
      if (steady >= STEADY_READS) return ok(`aborted, ${shortDigest(options.digest)} serves 0 %`)
      const waited = context.clock.now().getTime() - lastSent
      if (view.abortedAt === undefined && waited >= RESEND_AFTER_MS) {
        const sent = await sendAbort(context, target, view.pausedByPerson, log)
        if (!sent.ok) return err(sent.fault)
        lastSent = context.clock.now().getTime()
      }
      return undefined
    },
  )
  if (outcome === undefined) {
    return err({
      blame: 'world',
      reason: 'abort-not-effective',
      cause: `Rollout ${target.name} still routes traffic to ${shortDigest(options.digest)} after ${log.sent.length} aborts.`,
      likely:
        'A stable pod is not ready, so the controller does not shift the weight; or the controller is down.',
      next: 'Run the rollback action now: it puts the old template back, which needs no ready new pod.',
      sent: log.sent,
    })
  }
  return outcome.ok
    ? ok({ sent: log.sent, seconds: log.seconds(), seen: outcome.value })
    : err({ ...outcome.fault, sent: log.sent })
}

function guard(rollout: Rollout, target: RolloutTarget, digest: Digest): MoveFault | undefined {
  const view = viewRollout(rollout, target.container)
  if (view.specDigest !== digest) return superseded(target, digest, view.specDigest)
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

function superseded(target: RolloutTarget, digest: Digest, seen: Digest | undefined): MoveFault {
  return {
    blame: 'world',
    reason: 'rollout-superseded',
    cause: `Rollout ${target.name} asks for ${seen === undefined ? 'no digest' : shortDigest(seen)}, not for ${shortDigest(digest)}.`,
    likely: 'Another release or a rollback was pinned meanwhile.',
    next: 'Read the Rollout again and decide anew.',
  }
}
