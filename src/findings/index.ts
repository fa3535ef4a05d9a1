/** What tools hold against the code: one vocabulary, and the gate that decides on what is new. */
export type { GateAnswer } from './gate/gate.ts'
export type { Judged } from './policy/judge.ts'
export { readPolicy } from './policy/read.ts'
export { type CheckRequest, type CheckResult, checkFindings } from './run/check.ts'
export { commitsOf, needsBase } from './run/event.ts'
export { fileAt, type GitContext, git, hasCommit, headOf } from './run/git.ts'
export { policyText } from './run/policy-file.ts'
export { messageOf, recordOf } from './run/record.ts'
export { parseReportLines } from './run/report-line.ts'
export { tablesOf, whereOf } from './run/summary.ts'
export { type SarifLog, type SarifObject, type SarifValue, toSarif } from './sarif/write.ts'
export {
  atLeast,
  type Finding,
  type FindingLocation,
  type FindingRun,
  type Severity,
  severities,
} from './types.ts'
