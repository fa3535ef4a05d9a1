/** What tools hold against the code: one vocabulary, and the gate that decides on what is new. */
export { type SarifLog, type SarifObject, type SarifValue, toSarif } from './sarif/write.ts'
export {
  atLeast,
  type Finding,
  type FindingLocation,
  type FindingRun,
  type Severity,
  severities,
} from './types.ts'
