import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RegistryStandIn, startRegistry } from '../../testkit/registry/index.ts'
import { boundedFetch, spawnExec, systemClock } from '../system/index.ts'
import { type BuildRequest, buildImage } from './build.ts'
import { assembleLayout } from './layout.ts'
import { resolveTag } from './push.ts'
import { registryClient } from './registry/client.ts'
import { parseRepository } from './repository.ts'

let server: RegistryStandIn
let temp: string
let checkout: string
let notices: string[]
let repositories = 0

beforeAll(async () => {
  server = await startRegistry()
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-build-unit-'))
  checkout = path.join(temp, 'checkout')
  mkdirSync(checkout)
  writeFileSync(path.join(checkout, 'Dockerfile'), 'FROM scratch\n')
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first')
  await assembleLayout({ dir: path.join(temp, 'layout'), files: [], created: new Date(0), labels: {} })
})
afterAll(async () => {
  await server.close()
  rmSync(temp, { recursive: true })
})

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim()
}

/** A builder of a few lines of shell, first on PATH: what is asked here is what follows from its end. */
function builder(body: string): string {
  const bin = mkdtempSync(path.join(temp, 'bin-'))
  const file = path.join(bin, 'buildah')
  writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && echo "buildah version 1" && exit 0\n${body}\n`)
  chmodSync(file, 0o755)
  return bin
}

function request(body: string, changes: Partial<BuildRequest> = {}): BuildRequest {
  repositories += 1
  const repository = parseRepository(`${server.host}/acme/r${repositories}`)
  if (!repository.ok) throw new Error(repository.fault.cause)
  notices = []
  const ignore = () => {}
  const PATH = `${builder(body)}:${process.env.PATH}`
  return {
    registry: registryClient({
      fetch: boundedFetch(),
      clock: systemClock(),
      credentials: async () => undefined,
    }),
    repository: repository.value,
    checkout,
    context: '.',
    dockerfile: 'Dockerfile',
    revision: 'HEAD',
    builder: 'buildah',
    labels: {},
    buildArgs: [],
    platforms: [],
    tempDir: temp,
    boundMs: 30_000,
    programs: { exec: spawnExec, env: { PATH }, signal: new AbortController().signal },
    clock: systemClock(),
    logger: {
      debug: ignore,
      info: ignore,
      notice: (line) => void notices.push(line),
      warn: ignore,
      group: (_, run) => run(),
    },
    ...changes,
  }
}

test.each([
  ['echo "write /x: no space left on device" >&2; exit 1', 'disk-full', 'world'],
  ['echo "exec /bin/sh: exec format error" >&2; exit 1', 'platform-not-emulated', 'user'],
  ['echo "STEP 1/1: RUN false"; exit 3', 'build-failed', 'user'],
] as const)('a builder that does `%s`', async (body, reason, blame) => {
  const asked = request(body)
  expect(await buildImage(asked)).toMatchObject({ ok: false, fault: { reason, blame } })
  expect(readdirSync(temp).filter((name) => name.startsWith('tuesday-build-'))).toEqual([])
})

test('a builder that does not come to an end is stopped', async () => {
  expect(await buildImage(request('echo "STEP 1/1: RUN wait"; sleep 60', { boundMs: 300 }))).toMatchObject({
    ok: false,
    fault: { reason: 'build-timeout', cause: expect.stringMatching(/RUN wait/) },
  })
})

test('an unknown platform is refused before the registry is asked', async () => {
  const before = server.requests.length
  expect(await buildImage(request('exit 0', { platforms: ['linux/amd46'] }))).toMatchObject({
    ok: false,
    fault: { reason: 'platform-unknown' },
  })
  expect(server.requests.length).toBe(before)
})

test('of a dirty tree the commit is built, and that is said', async () => {
  const asked = request('for last; do :; done; cat "$last/Dockerfile" >&2; exit 9')
  writeFileSync(path.join(checkout, 'Dockerfile'), 'FROM edited\n')
  const lines: string[] = []
  const built = await buildImage({
    ...asked,
    logger: { ...asked.logger, info: (line) => void lines.push(line) },
  })
  git('checkout', '--quiet', '.')
  expect(built).toMatchObject({ ok: false, fault: { reason: 'build-failed' } })
  expect(lines).toContain('FROM scratch')
  expect(lines.join()).not.toContain('edited')
  expect(notices).toEqual([
    `The work tree differs from ${git('rev-parse', 'HEAD')}; what is built is the commit.`,
  ])
})

test('a shallow clone builds the commit it holds', async () => {
  const shallow = path.join(temp, 'shallow')
  git('clone', '--quiet', '--depth', '1', `file://${checkout}`, shallow)
  const built = await buildImage(
    request('exit 1', { checkout: shallow, layoutDir: path.join(temp, 'layout') }),
  )
  expect(built).toMatchObject({ ok: true, value: { tag: git('rev-parse', 'HEAD') } })
})

