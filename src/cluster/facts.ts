import { type Digest, err, ok, shortDigest, type WorkloadFacts } from '../release/index.ts'
import { digestOfTemplate } from './images.ts'
import type { Kube, KubeFault, KubeResult } from './kube.ts'
import { isMissing } from './kube.ts'
import {
  type DeploymentPicture,
  type RolloutPicture,
  readDeploymentPicture,
  readRolloutPicture,
} from './read.ts'
import { replicaSetOf, viewRollout } from './rollout.ts'
import { shareOut } from './routes.ts'
import { isReady } from './selectors.ts'

export interface WorkloadRef {
  readonly name: string
  readonly kind: 'Rollout' | 'Deployment'
  readonly container: string
}

/** All workloads or a fault: half a picture of a release decides nothing. */
export async function readWorkloads(
  kube: Kube,
  at: { readonly namespace: string; readonly workloads: readonly WorkloadRef[] },
  signal: AbortSignal,
): Promise<KubeResult<readonly WorkloadFacts[]>> {
  const answers = await Promise.all(
    at.workloads.map((each) => readWorkload(kube, at.namespace, each, signal)),
  )
  const facts: WorkloadFacts[] = []
  for (const answer of answers) {
    if (!answer.ok) return answer
    facts.push(answer.value)
  }
  return ok(facts)
}

export async function readWorkload(
  kube: Kube,
  namespace: string,
  workload: WorkloadRef,
  signal: AbortSignal,
): Promise<KubeResult<WorkloadFacts>> {
  if (workload.kind === 'Rollout') {
    const picture = await readRolloutPicture(kube, namespace, workload.name, signal)
    return picture.ok ? ok(rolloutFacts(picture.value, workload)) : missingOr(picture.fault, workload)
  }
  const picture = await readDeploymentPicture(kube, namespace, workload.name, signal)
  return picture.ok ? ok(deploymentFacts(picture.value, workload)) : missingOr(picture.fault, workload)
}

/** A workload that is not there yet is a fact; a router or Service of it that is not there is a fault. */
function missingOr(fault: KubeFault, workload: WorkloadRef): KubeResult<WorkloadFacts> {
  const itself = isMissing(fault) && fault.cause.includes(`/${workload.kind.toLowerCase()}s/${workload.name}`)
  if (!itself) return err(fault)
  return ok({
    name: workload.name,
    kind: workload.kind,
    served: [],
    dark: 1,
    state: 'missing',
    why: 'the cluster has no such workload',
  })
}

export function rolloutFacts(picture: RolloutPicture, workload: WorkloadRef): WorkloadFacts {
  const view = viewRollout(picture.rollout, workload.container)
  const replicaSet = replicaSetOf(picture.replicaSets, picture.rollout, view.currentHash)
  const ofReplicaSet = digestOfTemplate(replicaSet?.spec.template, workload.container)
  const routed = shareOut(picture.lanes, workload.container)
  const identified = view.observed && view.specDigest !== undefined && view.specDigest === ofReplicaSet
  const weight =
    picture.routerWeight ?? (routed.unnamed > 0 ? undefined : shareOf(routed.served, view.specDigest))
  return {
    name: workload.name,
    kind: 'Rollout',
    served: routed.served,
    dark: routed.dark,
    state: identified || view.phase === 'degraded' || view.phase === 'aborted' ? view.phase : 'progressing',
    why: identified ? view.why || view.phase : whyUnidentified(view.observed, view.specDigest, ofReplicaSet),
    ...(identified && view.specDigest !== undefined ? { desired: view.specDigest } : {}),
    ...(view.inFlight && view.stableHash !== undefined && weight !== undefined
      ? { canaryWeight: weight }
      : {}),
  }
}

function shareOf(served: WorkloadFacts['served'], digest: Digest | undefined): number {
  return Math.round((served.find((each) => each.digest === digest)?.share ?? 0) * 100)
}

function whyUnidentified(observed: boolean, spec: Digest | undefined, seen: Digest | undefined): string {
  if (spec === undefined) return 'the spec names no image by digest'
  if (!observed) return 'the controller has not observed the spec yet'
  if (seen === undefined) return `no ReplicaSet for ${shortDigest(spec)} yet`
  return `the current ReplicaSet runs ${shortDigest(seen)}, the spec asks for ${shortDigest(spec)}`
}

export function deploymentFacts(picture: DeploymentPicture, workload: WorkloadRef): WorkloadFacts {
  const { deployment, pods } = picture
  const { spec, status = {} } = deployment
  const observed = (status.observedGeneration ?? -1) >= (deployment.metadata.generation ?? 0)
  const desired = digestOfTemplate(spec.template, workload.container)
  const routed = shareOut([{ weight: 1, pods }], workload.container)
  const { state, why } = deploymentState(picture, observed)
  return {
    name: workload.name,
    kind: 'Deployment',
    served: routed.served,
    dark: routed.dark,
    state,
    why: desired === undefined ? 'the spec names no image by digest' : why,
    ...(observed && desired !== undefined ? { desired } : {}),
  }
}

/** The order of `kubectl rollout status` (polymorphichelpers/rollout_status.go), and the pause it leaves out. */
export function deploymentState(
  { deployment, pods }: Pick<DeploymentPicture, 'deployment' | 'pods'>,
  observed: boolean,
): Pick<WorkloadFacts, 'state' | 'why'> {
  const { spec, status = {} } = deployment
  if (!observed) return { state: 'progressing', why: 'the controller has not observed the spec yet' }
  const progressing = status.conditions?.find((each) => each.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { state: 'degraded', why: progressing.message ?? 'progress deadline exceeded' }
  }
  if (spec.paused === true) return { state: 'paused', why: 'spec.paused is set' }
  const wanted = spec.replicas ?? 1
  const updated = status.updatedReplicas ?? 0
  const available = status.availableReplicas ?? 0
  if (updated < wanted) return { state: 'progressing', why: `${updated} of ${wanted} pods are new` }
  if ((status.replicas ?? 0) > updated) return { state: 'progressing', why: 'old pods are still there' }
  if (available < updated)
    return { state: 'progressing', why: `${available} of ${updated} pods are available` }
  return { state: 'healthy', why: `${pods.filter(isReady).length} pods ready` }
}
