/** The runner's side of an action: its environment, its file commands, its reading of the log. */
export type { BundleOptions, BundleRun, StartedBundle } from './bundle.ts'
export { actionFolders, runBundle, startBundle } from './bundle.ts'
export type { Command } from './commands.ts'
export { readCommands, readFileCommand } from './commands.ts'
