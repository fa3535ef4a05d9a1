/**
 * One tick of the train: the only place that joins the GitOps repository, the clusters and the policy. Each
 * function reads, lets a pure function decide, commits by compare-and-swap, and says what stands then.
 */
export { adopt } from './tick/adopt.ts'
export { configFilesFrom } from './tick/config-files.ts'
export {
  type ClusterPort,
  type Committed,
  type ConfigFiles,
  commitDecision,
  type TickContext,
  type Wanted,
} from './tick/context.ts'
export { type FactsByRegion, next, preview, type Recorded, record } from './tick/next.ts'
export { type Access, observer } from './tick/observe.ts'
export {
  approve,
  cancel,
  exclude,
  failback,
  failover,
  halt,
  hold,
  include,
  type Person,
  propose,
  readState,
  resume,
  revoke,
  veto,
} from './tick/people.ts'
export { type Staged, type StageWish, stage } from './tick/stage.ts'
