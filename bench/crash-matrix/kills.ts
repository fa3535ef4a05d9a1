/** Three ways to die, each for the runner and for the server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Database } from '../../src/migrate/index.ts'
import { migrate } from '../../src/migrate/on-server.fixture.ts'

type Files = Readonly<Record<string, string>>

const program = fileURLToPath(new URL('../../src/migrate/dying-runner.fixture.ts', import.meta.url))

function start(url: string, at: number, files: Files) {
  return spawn(process.execPath, [program, url, String(at), JSON.stringify(files)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** A run that nobody disturbs; answers how many questions it asked the server. */
export async function undisturbed(url: string, files: Files): Promise<number> {
  const child = start(url, 0, files)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child, 'close')
  const { ok, asked } = JSON.parse(output) as { readonly ok: boolean; readonly asked: number }
  if (!ok) throw new Error('the undisturbed run failed')
  return asked
}

/** The runner dies by SIGKILL at its n-th question, which is on its way. */
export async function runnerDies(url: string, at: number, files: Files): Promise<boolean> {
  const [, signal] = await once(start(url, at, files), 'exit')
  return signal === 'SIGKILL'
}

/** The server process of the runner dies by SIGKILL at its n-th question: the server ends all and recovers. */
export async function serverDies(url: string, at: number, files: Files): Promise<boolean> {
  let asked = 0
  let killed = false
  const crash = await witness(url)
  const wrap = (database: Database): Database => ({
    ...database,
    work: {
      ...database.work,
      query(sql, values, boundMs) {
        asked += 1
        const answer = database.work.query(sql, values, boundMs)
        if (asked === at) {
          killed = true
          process.kill(database.work.pid, 'SIGKILL')
        }
        return answer
      },
    },
  })
  await migrate(url, files, { wrap }).catch(() => undefined)
  if (killed) await crash.seen
  await crash.end()
  await recovered(url)
  return killed
}

/** Killed while CONCURRENTLY waits for a writer of the table. */
export async function diesInside(
  url: string,
  files: Files,
  table: string,
  who: 'runner' | 'server',
): Promise<boolean> {
  const writer = await connected(url)
  await writer.query(`begin; lock table ${table} in row exclusive mode; select txid_current()`)
  const crash = await witness(url)
  const child = start(url, 0, files)
  const gone = once(child, 'exit')
  const look = await connected(url)
  const pid = await waiting(look)
  if (pid !== undefined) {
    if (who === 'runner') child.kill('SIGKILL')
    else process.kill(pid, 'SIGKILL')
  }
  await look.end().catch(() => {})
  if (who === 'runner') await gone
  else await Promise.race([gone, sleep(60_000)])
  await writer.query('rollback').catch(() => {})
  await writer.end().catch(() => {})
  child.kill('SIGKILL')
  if (who === 'server' && pid !== undefined) await crash.seen
  await crash.end()
  await recovered(url)
  return pid !== undefined
}

/** The server process whose CONCURRENTLY waits. */
async function waiting(look: pg.Client): Promise<number | undefined> {
  for (let tries = 0; tries < 1_200; tries += 1) {
    const found = await look.query(
      `select pid from pg_stat_activity where datname = current_database() and query ~* 'concurrently'
       and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    )
    const pid: unknown = found.rows[0]?.pid
    if (typeof pid === 'number') return pid
    await sleep(25)
  }
  return undefined
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** An idle connection ends when the server has noticed that one of its processes died, not before. */
async function witness(url: string): Promise<{ readonly seen: Promise<unknown>; end(): Promise<void> }> {
  const client = await connected(url)
  const seen = Promise.race([once(client, 'end'), sleep(60_000, undefined, { ref: false })])
  return { seen, end: () => client.end().catch(() => {}) }
}

async function recovered(url: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await (await connected(url)).end()
      return
    } catch (error) {
      if (tries > 1_200) throw error
      await sleep(50)
    }
  }
}
