import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findProgram } from '../../rig/build/apt.ts'
import { attachRig } from '../../rig/index.ts'
import { boundedFetch, spawnExec, systemClock } from '../system/index.ts'
import { type BuildRequest, buildImage, parseRepository, registryClient, resolveTag } from './index.ts'

const rig = attachRig(inject('rig'))
const never = new AbortController().signal
const registry = registryClient({
  fetch: boundedFetch(),
  clock: systemClock(),
  credentials: async () => undefined,
})
/** A store of its own per name: what one build left there cannot help another. */
function storage(name: string): Readonly<Record<string, string>> {
  const file = path.join(temp, `${name}.conf`)
  const [graph, run] = ['graph', 'run'].map((part) => path.join(temp, `${name}-${part}`))
  // The default driver needs a kernel module or a mount that a container may not have.
  writeFileSync(file, `[storage]\ndriver = "vfs"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`)
  return { ...env, CONTAINERS_STORAGE_CONF: file }
}

const env = {
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
}

let temp: string
let checkout: string
let log: string[]
let repositories = 0

beforeAll(() => {
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-build-test-'))
  checkout = path.join(temp, 'checkout')
  mkdirSync(checkout)
  git('init', '--quiet')
  commit({
    Dockerfile:
      'FROM scratch AS files\nCOPY app /app\nFROM scratch\nCOPY --from=files /app /app\nENV MODE=api\n',
    app: 'x'.repeat(100_000),
  })
})
afterAll(() => rmSync(temp, { recursive: true }))

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: checkout, env, encoding: 'utf8' }).trim()
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(checkout, name), text)
  git('add', '--all')
  git('commit', '--quiet', '-m', 'change')
  return git('rev-parse', 'HEAD')
}

function request(changes: Partial<BuildRequest> = {}): BuildRequest {
  repositories += 1
  const repository = parseRepository(`${rig.registryHost}/build-test/r${process.pid}-${repositories}`)
  if (!repository.ok) throw new Error(repository.fault.cause)
  log = []
  const add = (line: string) => void log.push(line)
  return {
    registry,
    repository: repository.value,
    checkout,
    context: '.',
    dockerfile: 'Dockerfile',
    revision: 'HEAD',
    builder: 'buildah',
    labels: { 'org.opencontainers.image.title': 'test' },
    buildArgs: [],
    platforms: [],
    tempDir: temp,
    boundMs: 120_000,
    programs: { exec: spawnExec, env: storage('store'), signal: never },
    clock: systemClock(),
    logger: { debug: add, info: add, notice: add, warn: add, group: (_, body) => body() },
    ...changes,
  }
}

test('the same commit built from other folders at other times comes to the same digest', async () => {
  const first = await buildImage(request())
  const other = path.join(temp, 'elsewhere')
  cpSync(checkout, other, { recursive: true })
  utimesSync(path.join(other, 'app'), 1, 1)
  writeFileSync(path.join(other, 'left-over'), 'not committed')
  const second = await buildImage(
    request({ checkout: other, programs: { exec: spawnExec, env: storage('another'), signal: never } }),
  )
  if (!first.ok || !second.ok) throw new Error(JSON.stringify([first, second]))
  expect(second.value.digest).toBe(first.value.digest)
  expect(first.value).toMatchObject({ builder: 'buildah', existed: false, tag: git('rev-parse', 'HEAD') })
})

test('a second run for the same commit finds the image and builds nothing', async () => {
  const asked = request()
  const first = await buildImage(asked)
  log = []
  const second = await buildImage({ ...asked, programs: { ...asked.programs, exec: withoutBuilder } })
  if (!first.ok || !second.ok) throw new Error(JSON.stringify([first, second]))
  expect(second.value).toMatchObject({ digest: first.value.digest, existed: true, builder: 'none' })
  expect(await resolveTag(registry, asked.repository, first.value.tag, never)).toEqual({
    ok: true,
    value: first.value.digest,
  })
})

const withoutBuilder: typeof spawnExec = (command, args, options) => {
  if (command !== 'git') throw new Error(`${command} was started`)
  return spawnExec(command, args, options)
}

interface Config {
  readonly config: { readonly Labels: unknown }
}

test('the image says where it came from, and nothing of who built it', async () => {
  const asked = request()
  const built = await buildImage(asked)
  if (!built.ok) throw new Error(built.fault.cause)
  const manifest = await registry.manifest(asked.repository, built.value.digest, never)
  const parsed = JSON.parse(Buffer.from((manifest.ok && manifest.value?.bytes) || []).toString())
  const config = (await (
    await fetch(`${asked.repository.origin}/v2/${asked.repository.name}/blobs/${parsed.config.digest}`)
  ).json()) as Config
  expect(config).toMatchObject({
    created: new Date(git('show', '-s', '--format=%cI')).toISOString().replace('.000Z', 'Z'),
    config: { Env: expect.arrayContaining(['MODE=api']) },
  })
  expect(config.config.Labels).toEqual({
    'org.opencontainers.image.title': 'test',
    'org.opencontainers.image.revision': built.value.tag,
    'org.opencontainers.image.created': new Date(git('show', '-s', '--format=%cI')).toISOString(),
  })
})

