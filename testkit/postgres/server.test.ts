import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { postgresMissing, startPostgres } from './index.ts'

const here = test.skipIf(postgresMissing(16) !== undefined)

async function value(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

here(
  'answers as the version that was asked for, in databases of their own, and leaves nothing behind',
  async () => {
    const server = await startPostgres({ major: 16 })
    const folder = path.dirname(dataFolder(server.pid))
    expect(fs.existsSync(folder)).toBe(true)
    try {
      expect(await value(server.url, 'show server_version')).toMatch(/^16\./)
      const first = await server.database()
      await value(first, 'create table t (x int)')
      expect(await value(await server.database(), `select to_regclass('t')::text`)).toBeNull()
      expect(await value(first, `select to_regclass('t')::text`)).toBe('t')
      expect(alive(server.pid)).toBe(true)
    } finally {
      await server.stop()
    }
    expect(alive(server.pid)).toBe(false)
    expect(fs.existsSync(folder)).toBe(false)
  },
)

here('a password is asked for where one was set', async () => {
  const server = await startPostgres({ major: 16, password: 'p@ss/word' })
  try {
    expect(await value(server.url, 'select 1 + 1')).toBe(2)
    const wrong = new URL(server.url)
    wrong.password = 'other'
    await expect(value(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  } finally {
    await server.stop()
  }
})

here('a standby reads and refuses to write', async () => {
  const server = await startPostgres({ major: 16, standby: true })
  try {
    expect(await value(server.url, 'select pg_is_in_recovery()')).toBe(true)
    await expect(value(server.url, 'create table t (x int)')).rejects.toMatchObject({ code: '25006' })
  } finally {
    await server.stop()
  }
})

here('a server whose starter is killed ends by itself and removes its folder', async () => {
  const script = `
    import { startPostgres } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    const server = await startPostgres({ major: 16 })
    console.log(server.pid)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number(await firstLine(child))
  expect(alive(pid)).toBe(true)
  const folder = path.dirname(dataFolder(pid))
  expect(fs.existsSync(folder)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  for (let i = 0; i < 100 && (alive(pid) || fs.existsSync(folder)); i += 1) await sleep(50)
  expect(alive(pid)).toBe(false)
  expect(fs.existsSync(folder)).toBe(false)
})

/** The folder that the running server was told to use. */
function dataFolder(pid: number): string {
  const args = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return args[args.indexOf('-D') + 1] ?? ''
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (text.includes('\n')) return text
  }
  throw new Error('the child ended without a line')
}
