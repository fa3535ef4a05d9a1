/** A real PgBouncer in front of a test server, where the program is installed (rig:build does so). */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface PgBouncer {
  /** The same database, through the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin']

function program(): string | undefined {
  return places.map((folder) => path.join(folder, 'pgbouncer')).find((file) => fs.existsSync(file))
}

export function pgBouncerMissing(): string | undefined {
  return program() === undefined ? 'pgbouncer is not installed' : undefined
}

const boundMs = 60_000

/** Pools connections to the server at `url`; nobody has to say who he is. */
export async function startPgBouncer(url: string, mode: 'transaction' | 'session'): Promise<PgBouncer> {
  const found = program()
  if (found === undefined) throw new Error(pgBouncerMissing())
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tuesday-pgbouncer-'))
  const port = await freePort()
  const settings = path.join(folder, 'pgbouncer.ini')
  const text = `[databases]
* = host=127.0.0.1 port=${new URL(url).port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
`
  fs.writeFileSync(settings, text)
  // It refuses to be root, and gives the rights up by itself.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  fs.chmodSync(folder, 0o755)
  const child = spawn(found, ['-q', ...user, settings], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-8_192)
  })
  const through = (direct: string) => {
    const pooled = new URL(direct)
    pooled.port = String(port)
    return pooled.href
  }
  const stop = async () => {
    await ended(child)
    fs.rmSync(folder, { recursive: true, force: true })
  }
  const until = performance.now() + boundMs
  while (!(await answers(through(url)))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop()
      throw new Error(`PgBouncer did not start: ${log}`)
    }
    await sleep(50)
  }
  return { through, stop }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await Promise.race([gone, sleep(5_000, undefined, { ref: false })])
  child.kill('SIGKILL')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port from the system')
  return address.port
}
