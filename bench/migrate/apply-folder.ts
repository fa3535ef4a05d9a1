import {
  type Applied,
  apply,
  openDatabase,
  parseDatabaseUrl,
  readMigrations,
} from '../../src/migrate/index.ts'
import { unwrap } from '../../src/release/index.ts'
import { systemClock } from '../../src/system/index.ts'

/** Our runner on a folder of migrations, with the limits that tuesday.yaml has by default but for the budget. */
export async function applyFolder(
  url: string,
  folder: string,
  { budgetMs, say = () => {} }: { readonly budgetMs: number; readonly say?: (line: string) => void },
): Promise<Applied> {
  const database = unwrap(
    await openDatabase(unwrap(parseDatabaseUrl(url)), { applicationName: 'tuesday migrate', write: true }),
  )
  try {
    return await apply({
      database,
      folder,
      migrations: unwrap(await readMigrations(folder, folder)),
      schema: 'public',
      limits: { lockTimeoutMs: 100, budgetMs, stallMs: 150, stallBudgetMs: 10_000 },
      runnerLockWaitMs: 10_000,
      run: 'bench',
      clock: systemClock(),
      random: Math.random,
      logger: { debug: say, info: say, notice: say, warn: say, group: (_, body) => body() },
      signal: new AbortController().signal,
    })
  } finally {
    await database.close()
  }
}
