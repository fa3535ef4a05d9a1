import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RealPrometheus {
  readonly url: string
  close(): Promise<void>
}

/** A Prometheus of its own that scrapes one target every second, with that target's labels second to its own. */
export async function startRealPrometheus(binDir: string, targetHost: string): Promise<RealPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-prometheus-'))
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '900ms' },
    scrape_configs: [{ job_name: 'testkit', static_configs: [{ targets: [targetHost] }] }],
  }
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const port = await freePort()
  const built = join(binDir, 'prometheus')
  const child = spawn(existsSync(built) ? built : 'prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ])
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await ready(child, `${url}/-/ready`)
  } catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  let failure: unknown
  child.once('error', (error) => {
    failure = error
  })
  for (const end = Date.now() + 30_000; ; ) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    if (failure !== undefined || child.exitCode !== null)
      throw new Error('Prometheus did not start', { cause: failure })
    if (Date.now() > end) throw new Error('Prometheus was not ready within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
