import { type Digest, err, ok, type Result, shortDigest } from '../../release/index.ts'
import type { KubeObject, KubeResult } from '../kube.ts'
import { type LiveState, readLiveState } from '../live.ts'
import { paths, type ReplicaSet } from '../objects.ts'
import { readRollout } from '../read.ts'
import { workloadPath } from '../workload-ref.ts'
import { type MoveContext, type Moved, type MoveFault, type RolloutTarget, sendLog } from './move.ts'
import { writtenTemplate } from './template.ts'
import { until } from './until.ts'

export interface RestoreOptions {
  /** The digest to take out of traffic; a workload that runs another one is left alone. */
  readonly digest: Digest
  readonly withinMs?: number
  /** How long the old image has to stand: Argo CD's self-heal takes the template back after 0.4 s to 3.1 s. */
  readonly steadyMs?: number
}

/** Refused so often by a changed object, the write is given up. */
const MOST_WRITES = 8

/**
 * Applies the template before the present one. It is the way back where an abort is none (a Deployment), or ends in
 * an outage (blue-green after its cut-over with a new pod that is not ready: the controller then scales the new
 * ReplicaSet to nothing and leaves the active Service on it). It is drift for a GitOps controller, so it is proved by
 * routes that stay, and a template that comes back is reported and not fought over.
 */
export async function restoreTemplate(
  context: MoveContext,
  target: RolloutTarget,
  options: RestoreOptions,
): Promise<Result<Moved, MoveFault>> {
  const log = sendLog(context.clock)
  const steadyMs = options.steadyMs ?? 3_500
  let since: number | undefined
  let seconds = 0
  let why = 'nothing read yet'
  let refused = 0
  let written = false

  const outcome = await until<Result<string, MoveFault>>(
    { ...context, withinMs: options.withinMs ?? 120_000, everyMs: 100 },
    async () => {
      const { kube, clock, signal } = context
      const kind = target.kind ?? 'Rollout'
      const read = await readLiveState(kube, target.namespace, { ...target, kind }, signal)
      if (!read.ok) return read.fault.blame === 'world' ? undefined : err(read.fault)
      const live = read.value
      if (live.specDigest === options.digest) {
        if (since !== undefined || (written && live.identified)) return err(takenBack(target, options.digest))
        if (written) return undefined
        const answer = await write(context, target, live)
        if (answer === undefined) return err(nothingBefore(target, options.digest))
        if (answer.ok) {
          log.note(`template of ${live.old?.replicaSet.metadata.name ?? 'before'}`)
          written = true
        } else if (changedMeanwhile(answer.fault.status) && ++refused < MOST_WRITES) return undefined
        else return err(answer.fault)
        return undefined
      }
      if (!written) return err(superseded(target, options.digest, live.specDigest))
      const bad = live.routed.served.find((each) => each.digest === options.digest)?.share ?? 0
      const back = bad === 0 && live.routed.dark === 0 && live.identified
      why = `${Math.round(bad * 100)} % of the traffic on the image, ${live.why || 'no word of the controller'}`
      if (!back) {
        since = undefined
        return undefined
      }
      const now = clock.now().getTime()
      if (since === undefined) {
        since = now
        seconds = log.seconds()
      }
      return now - since >= steadyMs
        ? ok(`the template before is back, ${shortDigest(options.digest)} serves 0 %`)
        : undefined
    },
  )
  if (outcome === undefined) return err({ ...notRestored(target, options.digest, why), sent: log.sent })
  return outcome.ok
    ? ok({ sent: log.sent, seconds, seen: outcome.value })
    : err({ ...outcome.fault, sent: log.sent })
}

/** Carries what was read: a template that somebody else has written meanwhile is not written over. */
async function write(
  { kube, signal }: MoveContext,
  target: RolloutTarget,
  live: LiveState,
): Promise<KubeResult<KubeObject> | undefined> {
  return live.old === undefined ? undefined : writeTemplate({ kube, signal }, target, live.old.replicaSet)
}

/** Gives a workload the template of one of its ReplicaSets; 409 or 422 when it was changed since it was read. */
export async function writeTemplate(
  { kube, signal }: Pick<MoveContext, 'kube' | 'signal'>,
  target: RolloutTarget,
  replicaSet: ReplicaSet,
): Promise<KubeResult<KubeObject>> {
  const place = await placeOf({ kube, signal }, target)
  if (!place.ok) return place
  const value = writtenTemplate(replicaSet)
  const patch = [
    { op: 'test', path: '/metadata/resourceVersion', value: place.value.resourceVersion },
    { op: 'replace', path: '/spec/template', value },
  ]
  return kube.patch<KubeObject>(place.value.path, patch, { type: 'json' }, signal)
}

/** Where the template stands: in the workload itself, or in the one that it refers to. */
async function placeOf(
  { kube, signal }: Pick<MoveContext, 'kube' | 'signal'>,
  { namespace, name, kind }: RolloutTarget,
): Promise<KubeResult<{ readonly path: string; readonly resourceVersion: string }>> {
  if (kind === 'Deployment') {
    const path = paths.deployment(namespace, name)
    const read = await kube.get<KubeObject>(path, signal)
    return read.ok ? ok({ path, resourceVersion: read.value.metadata.resourceVersion ?? '' }) : read
  }
  const read = await readRollout(kube, namespace, name, signal)
  if (!read.ok) return read
  const { workload, metadata } = read.value
  return workload === undefined
    ? ok({ path: paths.rollout(namespace, name), resourceVersion: metadata.resourceVersion ?? '' })
    : ok({ path: workloadPath(namespace, workload), resourceVersion: workload.resourceVersion })
}

/** The API server answers a failed `test` with 422, and a lost race inside of the write with 409. */
const changedMeanwhile = (status: number | undefined) => status === 409 || status === 422

function nothingBefore(target: RolloutTarget, digest: Digest): MoveFault {
  return {
    blame: 'user',
    reason: 'restore-nothing-before',
    cause: `${target.name} has no ReplicaSet of another image than ${shortDigest(digest)}: there is nothing to go back to.`,
    likely: 'It is the first version, or revisionHistoryLimit is 0.',
    next: 'Use the rollback action: it pins the last verified digest.',
  }
}

function takenBack(target: RolloutTarget, digest: Digest): MoveFault {
  return {
    blame: 'world',
    reason: 'restore-taken-back',
    cause: `The template of ${target.name} was put back, and ${shortDigest(digest)} was written over it again.`,
    likely: 'Argo CD heals the workload to what is pinned in Git.',
    next: 'Run the rollback action now: it pins the last verified digest in Git.',
  }
}

function superseded(target: RolloutTarget, digest: Digest, seen: Digest | undefined): MoveFault {
  return {
    blame: 'world',
    reason: 'rollout-superseded',
    cause: `${target.name} asks for ${seen === undefined ? 'no digest' : shortDigest(seen)}, not for ${shortDigest(digest)}.`,
    likely: 'Another release or a rollback was pinned meanwhile.',
    next: 'Read the workload again and decide anew.',
  }
}

function notRestored(target: RolloutTarget, digest: Digest, why: string): MoveFault {
  return {
    blame: 'world',
    reason: 'restore-not-effective',
    cause: `The template before was applied to ${target.name}, and ${shortDigest(digest)} still has traffic: ${why}.`,
    likely: 'Pods of the old image do not become ready, or the controller is down.',
    next: 'Look at the pods of the old ReplicaSet; the rollback action goes on from here.',
  }
}
