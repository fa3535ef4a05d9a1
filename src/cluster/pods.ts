import { type Digest, ok } from '../release/index.ts'
import type { WorkloadRef } from './facts.ts'
import { digestOfContainers } from './images.ts'
import type { Kube, KubeResult } from './kube.ts'
import type { Pod } from './objects.ts'
import { readDeploymentPicture, readRolloutPicture } from './read.ts'
import type { Lane } from './routes.ts'
import { isReady } from './selectors.ts'

export interface PodOfDigest {
  readonly name: string
  readonly digest: Digest
  readonly createdAt: Date
}

/**
 * Pods of a workload that requests reach, by the digest they run; pods without one are left out. After a release
 * the old pods stay up for a fast way back (`scaleDownDelaySeconds`), as many as the new ones: they are not live.
 */
export async function readLivePods(
  kube: Kube,
  namespace: string,
  workload: WorkloadRef,
  signal: AbortSignal,
): Promise<KubeResult<readonly PodOfDigest[]>> {
  if (workload.kind === 'Rollout') {
    const picture = await readRolloutPicture(kube, namespace, workload.name, signal)
    return picture.ok ? ok(livePods(picture.value.lanes, workload.container)) : picture
  }
  const picture = await readDeploymentPicture(kube, namespace, workload.name, signal)
  return picture.ok ? ok(livePods([{ weight: 1, pods: picture.value.pods }], workload.container)) : picture
}

export function livePods(lanes: readonly Lane[], container: string): readonly PodOfDigest[] {
  const reached = new Map<string, Pod>()
  for (const { weight, pods } of lanes) {
    if (weight > 0) for (const pod of pods.filter(isReady)) reached.set(pod.metadata.name, pod)
  }
  return [...reached.values()].flatMap((pod) => {
    const digest = digestOfContainers(pod.spec?.containers, container)
    if (digest === undefined) return []
    return [{ name: pod.metadata.name, digest, createdAt: new Date(pod.metadata.creationTimestamp ?? 0) }]
  })
}
