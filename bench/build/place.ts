/** A registry, a checkout and a builder's store for the measurements of a build: nothing of the machine's own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linkBinaries } from '../../rig/build.ts'
import { type BuildRequest, parseRepository, registryClient } from '../../src/image/index.ts'
import { boundedFetch, spawnExec, systemClock } from '../../src/system/index.ts'

export const never = new AbortController().signal
export const clock = systemClock()
export const registry = registryClient({
  fetch: boundedFetch(),
  clock,
  credentials: async () => undefined,
})

export interface Place {
  readonly dir: string
  readonly host: string
  end(): Promise<void>
}

export async function openPlace(): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-build-'))
  linkBinaries(join(dir, 'bin'))
  const child = spawn(
    join(dir, 'bin/registry'),
    ['-dir', join(dir, 'registry'), '-immutable', ':[0-9a-f]{40}$'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const host = await new Promise<string>((found, failed) => {
    child.once('error', failed)
    child.stderr.on('data', (text: Buffer) => {
      const address = /listening on (\S+)/.exec(text.toString())?.[1]
      if (address !== undefined) found(address)
    })
  })
  const ended = new Promise((done) => child.once('close', done))
  return {
    dir,
    host,
    async end() {
      child.kill()
      await ended
      // A builder that was killed leaves its mounts.
      const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
      const left = mounts.map((line) => line.split(' ')[1] ?? '').filter((at) => at.startsWith(`${dir}/`))
      for (const at of left.reverse()) execFileSync('umount', ['-l', at])
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
    },
  }
}

/** The environment of a builder with a store of its own, which may pull from the registry without TLS. */
export function storeEnv({ dir, host }: Place, name: string): Readonly<Record<string, string>> {
  const file = join(dir, `${name}.conf`)
  const [graph, run] = ['graph', 'run'].map((part) => join(dir, `${name}-${part}`))
  const store = (driver: string) =>
    writeFileSync(file, `[storage]\ndriver = "${driver}"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`)
  // vfs works everywhere and copies the whole tree for each step.
  store('overlay')
  const works = spawnSync('buildah', ['info'], { env: { ...process.env, CONTAINERS_STORAGE_CONF: file } })
  if (works.status !== 0) store('vfs')
  const registries = join(dir, 'registries.conf')
  writeFileSync(registries, `[[registry]]\nlocation = "${host}"\ninsecure = true\n`)
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    CONTAINERS_STORAGE_CONF: file,
    CONTAINERS_REGISTRIES_CONF: registries,
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
}

/** A clone with one commit of these files. The time is fixed: so is then the digest. */
export function checkoutOf(
  place: Place,
  name: string,
  from: string | Readonly<Record<string, string>>,
): string {
  const checkout = join(place.dir, name)
  mkdirSync(checkout, { recursive: true })
  if (typeof from === 'string')
    cpSync(from, checkout, { recursive: true, filter: (file) => !/\/(node_modules|dist)$/.test(file) })
  else for (const [file, text] of Object.entries(from)) writeFileSync(join(checkout, file), text)
  const date = '2026-01-06T09:00:00Z'
  const env = {
    ...process.env,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: checkout, env, stdio: 'pipe' })
  git('init', '--quiet')
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'one')
  return checkout
}

export function requestOf(
  place: Place,
  name: string,
  checkout: string,
  env: Readonly<Record<string, string>>,
  buildArgs: readonly string[] = [],
): BuildRequest {
  const repository = parseRepository(`${place.host}/${name}`)
  if (!repository.ok) throw new Error(repository.fault.cause)
  const ignore = () => {}
  return {
    registry,
    repository: repository.value,
    checkout,
    context: '.',
    dockerfile: 'Dockerfile',
    revision: 'HEAD',
    builder: 'buildah',
    labels: {},
    buildArgs,
    platforms: [],
    quality: { secrets: [], maxGrowthPercent: 50, today: '2026-01-06' },
    tempDir: place.dir,
    boundMs: 600_000,
    programs: { exec: spawnExec, env, signal: never },
    clock,
    logger: { debug: ignore, info: ignore, notice: ignore, warn: ignore, group: (_, body) => body() },
  }
}