test('a full disk before the build is said as such', async () => {
  const asked = request('exit 0')
  // Git writes to the device that is always full, in place of the archive.
  const toFull: typeof spawnExec = (command, args, options) =>
    spawnExec(
      command,
      args.map((arg) => (arg.endsWith('.tar') && !arg.startsWith('-') ? '/dev/full' : arg)),
      options,
    )
  expect(await buildImage({ ...asked, programs: { ...asked.programs, exec: toFull } })).toMatchObject({
    ok: false,
    fault: { reason: 'disk-full', blame: 'world' },
  })
})

test('the tag of a release is given to the image of its commit, and stays there', async () => {
  const layoutDir = path.join(temp, 'layout')
  const asked = request('exit 1', { layoutDir })
  for (const name of ['v1.4.2', 'v1.4.3-rc.1', 'nightly', 'v2.0.0+build']) git('tag', name)
  const built = await buildImage({ ...asked, releaseTag: 'v1.4.2' })
  const tag = git('rev-parse', 'HEAD')
  expect(built).toMatchObject({ ok: true, value: { tag, tags: [tag, '1.4.2'] } })
  // Found by its commit, and given a further version.
  const { layoutDir: _, ...found } = asked
  const again = await buildImage({ ...found, releaseTag: 'v1.4.3-rc.1' })
  expect(again).toMatchObject({ ok: true, value: { existed: true, tags: [tag, '1.4.3-rc.1'] } })

  expect(await buildImage({ ...found, releaseTag: 'nightly' })).toMatchObject({
    fault: { blame: 'user', reason: 'release-tag-invalid' },
  })
  expect(await buildImage({ ...found, releaseTag: 'v2.0.0+build' })).toMatchObject({
    fault: { reason: 'release-tag-invalid' },
  })
  expect(await buildImage({ ...found, releaseTag: 'v9.9.9' })).toMatchObject({
    fault: { reason: 'release-tag-elsewhere', cause: expect.stringMatching(/not in the local clone/) },
  })

  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'second',
  )
  expect(await buildImage({ ...asked, releaseTag: 'v1.4.2' })).toMatchObject({
    fault: { reason: 'release-tag-elsewhere' },
  })
  const other = path.join(temp, 'other-layout')
  const files = [{ path: 'b', bytes: Buffer.from('b') }]
  await assembleLayout({ dir: other, files, created: new Date(0), labels: {} })
  git('tag', '--force', 'v1.4.2')
  expect(await buildImage({ ...asked, layoutDir: other, releaseTag: 'v1.4.2' })).toMatchObject({
    fault: { blame: 'user', reason: 'image-tag-taken', cause: expect.stringMatching(/:1\.4\.2 is /) },
  })
  const first = await buildImage({ ...asked, revision: 'HEAD~1' })
  const kept = await resolveTag(asked.registry, asked.repository, '1.4.2', asked.programs.signal)
  expect(kept).toEqual({ ok: true, value: first.ok && first.value.digest })
  git('reset', '--quiet', '--hard', 'HEAD~1')
})
