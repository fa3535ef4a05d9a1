import { type Digest, err, ok, type Result, shortDigest } from '../../release/index.ts'
import { digestOfTemplate } from '../images.ts'
import { paths, type Rollout } from '../objects.ts'
import { readRolloutPicture } from '../read.ts'
import { replicaSetOf, viewRollout } from '../rollout.ts'
import { shareOut } from '../routes.ts'
import { again, type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { until } from './until.ts'

export interface PromoteFullOptions {
  readonly digest: Digest
  /** Bound for the controller to observe the spec with this digest (Git, Argo CD and the API are before it). */
  readonly observedWithinMs?: number
  /** Bound for the pods to be ready and the routes to follow. */
  readonly servedWithinMs?: number
}

const RESEND_AFTER_MS = 1_500

/**
 * Gives a digest all traffic without walking the steps: the way back. Sent only once the controller has observed
 * the template (before that it is a no-op, or wiped by the controller's reset), again while it has no effect, and
 * proved by the routes: `status` says Healthy up to 5 s before the traffic has moved.
 */
export async function promoteFull(
  context: MoveContext,
  target: RolloutTarget,
  options: PromoteFullOptions,
): Promise<Result<Moved, MoveFault>> {
  const log = sendLog(context.clock)
  const start = context.clock.now().getTime()
  const bounds = [options.observedWithinMs ?? 60_000, options.servedWithinMs ?? 120_000] as const
  let observedAt: number | undefined
  let lastSent = Number.NEGATIVE_INFINITY
  let seen = 'nothing read yet'

  const outcome = await until<Result<string, MoveFault>>(
    { ...context, withinMs: bounds[0] + bounds[1], everyMs: 150 },
    async () => {
      const picture = await readRolloutPicture(context.kube, target.namespace, target.name, context.signal)
      if (!picture.ok) {
        seen = picture.fault.cause
        return picture.fault.blame === 'world' ? undefined : err(picture.fault)
      }
      const now = context.clock.now().getTime()
      const view = viewRollout(picture.value.rollout, target.container)
      const current = replicaSetOf(picture.value.replicaSets, picture.value.rollout, view.currentHash)
      const identified =
        view.observed &&
        view.specDigest === options.digest &&
        digestOfTemplate(current?.spec.template, target.container) === options.digest
      if (!identified) {
        seen =
          view.specDigest === options.digest
            ? 'the controller has not observed it'
            : 'the spec runs another image'
        return now - start > bounds[0] ? err(notObserved(target, options.digest, seen)) : undefined
      }
      observedAt ??= now
      const share = shareOf(shareOut(picture.value.lanes, target.container), options.digest)
      seen = `${Math.round(share * 100)} % of the traffic, ${view.phase}`
      if (!view.inFlight && share === 1) return ok(seen)
      if (now - observedAt > bounds[1]) return err(notServed(target, options.digest, seen))
      // In a pause it was not taken up, though it may stand in the object.
      const open = !view.promoteFull || view.pausedSince !== undefined || view.unpausing
      if (view.inFlight && open && now - lastSent >= RESEND_AFTER_MS) {
        lastSent = now
        const sent = await send(context, target, view.pausedByPerson, log)
        if (!sent.ok) return err(sent.fault)
      }
      return undefined
    },
  )
  if (outcome?.ok) return ok({ sent: log.sent, seconds: log.seconds(), seen: outcome.value })
  const fault = outcome?.fault ?? notServed(target, options.digest, seen)
  return err({ ...fault, sent: log.sent })
}

async function send(
  { kube, signal }: MoveContext,
  target: RolloutTarget,
  paused: boolean,
  { sent, note }: ReturnType<typeof sendLog>,
): Promise<Result<true, MoveFault>> {
  if (paused) {
    const answer = await kube.patch<Rollout>(
      paths.rollout(target.namespace, target.name),
      { spec: { paused: false } },
      { type: 'merge' },
      signal,
    )
    if (!answer.ok) return err(answer.fault)
    note('spec.paused taken away')
  }
  // `abort` of an earlier canary would be removed by the controller anyway while promoteFull stands.
  const answer = await kube.patch<Rollout>(
    paths.rolloutStatus(target.namespace, target.name),
    { status: { promoteFull: true, ...again(sent) } },
    { type: 'merge' },
    signal,
  )
  if (!answer.ok) return err(answer.fault)
  note('full promotion')
  return ok(true)
}

function shareOf(routed: ReturnType<typeof shareOut>, digest: Digest): number {
  return routed.served.find((each) => each.digest === digest)?.share ?? 0
}

function notObserved(target: RolloutTarget, digest: Digest, seen: string): MoveFault {
  return {
    blame: 'world',
    reason: 'rollout-not-observed',
    cause: `Rollout ${target.name} did not take up ${shortDigest(digest)}: ${seen}.`,
    likely: 'Argo CD has not synced the pin yet, or another actor writes the image.',
    next: 'Look at the Application of this environment, then run the rollback again.',
  }
}

function notServed(target: RolloutTarget, digest: Digest, seen: string): MoveFault {
  return {
    blame: 'world',
    reason: 'promote-full-not-effective',
    cause: `Rollout ${target.name} does not serve ${shortDigest(digest)} at 100 %: ${seen}.`,
    likely: 'Pods of the old image do not become ready, or the controller is down.',
    next: 'Look at the pods of the ReplicaSet with that image, then run the rollback again.',
  }
}
