import { type Digest, err, ok, type Result, shortDigest } from '../../release/index.ts'
import { liveRollout } from '../live.ts'
import { paths, type Rollout } from '../objects.ts'
import { readRollout, readRolloutPicture } from '../read.ts'
import { type RolloutView, viewRollout } from '../rollout.ts'
import { type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { until } from './until.ts'

export interface PromoteOptions {
  readonly digest: Digest
  /**
   * The step whose pause is to end. A Rollout that is further on is left alone: the promotion is done. A blue-green
   * Rollout has no steps: there the promotion is the cut-over.
   */
  readonly stepIndex: number
  readonly withinMs?: number
}

/** Controller and API answer within 0.3 s when idle; a lost promotion is nudged after this long. */
const NUDGE_AFTER_MS = 400

/**
 * Ends the pause of one step. Rollouts 1.9 loses a promotion that arrives while the controller writes the
 * pause back (upstream #4694; PR 4786 in 1.10): the object then says Paused with `controllerPause` and no pause
 * condition, and nothing happens until it changes again. So the effect is read back and, while it is missing,
 * the status is touched (a different message; the controller computes it anew) or the promotion is repeated.
 */
export async function promote(
  context: MoveContext,
  target: RolloutTarget,
  options: PromoteOptions,
): Promise<Result<Moved, MoveFault>> {
  const log = sendLog(context.clock)
  let lastSent = Number.NEGATIVE_INFINITY
  let failed: MoveFault | undefined

  const send = async (what: string, status: object, resourceVersion?: string) => {
    const answer = await context.kube.patch<Rollout>(
      paths.rolloutStatus(target.namespace, target.name),
      { status },
      { type: 'merge', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      context.signal,
    )
    // Someone wrote first: the next look decides anew, at once.
    if (!answer.ok && answer.fault.status === 409) return
    if (answer.ok) log.note(what)
    else failed = answer.fault
    lastSent = context.clock.now().getTime()
  }

  const outcome = await until<Result<string, MoveFault>>(
    { ...context, withinMs: options.withinMs ?? 10_000, everyMs: 60 },
    async () => {
      const read = await readRollout(context.kube, target.namespace, target.name, context.signal)
      if (!read.ok) return err(read.fault)
      const view = viewRollout(read.value, target.container)
      const state = judgeStep(view, options)
      if (state.kind === 'moved') return ok(state.seen)
      if (state.kind === 'refused') return err(state.fault)
      if (view.strategy === 'blue-green' && state.kind === 'taken') {
        const cut = await hasCutOver(context, target)
        if (cut !== undefined) return cut
      }
      const waited = context.clock.now().getTime() - lastSent
      if (state.kind === 'waiting') {
        if (waited < NUDGE_AFTER_MS) return undefined
        await send(`promotion of step ${options.stepIndex}`, { pauseConditions: null }, view.resourceVersion)
      } else if (waited >= NUDGE_AFTER_MS) {
        await send('touch of the status, since the promotion was lost', {
          message: `promoted, waiting for the controller (${log.sent.length})`,
        })
      }
      return failed === undefined ? undefined : err(failed)
    },
  )
  if (outcome === undefined) {
    return err({
      blame: 'world',
      reason: 'promote-not-effective',
      cause: `Rollout ${target.name} did not leave the pause of step ${options.stepIndex} after ${log.sent.length} writes.`,
      likely: 'The Argo Rollouts controller is down, overloaded, or another instance id owns the Rollout.',
      next: 'Look at the log of the controller; running the gate again goes on from here.',
      sent: log.sent,
    })
  }
  return outcome.ok
    ? ok({ sent: log.sent, seconds: log.seconds(), seen: outcome.value })
    : err({ ...outcome.fault, sent: log.sent })
}

type StepState =
  | { readonly kind: 'moved'; readonly seen: string }
  /** In the pause; or out of it with the effect not seen yet. */
  | { readonly kind: 'waiting' | 'taken' }
  | { readonly kind: 'refused'; readonly fault: MoveFault }

function judgeStep(view: RolloutView, { digest, stepIndex }: PromoteOptions): StepState {
  if (view.specDigest !== digest) {
    const seen = view.specDigest === undefined ? 'no digest' : shortDigest(view.specDigest)
    return refused(
      'rollout-superseded',
      `Rollout ${view.name} asks for ${seen}, not for ${shortDigest(digest)}.`,
    )
  }
  if (view.abortRequested || view.abortedAt !== undefined) {
    return refused('promote-not-paused', `Rollout ${view.name} was aborted.`)
  }
  if (!view.inFlight) return { kind: 'moved', seen: 'fully promoted' }
  if (view.strategy === 'blue-green') return { kind: view.pausedSince === undefined ? 'taken' : 'waiting' }
  if (view.stepIndex > stepIndex)
    return { kind: 'moved', seen: `step ${view.stepIndex} of ${view.steps.length}` }
  if (view.stepIndex < stepIndex) {
    return refused(
      'promote-not-paused',
      `Rollout ${view.name} is at step ${view.stepIndex}, before step ${stepIndex}.`,
    )
  }
  return { kind: view.unpausing ? 'taken' : 'waiting' }
}

/** The active Service selects the new pods; its status says so before or after. */
async function hasCutOver(
  { kube, signal }: MoveContext,
  target: RolloutTarget,
): Promise<Result<string, MoveFault> | undefined> {
  const picture = await readRolloutPicture(kube, target.namespace, target.name, signal)
  if (!picture.ok) return err(picture.fault)
  const live = liveRollout(picture.value, target.container)
  const cut = live.kind === 'blue-green' && live.cutOver !== 'before'
  return cut ? ok('the active Service selects the new pods') : undefined
}

function refused(reason: 'rollout-superseded' | 'promote-not-paused', cause: string): StepState {
  return {
    kind: 'refused',
    fault: { blame: 'world', reason, cause, next: 'Read the Rollout again and decide anew.' },
  }
}
