import { type Answer, type CliPorts, type Command, wrong } from './command.ts'
import { init } from './init.ts'
import { metrics } from './metrics.ts'
import { plan } from './plan.ts'
import { rollback } from './rollback.ts'
import { status } from './status.ts'

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ rollback, status, plan, metrics, init }),
)

const usage = [
  'Usage: node cli.mjs COMMAND [options]; `COMMAND --help` tells its options.',
  '',
  ...[...commands].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`),
].join('\n')

/** The command that the first argument names. */
export async function call(args: readonly string[], ports: CliPorts): Promise<Answer> {
  const [name, ...rest] = args
  if (name === undefined) return wrong('No command.', usage)
  if (name === '--help') return { exit: 0, text: usage }
  const command = commands.get(name)
  if (command === undefined) return wrong(`No command ${name}.`, usage)
  if (rest.includes('--help')) return { exit: 0, text: command.usage }
  return command.run(rest, ports)
}
