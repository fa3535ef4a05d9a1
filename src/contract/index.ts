/** Whether an edit of a contract breaks who relies on what is deployed. */
export { type FileReader, folderReader } from './files.ts'
export { compareDescriptions } from './openapi/compare.ts'
export { type Description, loadDescription } from './openapi/document.ts'
export { effectOfSchemas } from './schema/documents.ts'
export type { Effect } from './schema/effect.ts'
export type { Comparison, Finding, Level, LifecyclePolicy, Location, Policy } from './types.ts'
