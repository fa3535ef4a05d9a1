export { ask, type RollbackWish, usage } from './arguments.ts'
export { type Answer, type CliPorts, run } from './rollback.ts'
