/** What a migration's statements lock, rewrite, read and break, told before they run. */

export { follow } from './catalogue/follow.ts'
export { catalogueFromSql, settle } from './catalogue/from-sql.ts'
export { type Catalogue, copyCatalogue, emptyCatalogue } from './catalogue/model.ts'
export { catalogueFromSnapshot, type Reader, readSnapshot, type Snapshot } from './catalogue/snapshot.ts'
export { type Grammar, type LocateWasm, loadGrammar } from './grammar.ts'
export { lint } from './lint.ts'
export { parseFile } from './parse.ts'
export { predict } from './predict/index.ts'
export { type Danger, type Rule, type RuleId, ruleIds, rules } from './rules/catalog.ts'
export type { Finding, LintOptions } from './rules/context.ts'
export {
  type LockMode,
  lockModes,
  type Major,
  majors,
  type ParsedStatement,
  type Prediction,
  type SyntaxFault,
} from './types.ts'
