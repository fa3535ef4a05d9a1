import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Fault } from '../release/index.ts'
import { systemClock } from '../system/index.ts'
import {
  type Applied,
  type ApplyOptions,
  apply,
  type Database,
  type Limits,
  openDatabase,
  parseDatabaseUrl,
  parseMigrations,
} from './index.ts'

/** Opens the database and applies files given as text. For tests. */
export async function migrate(
  url: string,
  files: Readonly<Record<string, string>>,
  changes: Partial<Omit<ApplyOptions, 'limits'>> & {
    readonly limits?: Partial<Limits>
    readonly log?: string[]
    readonly wrap?: (database: Database) => Database
  } = {},
): Promise<Applied> {
  const { log = [], wrap = (database: Database) => database, limits, ...options } = changes
  const parsed = parseMigrations(
    'migrations',
    Object.entries(files).map(([file, text]) => ({ file, text })),
  )
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  const database = await open(url)
  const add = (line: string) => void log.push(line)
  try {
    return await apply({
      database: wrap(database),
      folder: 'migrations',
      migrations: parsed.value,
      schema: 'public',
      limits: { lockTimeoutMs: 100, budgetMs: 20_000, stallMs: 150, stallBudgetMs: 10_000, ...limits },
      runnerLockWaitMs: 20_000,
      run: 'test',
      clock: systemClock(),
      random: Math.random,
      logger: { debug: add, info: add, notice: add, warn: add, group: (_, body) => body() },
      signal: new AbortController().signal,
      ...options,
    })
  } finally {
    await database.close()
  }
}

export async function open(url: string): Promise<Database> {
  const address = parseDatabaseUrl(url)
  if (!address.ok) throw new Error(address.fault.cause)
  const database = await openDatabase(address.value, { applicationName: 'test', write: true })
  if (!database.ok) throw new Error(database.fault.cause)
  return database.value
}

/** A connection of "the application"; its rows as arrays of values. */
export async function client(url: string): Promise<{
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
  end(): Promise<void>
}> {
  const connection = new pg.Client({ connectionString: url })
  connection.on('error', () => {})
  await connection.connect()
  return {
    rows: async (sql) => (await connection.query({ text: sql, rowMode: 'array' })).rows as unknown[][],
    end: () => connection.end(),
  }
}

export async function rows(url: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const connection = await client(url)
  try {
    return await connection.rows(sql)
  } finally {
    await connection.end()
  }
}

export function faultOf(applied: Applied): Fault {
  if (applied.ok) throw new Error('it went through')
  return applied.fault
}

export async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    if (await met()) return
    await sleep(25)
  }
  throw new Error(`did not come: ${what}`)
}
