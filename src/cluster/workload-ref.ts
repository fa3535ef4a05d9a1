import { err, ok } from '../release/index.ts'
import type { Kube, KubeResult } from './kube.ts'
import {
  type Deployment,
  paths,
  type ReferencedWorkload,
  type ReplicaSet,
  type ResolvedRollout,
  type Rollout,
} from './objects.ts'

/**
 * A Rollout with `spec.workloadRef` has no template of its own: image and selector are those of the workload it
 * names, and a change there leaves the Rollout's own generation as it is.
 */
export async function resolveWorkload(
  kube: Kube,
  namespace: string,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<KubeResult<ResolvedRollout>> {
  const ref = rollout.spec.workloadRef
  if (ref === undefined) return ok(rollout)
  const { name = '', kind = 'Deployment' } = ref
  if (kind !== 'Deployment' && kind !== 'ReplicaSet') {
    return err({
      blame: 'user',
      reason: 'rollout-unsupported',
      cause: `Rollout ${rollout.metadata.name} takes its template from ${kind} ${name}, which is not read.`,
      next: 'Let spec.workloadRef name a Deployment, or put the template into the Rollout.',
    })
  }
  const path = workloadPath(namespace, { kind, name })
  const found = await kube.get<Deployment | ReplicaSet>(path, signal)
  return found.ok ? ok(withWorkload(rollout, { kind, name }, found.value)) : found
}

export function workloadPath(namespace: string, { kind, name }: Pick<ReferencedWorkload, 'kind' | 'name'>) {
  return kind === 'Deployment' ? paths.deployment(namespace, name) : paths.replicaSet(namespace, name)
}

export function withWorkload(
  rollout: Rollout,
  { kind, name }: Pick<ReferencedWorkload, 'kind' | 'name'>,
  workload: Deployment | ReplicaSet,
): ResolvedRollout {
  const { template, selector } = workload.spec
  return {
    ...rollout,
    spec: {
      ...rollout.spec,
      ...(template === undefined ? {} : { template }),
      ...(selector === undefined ? {} : { selector }),
    },
    workload: {
      kind,
      name,
      generation: workload.metadata.generation ?? 0,
      resourceVersion: workload.metadata.resourceVersion ?? '',
    },
  }
}
