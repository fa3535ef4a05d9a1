import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Binaries, type PostgresMajor, postgresMissing, prepareBinaries, type User } from './binaries.ts'
import type { Certificate } from './certificate.ts'

export interface PostgresOptions {
  readonly major: PostgresMajor
  /** `name=value` of postgresql.conf, over those for speed (no fsync, 16 MB of buffers). */
  readonly settings?: readonly string[]
  /** Password of the user `postgres`; without one the server trusts everybody on loopback. */
  readonly password?: string
  /** Speaks TLS with this certificate: PEM, as `selfSigned` makes it. */
  readonly certificate?: Certificate
  /** A server in recovery, as a replica is: it reads and never writes. */
  readonly standby?: boolean
}

export interface Postgres {
  readonly major: PostgresMajor
  /** Maintenance database, user `postgres`, on loopback. */
  readonly url: string
  /** Process id of the postmaster. */
  readonly pid: number
  /** Creates an empty database and answers its URL. */
  database(name?: string): Promise<string>
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** Beside other heavy work on two cores initdb alone has taken more than half a minute. */
const startBoundMs = 180_000
const stopBoundMs = 60_000
/** Between choosing a free port and listening on it, another process may take it. */
const portAttempts = 5

/**
 * Starts a real PostgreSQL on loopback in about a second, with its own folder under the system's temp folder. It
 * ends with the process that started it, also when that is killed.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const missing = postgresMissing(options.major)
  if (missing !== undefined) throw new Error(missing)
  const base = fs.mkdtempSync(path.join(os.tmpdir(), `tuesday-pg${options.major}-`))
  try {
    const user = process.getuid?.() === 0 ? nobody() : undefined
    if (user !== undefined) fs.chownSync(base, user.uid, user.gid)
    const binaries = prepareBinaries(options.major, base, user)
    if (user !== undefined) handOver(base, user)
    const cluster: Cluster = { base, binaries, user, options }
    await initialise(cluster)
    for (let attempt = 1; ; attempt += 1) {
      const running = await listen(cluster)
      if (running !== undefined) return running
      if (attempt === portAttempts) throw new Error(`no free port for PostgreSQL in ${portAttempts} attempts`)
    }
  } catch (error) {
    fs.rmSync(base, { recursive: true, force: true })
    throw error
  }
}

interface Cluster {
  readonly base: string
  readonly binaries: Binaries
  readonly user: User | undefined
  readonly options: PostgresOptions
}

function environment({ base, binaries }: Cluster): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: base, ...binaries.env }
}

async function initialise(cluster: Cluster): Promise<void> {
  const { base, binaries, user, options } = cluster
  const data = path.join(base, 'data')
  const args = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions']
  if (options.password === undefined) args.push('-A', 'trust')
  else {
    const file = path.join(base, 'password')
    fs.writeFileSync(file, options.password)
    if (user !== undefined) fs.chownSync(file, user.uid, user.gid)
    args.push('-A', 'scram-sha-256', `--pwfile=${file}`)
  }
  await promisify(execFile)(path.join(binaries.bin, 'initdb'), args, {
    ...user,
    cwd: base,
    env: environment(cluster),
    timeout: startBoundMs,
  })
  const own = (name: string, text: string) => {
    const file = path.join(data, name)
    fs.writeFileSync(file, text, { mode: 0o600 })
    if (user !== undefined) fs.chownSync(file, user.uid, user.gid)
  }
  if (options.standby === true) own('standby.signal', '')
  if (options.certificate === undefined) return
  own('server.crt', options.certificate.certificate)
  own('server.key', options.certificate.key)
}

/**
 * The shell holds the server and our end of its input: when that closes, because we stop it or were killed, the
 * server gets SIGINT (fast shutdown) and its folder goes.
 */
const guard = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _; kill -INT $server; } <&3 2>/dev/null &
echo "$server" > "$BASE/pid"
wait $server
rm -rf "$BASE"`

async function listen(cluster: Cluster): Promise<Postgres | undefined> {
  const { base, binaries, user, options } = cluster
  const port = await freePort()
  const settings = [
    ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
    ...['shared_buffers=16MB', 'max_connections=100'],
    ...(options.certificate === undefined ? [] : ['ssl=on']),
    ...(options.settings ?? []),
  ].flatMap((setting) => ['-c', setting])
  const where = ['-D', path.join(base, 'data'), '-p', `${port}`, '-h', '127.0.0.1', '-k', base]
  const child = spawn(
    '/bin/sh',
    ['-c', guard, 'postgres', path.join(binaries.bin, 'postgres'), ...where, ...settings],
    { ...user, cwd: base, env: { ...environment(cluster), BASE: base }, stdio: ['pipe', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-16_384)
  })
  const secret = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}`
  const url = `postgres://postgres${secret}@127.0.0.1:${port}/postgres`
  try {
    await ready(url, child)
  } catch (error) {
    await end(child)
    if (/Address already in use/.test(log)) return undefined
    throw new Error(`PostgreSQL ${options.major} did not start: ${String(error)}\n${log}`)
  }
  return running(cluster, child, url)
}

function running({ base, options }: Cluster, child: ChildProcess, url: string): Postgres {
  let databases = 0
  return {
    major: options.major,
    url,
    pid: Number(fs.readFileSync(path.join(base, 'pid'), 'utf8')),
    async database(wanted) {
      databases += 1
      const name = wanted ?? `test_${databases}`
      await query(url, `create database "${name.replaceAll('"', '""')}"`)
      const fresh = new URL(url)
      fresh.pathname = `/${encodeURIComponent(name)}`
      return fresh.href
    },
    async stop() {
      await end(child)
      fs.rmSync(base, { recursive: true, force: true })
    },
  }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + startBoundMs
  for (;;) {
    try {
      await query(url, 'select 1')
      return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > until) throw error
      await sleep(20)
    }
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end().catch(() => {})
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  const late = await Promise.race([gone.then(() => false), sleep(stopBoundMs, true, { ref: false })])
  if (late) throw new Error(`PostgreSQL (guard process ${child.pid}) did not end within ${stopBoundMs} ms`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port from the system')
  return address.port
}

/** The user has to own every folder to be able to remove it; what lies in them may stay ours. */
function handOver(folder: string, user: User): void {
  fs.chownSync(folder, user.uid, user.gid)
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) handOver(path.join(folder, entry.name), user)
  }
}

function nobody(): User {
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith('nobody:'))?.split(':') ?? []
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) }
}
