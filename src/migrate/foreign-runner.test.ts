import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../testkit/postgres/index.ts'
import { spawnExec, systemClock } from '../system/index.ts'
import { boundedEnvironment, type ForeignRun, runForeign } from './foreign-runner.ts'
import { client, rows } from './on-server.fixture.ts'

/** A tool of the kind that migrations reference §6 measured: the driver, and one transaction. */
const tool = `
import pg from 'pg'
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
try {
  await client.query('begin; alter table t add column b int; commit')
} catch (error) {
  console.error(error.code, error.message)
  process.exitCode = 1
} finally {
  await client.end()
}`

describe.skipIf(postgresMissing(16) !== undefined)('another runner', () => {
  let server: Postgres
  let folder: string
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
    folder = await mkdtemp(path.join(tmpdir(), 'tuesday-tool-'))
    const driver = new URL('../../node_modules/pg/esm/index.mjs', import.meta.url).href
    await writeFile(path.join(folder, 'tool.mjs'), tool.replace(`'pg'`, JSON.stringify(driver)))
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  async function run(url: string, changes: Partial<ForeignRun> = {}, log: string[] = []) {
    const add = (line: string) => void log.push(line)
    return runForeign({
      command: `"${process.execPath}" tool.mjs`,
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', DATABASE_URL: url },
      urlEnv: 'DATABASE_URL',
      limits: { lockTimeoutMs: 100, budgetMs: 60_000 },
      transactional: true,
      exec: spawnExec,
      clock: systemClock(),
      random: () => 0,
      logger: { debug: add, info: add, notice: add, warn: add, group: (_, body) => body() },
      signal: new AbortController().signal,
      ...changes,
    })
  }

  test('waits no longer than the bound, and is started again until it lands', async () => {
    const url = await server.database()
    await rows(url, 'create table t (a int)')
    const blocker = await client(url)
    await blocker.rows('begin')
    await blocker.rows('select * from t')
    const log: string[] = []
    const add = async (line: string) => {
      log.push(line)
      if (line.includes('trying again')) await blocker.rows('commit')
    }
    const logger = {
      debug: add,
      info: add,
      notice: add,
      warn: add,
      group: <T>(_: string, body: () => Promise<T>) => body(),
    }
    const result = await run(url, { logger })
    await blocker.end()
    expect(result).toMatchObject({ ok: true })
    expect(log.join('\n')).toMatch(/55P03/)
    expect(
      await rows(url, `select 1 from pg_attribute where attrelid = 't'::regclass and attname = 'b'`),
    ).toHaveLength(1)
  })

  test('that is not transactional is not started again', async () => {
    const url = await server.database()
    await rows(url, 'create table t (a int)')
    const blocker = await client(url)
    await blocker.rows('begin')
    await blocker.rows('select * from t')
    expect(await run(url, { transactional: false })).toMatchObject({
      ok: false,
      fault: { reason: 'table-lock-not-granted', next: expect.stringMatching(/done in part/) },
    })
    await blocker.end()
  })

  test('that fails for another reason is told at once', async () => {
    const url = await server.database()
    expect(await run(url)).toMatchObject({
      ok: false,
      fault: { reason: 'command-failed', cause: expect.stringMatching(/42P01/) },
    })
  })
})

test.each([
  [{}, '-c lock_timeout=100', undefined],
  [{ PGOPTIONS: '-c search_path=x' }, '-c search_path=x -c lock_timeout=100', undefined],
  [
    { DATABASE_URL: 'postgres://u:p%40@h/d?sslmode=verify-full' },
    '-c lock_timeout=100',
    'postgres://u:p%40@h/d?sslmode=verify-full&options=-c%20lock_timeout%3D100',
  ],
  [
    { DATABASE_URL: 'postgres://u@h/d?options=-c%20a%3Db' },
    '-c lock_timeout=100',
    'postgres://u@h/d?options=-c%20a%3Db%20-c%20lock_timeout%3D100',
  ],
])('the bound goes into the environment of %o', (env, options, url) => {
  const limits = { lockTimeoutMs: 100, budgetMs: 1 }
  const bounded = boundedEnvironment({ env, urlEnv: 'DATABASE_URL', limits })
  expect(bounded.PGOPTIONS).toBe(options)
  expect(bounded.DATABASE_URL).toBe(url)
})
