/** The runner as a process that tells its own peak of memory: `node measured-runner.ts URL FOLDER`. */
import { readFile } from 'node:fs/promises'
import { apply, openDatabase, parseDatabaseUrl, readMigrations } from '../../src/migrate/index.ts'
import { unwrap } from '../../src/release/index.ts'
import { systemClock } from '../../src/system/index.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const quiet = () => {}
const database = unwrap(
  await openDatabase(unwrap(parseDatabaseUrl(url)), { applicationName: 'tuesday migrate', write: true }),
)
const result = await apply({
  database,
  folder,
  migrations: unwrap(await readMigrations(folder, folder)),
  schema: 'public',
  limits: { lockTimeoutMs: 100, budgetMs: 600_000, stallMs: 150, stallBudgetMs: 10_000 },
  runnerLockWaitMs: 10_000,
  run: 'bench',
  clock: systemClock(),
  random: Math.random,
  logger: { debug: quiet, info: quiet, notice: quiet, warn: quiet, group: (_, body) => body() },
  signal: new AbortController().signal,
})
await database.close()
if (!result.ok) console.error(result.fault.cause)
// The peak as Linux keeps it; getrusage would also count what the parent had when it forked.
const status = await readFile('/proc/self/status', 'utf8')
const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS)
process.stdout.write(JSON.stringify({ ok: result.ok, maxRss: peak }))
