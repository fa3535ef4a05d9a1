import type { KubeObject, KubeResult } from '../kube.ts'
import { paths } from '../objects.ts'
import { type MoveContext, type RolloutTarget, writtenTimes } from './move.ts'

// One write each, without proof: who calls them reads the live state again and decides anew.

type Doing = Pick<MoveContext, 'kube' | 'signal'>

/**
 * Out of traffic. `promoteFull` goes in the same patch, since the controller removes an abort while it stands
 * (argo-rollouts#4461). No resourceVersion: this must not lose a race.
 */
export function nudgeAbort(
  { kube, signal }: Doing,
  target: RolloutTarget,
  before: number,
): Promise<KubeResult<KubeObject>> {
  const status = { abort: true, promoteFull: false, ...writtenTimes(before) }
  return kube.patch(paths.rolloutStatus(target.namespace, target.name), { status }, { type: 'merge' }, signal)
}

/** All traffic without the steps; only once the controller has observed the template. */
export function nudgePromoteFull(
  { kube, signal }: Doing,
  target: RolloutTarget,
  before: number,
): Promise<KubeResult<KubeObject>> {
  const status = { promoteFull: true, ...writtenTimes(before) }
  return kube.patch(paths.rolloutStatus(target.namespace, target.name), { status }, { type: 'merge' }, signal)
}

/** A paused workload is neither scaled nor switched, whatever else is asked of it. */
export function nudgeUnpause(
  { kube, signal }: Doing,
  target: RolloutTarget,
): Promise<KubeResult<KubeObject>> {
  const path =
    target.kind === 'Deployment'
      ? paths.deployment(target.namespace, target.name)
      : paths.rollout(target.namespace, target.name)
  return kube.patch(path, { spec: { paused: false } }, { type: 'merge' }, signal)
}
