export { decide } from './decide.ts'
export { type Decision, noStep, type PinChange, type Step } from './decision.ts'
export { driftOf, pinDifference } from './drift.ts'
export { parseFacts, type RegionView, type TrainFacts } from './facts.ts'
export type { Gate } from './gates.ts'
export { decideOutcome, type Outcome } from './outcome.ts'
export * as people from './people.ts'
export { planHash, workloadGroups } from './plan.ts'
export {
  type HaltCause,
  haltEvents,
  type RollbackItem,
  type RollbackPlan,
  type RollbackScope,
  rollbackPlan,
  rolledBackEvent,
  startRollbackEvent,
  targetOf,
} from './rollback.ts'
export { readClaims } from './schema.ts'
export { type ServingQuestion, serving } from './serving.ts'
export type { Access, ClusterPort, Committed, ConfigFiles, Staged, TickContext } from './tick.ts'
export * as tick from './tick.ts'
