import { type Kube, type KubeFault, paths, type RolloutTarget } from '../../cluster/index.ts'

/**
 * Whether promote and abort would be allowed, asked before the first hold and not after it: an empty merge patch
 * changes nothing and needs the same right. Only a refusal counts; a server that is away is met by the next look.
 */
export async function missingRight(
  kube: Kube,
  { namespace, name, kind }: RolloutTarget,
  signal: AbortSignal,
): Promise<KubeFault | undefined> {
  const path =
    kind === 'Deployment' ? paths.deployment(namespace, name) : paths.rolloutStatus(namespace, name)
  const answer = await kube.patch(path, {}, { type: 'merge' }, signal)
  return !answer.ok && answer.fault.reason === 'permission-denied' ? answer.fault : undefined
}
