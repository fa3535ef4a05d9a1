export {
  type ApplicationRef,
  applicationFacts,
  healsItself,
  readApplication,
  readSelfHeal,
  refreshApplication,
} from './application.ts'
export { type ConnectOptions, connectKube } from './connect.ts'
export { readWorkload, readWorkloads, type WorkloadRef } from './facts.ts'
export { digestOfContainers, digestOfImage, digestOfTemplate } from './images.ts'
export type * from './kube.ts'
export { isMissing } from './kube.ts'
export {
  type Arm,
  type LiveBlueGreen,
  type LiveCanary,
  type LiveDeployment,
  type LiveFlagger,
  type LiveState,
  liveDeployment,
  liveRollout,
  readLiveState,
  type Surge,
  viewOf,
} from './live.ts'
export { type AbortOptions, abort } from './moves/abort.ts'
export type { MoveContext, Moved, MoveFault, RolloutTarget, Sent } from './moves/move.ts'
export { nudgeAbort, nudgePromoteFull, nudgeUnpause } from './moves/nudges.ts'
export { type PromoteOptions, promote } from './moves/promote.ts'
export { type PromoteFullOptions, promoteFull } from './moves/promote-full.ts'
export { proveServed, serves } from './moves/prove.ts'
export { type RestoreOptions, restoreTemplate, writeTemplate } from './moves/restore.ts'
export { type FlaggerGate, httpFlaggerGate, stopFlagger } from './moves/stop-flagger.ts'
export { type Bound, until } from './moves/until.ts'
export { POD_HASH_LABEL, type Pod, paths, type ReplicaSet, type Rollout } from './objects.ts'
export { type ClustersOptions, openClusters } from './open.ts'
export { type PodOfDigest, readLivePods } from './pods.ts'
export { type RolloutPicture, readRollout, readRolloutPicture } from './read.ts'
export { kubeOverRest, type RestOptions } from './rest.ts'
export { type RolloutView, replicaSetOf, viewRollout, weightAt } from './rollout.ts'
export { shareOut } from './routes.ts'
export { isCrashing, isReady } from './selectors.ts'
export type { Transport, TransportRequest, TransportResponse } from './transport.ts'
