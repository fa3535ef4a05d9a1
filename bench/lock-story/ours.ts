/** Our runner as a process of its own: `node ours.ts URL FOLDER`. */
import { apply, openDatabase, parseDatabaseUrl, readMigrations } from '../../src/migrate/index.ts'
import { unwrap } from '../../src/release/index.ts'
import { systemClock } from '../../src/system/index.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const line = (text: string) => void console.error(text)
const database = unwrap(
  await openDatabase(unwrap(parseDatabaseUrl(url)), { applicationName: 'tuesday migrate', write: true }),
)
const result = await apply({
  database,
  folder,
  migrations: unwrap(await readMigrations(folder, folder)),
  schema: 'public',
  limits: { lockTimeoutMs: 100, budgetMs: 120_000, stallMs: 150, stallBudgetMs: 10_000 },
  runnerLockWaitMs: 10_000,
  run: 'lock-story',
  clock: systemClock(),
  random: Math.random,
  logger: { debug: line, info: line, notice: line, warn: line, group: (_, body) => body() },
  signal: new AbortController().signal,
})
await database.close()
if (!result.ok) {
  console.error(result.fault.cause)
  process.exitCode = 1
}
