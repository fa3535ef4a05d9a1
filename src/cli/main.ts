import { spawnExec, systemClock } from '../system/index.ts'
import { call } from './commands.ts'
import { lines } from './say.ts'

const args = process.argv.slice(2)
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error(`ended by ${name}`)))
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
)
const { logger, state } = lines((line) => console.error(line))
try {
  const ports = {
    exec: spawnExec,
    clock: systemClock(),
    env,
    dir: process.cwd(),
    logger,
    signal: stop.signal,
    endState: state.set,
  }
  const { exit, text, data } = await call(args, ports)
  if (args.includes('--json') && data !== undefined) console.log(JSON.stringify(data))
  else console[exit === 2 ? 'error' : 'log'](text)
  process.exit(exit)
} catch (error) {
  console.error(
    `Cut off: ${error instanceof Error ? error.message : String(error)}. ${state.get() ?? 'Nothing was changed'}.`,
  )
  process.exit(1)
}
