import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../testkit/postgres/index.ts'
import { runBundle } from '../testkit/runner/index.ts'

const example = join(import.meta.dirname, '../examples/delivery-service')

let folder: string
let server: Postgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'two-tenants-'))
  cpSync(example, folder, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) })
  const run = (file: string, ...args: string[]) =>
    promisify(execFile)(file, args, { cwd: folder, timeout: 300_000 })
  await run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
  await run(process.execPath, 'node_modules/typescript/bin/tsc')
  server = await startPostgres({ major: 16 })
  await sql(server.url, 'create role app login')
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function sql(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

/** The API on a database of its own, as a user that the row policies bind. */
async function withService<T>(
  body: (url: string, tokens: readonly [string, string]) => Promise<T>,
): Promise<T> {
  const owner = await server.database()
  const name = new URL(owner).pathname.slice(1)
  await sql(owner, `alter database "${name}" owner to app; grant all on schema public to app`)
  const app = new URL(owner)
  app.username = 'app'
  const run = mkdtempSync(join(folder, 'run-'))
  const child: ChildProcess = spawn(process.execPath, ['dist/testing/two-tenants.js', run], {
    cwd: folder,
    env: { TEST_DATABASE_URL: app.href },
    stdio: 'inherit',
  })
  try {
    while (!existsSync(join(run, 'url'))) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
      await sleep(50)
    }
    const read = (file: string) => readFileSync(join(run, file), 'utf8')
    return await body(read('url'), [read('acme'), read('zeta')])
  } finally {
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
  }
}

const gate = () =>
  withService((url, [a, b]) =>
    runBundle({
      action: 'tenant-gate',
      source: true,
      workspace: folder,
      timeoutMs: 120_000,
      inputs: { 'base-url': url, 'credentials-a': a, 'credentials-b': b },
    }),
  )

test('the example keeps its tenants apart: every operation of its description is tested or exempt', async () => {
  const { outputs, result } = await gate()
  expect(outputs).toMatchObject({
    verdict: 'pass',
    'reason-code': 'tenant-separated',
    leaks: '0',
    untested: '0',
  })
  expect(result).toMatchObject({ data: { counts: { inconclusive: 0 }, controls: { mutationCaught: true } } })
})

test('a pull request that lets a header name the tenant is stopped', async () => {
  const file = join(folder, 'dist/api/tenant-guard.js')
  const text = readFileSync(file, 'utf8')
  const edited = text.replace(
    'callers.set(request, caller)',
    "callers.set(request, { ...caller, tenant: request.headers['x-tenant-id'] ?? caller.tenant })",
  )
  expect(edited).not.toBe(text)
  writeFileSync(file, edited)
  const { outputs, code } = await gate()
  expect(outputs).toMatchObject({ verdict: 'fail', 'reason-code': 'tenant-leak' })
  expect(code).toBe(1)
})