test('two runs for one commit at once end with one digest under the tag', async () => {
  const asked = request()
  const runs = await Promise.all([buildImage(asked), buildImage({ ...asked })])
  const digests = runs.map((run) => (run.ok ? run.value.digest : run.fault.cause))
  expect(digests[0]).toMatch(/^sha256:/)
  expect(digests[1]).toBe(digests[0])
})

test('a step that fails is named with its last lines, and there is no tag', async () => {
  const broken = commit({ 'Dockerfile.broken': 'FROM scratch\nCOPY app /app\nRUN ["/no-such-program"]\n' })
  const asked = request({ dockerfile: 'Dockerfile.broken' })
  const failed = await buildImage(asked)
  expect(failed).toMatchObject({
    ok: false,
    fault: {
      blame: 'user',
      reason: 'build-failed',
      cause: expect.stringMatching(/STEP 3\/\d: RUN \["\/no-such-program"\]/),
    },
  })
  expect(await resolveTag(registry, asked.repository, broken, never)).toEqual({ ok: true, value: undefined })
})

test('a Dockerfile that is only in the work tree is not in the commit', async () => {
  writeFileSync(path.join(checkout, 'Dockerfile.new'), 'FROM scratch\n')
  expect(await buildImage(request({ dockerfile: 'Dockerfile.new' }))).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'dockerfile-missing' },
  })
})

test('a secret by mount can be used, and is in no layer, no history and no log', async () => {
  cpSync(findProgram('busybox') ?? 'busybox', path.join(checkout, 'busybox'))
  const value = 'planted-secret-by-mount'
  const use = '/busybox wc -c < /run/secrets/token > /length'
  commit({
    'Dockerfile.secret': `FROM scratch\nCOPY busybox /busybox\nRUN --mount=type=secret,id=token ["/busybox", "sh", "-c", "${use}"]\nUSER 1000\n`,
    'Dockerfile.leak': `FROM scratch\nCOPY busybox /busybox\nRUN --mount=type=secret,id=token ["/busybox", "sh", "-c", "/busybox cat /run/secrets/token > /kept"]\nUSER 1000\n`,
    'Dockerfile.arg': 'FROM scratch\nARG NPM_TOKEN\nCOPY app /app\nENV TOKEN=$NPM_TOKEN\nUSER 1000\n',
  })
  const quality = {
    secrets: [{ name: 'THE_TOKEN', value }],
    maxGrowthPercent: 50,
    today: '2026-11-21',
  }
  const asked = (dockerfile: string, changes: Partial<BuildRequest> = {}) => {
    const made = request({ dockerfile, quality, ...changes })
    return { ...made, programs: { ...made.programs, env: { ...made.programs.env, THE_TOKEN: value } } }
  }
  const secrets = [{ id: 'token', env: 'THE_TOKEN' }]
  const used = await buildImage(asked('Dockerfile.secret', { secrets }))
  if (!used.ok) throw new Error(JSON.stringify(used.fault))
  expect(JSON.stringify(used.value)).not.toContain(value)
  expect(log.join('\n')).not.toContain(value)

  const leaked = asked('Dockerfile.leak', { secrets })
  const refused = await buildImage(leaked)
  expect(refused).toMatchObject({
    ok: false,
    fault: { reason: 'image-secret', cause: expect.stringMatching(/\/kept holds the value of THE_TOKEN/) },
  })
  const argued = await buildImage(asked('Dockerfile.arg', { buildArgs: [`NPM_TOKEN=${value}`] }))
  expect(argued).toMatchObject({ ok: false, fault: { reason: 'image-secret' } })
  expect(JSON.stringify([refused, argued])).not.toContain(value)
  const tag = git('rev-parse', 'HEAD')
  expect(await resolveTag(registry, leaked.repository, tag, never)).toEqual({ ok: true, value: undefined })
})

// A disk of its own to fill can be mounted by root only.
test.skipIf(process.getuid?.() !== 0)('a disk that is full during the build is said to be so', async () => {
  const full = path.join(temp, 'full')
  mkdirSync(full)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', full])
  try {
    const asked = request()
    const file = path.join(temp, 'full.conf')
    writeFileSync(
      file,
      `[storage]\ndriver = "vfs"\ngraphroot = "${full}/graph"\nrunroot = "${temp}/full-run"\n`,
    )
    const programs = { ...asked.programs, env: { ...env, CONTAINERS_STORAGE_CONF: file } }
    expect(await buildImage({ ...asked, programs })).toMatchObject({
      ok: false,
      fault: { blame: 'world', reason: 'disk-full' },
    })
  } finally {
    execFileSync('umount', [full])
  }
})

test('a builder that is not there is said so', async () => {
  expect(
    await buildImage(request({ builder: 'podman', programs: { exec: withoutBuilder, env, signal: never } })),
  ).toMatchObject({
    ok: false,
    fault: { reason: 'builder-missing', cause: expect.stringMatching(/podman is not installed/) },
  })
})

test('nothing is left in the temporary folder', () => {
  expect(readdirSync(temp).filter((name) => name.startsWith('tuesday-build-'))).toEqual([])
})
