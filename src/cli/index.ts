/** The command line: the same domain calls as the actions, for people, in one file. */
export type { Answer, CliPorts, Command } from './command.ts'
export { call } from './commands.ts'
