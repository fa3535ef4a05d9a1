export type { RollbackRequest } from './plan.ts'
export type { Bounds, Journal, RollbackContext, Wanted } from './ports.ts'
export type { RegionReport } from './region.ts'
export { type RollbackOutcome, rollBack } from './rollback.ts'
