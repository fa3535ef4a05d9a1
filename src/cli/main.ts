import { spawnExec, systemClock } from '../system/index.ts'
import { ask } from './arguments.ts'
import { run } from './rollback.ts'
import { lines } from './say.ts'

const wish = ask(process.argv.slice(2))
if (wish.do === 'tell') {
  console[wish.bad ? 'error' : 'log'](wish.text)
  process.exit(wish.bad ? 2 : 0)
}
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
  }
  const answer = await run(wish, { ...ports, endState: state.set })
  console.log(wish.json ? JSON.stringify(answer.data) : answer.text)
  process.exit(answer.good ? 0 : 1)
} catch (error) {
  console.error(
    `Cut off: ${error instanceof Error ? error.message : String(error)}. ${state.get() ?? 'Nothing was changed'}.`,
  )
  process.exit(1)
}
