import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { attachRig } from '../../rig/index.ts'
import type { CommitSha } from '../release/index.ts'
import { boundedFetch, spawnExec, systemClock } from '../system/index.ts'
import { spdxType } from './evidence/sbom.ts'
import { bundleType, signStatement } from './evidence/sign.ts'
import { signatureStatement } from './evidence/statement.ts'
import {
  assembleLayout,
  type BuildRequest,
  type BuiltImage,
  buildImage,
  type EvidenceOrder,
  parseRepository,
  type Repository,
  registryClient,
  resolveTag,
  type VerifyRequest,
  verifyImage,
} from './index.ts'
import { type ReadArtifact, readArtifacts } from './registry/artifact.ts'
import { attachReferrer } from './registry/referrers.ts'

const rig = attachRig(inject('rig'))
const never = new AbortController().signal
const clock = systemClock()
const registry = registryClient({ fetch: boundedFetch(), clock, credentials: async () => undefined })
const workflow = 'https://github.com/acme/api/.github/workflows/build.yml@refs/heads/main'
const source = 'https://github.com/acme/api'

let temp: string
let checkout: string
let commit: CommitSha
let image: { readonly repository: Repository; readonly built: BuiltImage }
let count = 0

beforeAll(async () => {
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-evidence-'))
  checkout = path.join(temp, 'checkout')
  mkdirSync(checkout)
  git('init', '--quiet')
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'one',
  )
  commit = git('rev-parse', 'HEAD') as CommitSha
  for (const name of ['ours', 'other']) {
    mkdirSync(path.join(temp, name))
    execFileSync(program('cosign'), ['generate-key-pair'], {
      cwd: path.join(temp, name),
      env: keyEnv,
      stdio: 'pipe',
    })
  }
  await assembleLayout({
    dir: path.join(temp, 'layout'),
    files: [
      { path: 'app/package.json', bytes: Buffer.from('{"name":"app","version":"1.2.3"}') },
      { path: 'app/node_modules/zod/package.json', bytes: Buffer.from('{"name":"zod","version":"4.6.7"}') },
    ],
    created: new Date(0),
    labels: { 'org.opencontainers.image.revision': commit },
    settings: { user: '1000' },
  })
  image = await build(rig.registryHost)
})
afterAll(() => rmSync(temp, { recursive: true }))

const program = (name: string) => path.join(rig.binDir, name)
const key = (name: string, half: 'key' | 'pub') => path.join(temp, name, `cosign.${half}`)
const keyEnv = { PATH: process.env.PATH ?? '', HOME: tmpdir(), COSIGN_PASSWORD: 'a password' }

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim()
}

interface Changes {
  readonly evidence?: BuildRequest['evidence'] | undefined
}

function request(host: string, changes: Changes = {}): BuildRequest {
  count += 1
  const repository = parseRepository(`${host}/evidence/r${process.pid}-${count}`)
  if (!repository.ok) throw new Error(repository.fault.cause)
  const ignore = () => {}
  const evidence: EvidenceOrder = {
    signing: { kind: 'key', key: key('ours', 'key') },
    tools: { fetch: () => Promise.reject(new Error('nothing is fetched here')), machine: 'linux/x64' },
    source,
    workflow,
    run: 'https://github.com/acme/api/actions/runs/7/attempts/1',
  }
  const order = 'evidence' in changes ? changes.evidence : evidence
  return {
    registry,
    repository: repository.value,
    checkout,
    context: '.',
    dockerfile: 'Dockerfile',
    revision: 'HEAD',
    builder: 'auto',
    layoutDir: path.join(temp, 'layout'),
    labels: {},
    buildArgs: [],
    platforms: [],
    ...(order && { evidence: order }),
    tempDir: temp,
    boundMs: 60_000,
    programs: {
      exec: spawnExec,
      env: { ...keyEnv, PATH: `${rig.binDir}:${process.env.PATH}` },
      signal: never,
    },
    clock,
    logger: { debug: ignore, info: ignore, notice: ignore, warn: ignore, group: (_, body) => body() },
  }
}

async function build(host: string, changes: Changes = {}) {
  const asked = request(host, changes)
  const built = await buildImage(asked)
  if (!built.ok) throw new Error(JSON.stringify(built.fault))
  return { repository: asked.repository, built: built.value }
}

const verify = (repository: Repository, changes: Partial<VerifyRequest> = {}) =>
  verifyImage({
    registry,
    repository,
    digest: image.built.digest,
    commit,
    trust: { kind: 'key', pem: readFileSync(key('ours', 'pub'), 'utf8') },
    workflow,
    source,
    signal: never,
    ...changes,
  })

/** The same image in a repository of its own, with a part of what is attached to the first. */
async function copied(keep: (artifact: ReadArtifact) => boolean): Promise<Repository> {
  const { repository } = await build(rig.registryHost, { evidence: undefined })
  const artifacts = await readArtifacts(registry, image.repository, image.built.digest, never)
  if (!artifacts.ok) throw new Error(artifacts.fault.cause)
  for (const artifact of artifacts.value.filter(keep)) {
    const [layer] = artifact.layers
    if (layer === undefined) continue
    const content = await registry.blob(image.repository, layer.digest, never)
    if (content.ok) await attach(repository, artifact.artifactType, content.value)
  }
  return repository
}

async function attach(repository: Repository, artifactType: string, content: Uint8Array<ArrayBuffer>) {
  const manifest = await registry.manifest(repository, image.built.digest, never)
  if (!manifest.ok || manifest.value === undefined) throw new Error('the image is not there')
  const { mediaType, digest, bytes } = manifest.value
  const subject = { mediaType, digest, size: bytes.length }
  const artifact = { subject, artifactType, annotations: {}, content }
  expect(await attachReferrer(registry, clock, repository, artifact, never)).toMatchObject({ ok: true })
}

const kindOf = ({ artifactType, annotations }: ReadArtifact) =>
  artifactType === bundleType ? (annotations['dev.sigstore.bundle.predicateType'] ?? '') : artifactType

test('an image that was built with evidence holds, and its lists name what is in it', async () => {
  expect(await verify(image.repository)).toEqual({ ok: true, value: { workflow, sboms: 2 } })
  const texts = image.built.sboms.map((file) => readFileSync(file, 'utf8'))
  expect(texts).toHaveLength(2)
  for (const text of texts) expect(text).toContain('pkg:npm/zod@4.6.7')
  expect(texts[0]).toContain('SPDX-2.3')
  expect(texts[1]).toContain('CycloneDX')
})

test('cosign itself finds and believes the signature and the provenance', () => {
  // Without a network cosign needs to be told that there is no trusted root to fetch.
  const root = path.join(temp, 'no-root.json')
  writeFileSync(root, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}')
  const cosign = (command: string, ...args: readonly string[]) =>
    execFileSync(
      program('cosign'),
      [
        ...[command, '--key', key('ours', 'pub'), '--new-bundle-format', '--trusted-root', root],
        ...['--insecure-ignore-tlog', '--allow-http-registry', ...args, image.built.reference],
      ],
      { env: keyEnv, encoding: 'utf8', stdio: 'pipe' },
    )
  expect(cosign('verify')).toContain(image.built.digest)
  const { payload } = JSON.parse(cosign('verify-attestation', '--type', 'slsaprovenance1')) as {
    payload: string
  }
  expect(Buffer.from(payload, 'base64').toString()).toContain(`"gitCommit":"${commit}"`)
})

test('a second run finds image and evidence, and adds nothing', async () => {
  const attached = async () => {
    const artifacts = await readArtifacts(registry, image.repository, image.built.digest, never)
    return artifacts.ok && artifacts.value.map(({ digest }) => digest).sort()
  }
  const before = await attached()
  expect(before).toHaveLength(4)
  const asked = { ...request(rig.registryHost), repository: image.repository }
  const { layoutDir: _, ...withoutLayout } = asked
  expect(await buildImage(withoutLayout)).toMatchObject({
    ok: true,
    value: { existed: true, builder: 'none' },
  })
  expect(await buildImage(asked)).toMatchObject({ ok: true, value: { existed: true } })
  expect(await attached()).toEqual(before)
})

test.each([
  ['signature', (kind: string) => !kind.includes('cosign/sign'), 'image-signature-missing'],
  ['provenance', (kind: string) => !kind.includes('provenance'), 'image-provenance-missing'],
  ['list of contents', (kind: string) => kind !== spdxType, 'image-sbom-missing'],
  ['evidence at all', () => false, 'image-signature-missing'],
] as const)('a copy without its %s is refused', async (_, keep, reason) => {
  const repository = await copied((artifact) => keep(kindOf(artifact)))
  expect(await verify(repository)).toMatchObject({ ok: false, fault: { blame: 'user', reason } })
})

test('an image that only another key signed is refused', async () => {
  const signing = { kind: 'key', key: key('other', 'key') } as const
  const { evidence } = request(rig.registryHost)
  if (evidence === undefined) throw new Error('no evidence was asked for')
  const { repository } = await build(rig.registryHost, { evidence: { ...evidence, signing } })
  expect(await verify(repository)).toMatchObject({ fault: { reason: 'image-signature-invalid' } })
})

test('an image that another workflow built is refused, with the same key', async () => {
  const { evidence } = request(rig.registryHost)
  if (evidence === undefined) throw new Error('no evidence was asked for')
  const other = workflow.replace('build.yml', 'pull-request.yml')
  const { repository } = await build(rig.registryHost, { evidence: { ...evidence, workflow: other } })
  expect(await verify(repository)).toMatchObject({
    fault: { reason: 'image-signer-unexpected', cause: expect.stringContaining(other) },
  })
})

test('a signature of another image does not count for this one', async () => {
  const repository = await copied((artifact) => artifact.artifactType !== bundleType)
  const digest = `sha256:${'0'.repeat(64)}` as BuiltImage['digest']
  const statement = signatureStatement({ repository: repository.text, digest })
  const dir = mkdtempSync(path.join(temp, 'sign-'))
  const { programs } = request(rig.registryHost)
  const signing = { kind: 'key', key: key('ours', 'key') } as const
  const signed = await signStatement(programs, program('cosign'), signing, statement, dir)
  if (!signed.ok) throw new Error(signed.fault.cause)
  await attach(repository, bundleType, signed.value)
  expect(await verify(repository)).toMatchObject({
    fault: { reason: 'image-signature-invalid', cause: expect.stringMatching(/signs another image/) },
  })
})

test('a tampered image and another commit are refused', async () => {
  const tampering = registryClient({
    clock,
    credentials: async () => undefined,
    fetch: async (resource, init) => {
      const answer = await fetch(resource, init)
      if (!String(resource).endsWith(`/manifests/${image.built.digest}`)) return answer
      const type = answer.headers.get('content-type') ?? ''
      return new Response(`${await answer.text()} `, { headers: { 'content-type': type } })
    },
  })
  expect(await verify(image.repository, { registry: tampering })).toMatchObject({
    fault: { reason: 'registry-digest-mismatch' },
  })
  expect(await verify(image.repository, { commit: 'd'.repeat(40) as CommitSha })).toMatchObject({
    fault: { reason: 'image-provenance-differs' },
  })
})

test('a build that cannot sign sets no tag', async () => {
  const asked = request(rig.registryHost)
  const env = { ...asked.programs.env, COSIGN_PASSWORD: 'wrong' }
  expect(await buildImage({ ...asked, programs: { ...asked.programs, env } })).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'signing-failed', next: expect.stringMatching(/COSIGN_PASSWORD/) },
  })
  expect(await resolveTag(registry, asked.repository, commit, never)).toEqual({ ok: true, value: undefined })
})

test('a registry without the referrers API keeps all of it under a tag', async () => {
  const old = await startOldRegistry()
  try {
    const { repository, built } = await build(old.host)
    expect(await registry.referrers(repository, built.digest, never)).toEqual({ ok: true, value: undefined })
    expect(await verify(repository)).toMatchObject({ ok: true, value: { sboms: 2 } })
  } finally {
    await old.end()
  }
})

/** The rig's registry as one of before OCI 1.1. */
async function startOldRegistry() {
  const child = spawn(program('registry'), ['-referrers=false', '-immutable', ':[0-9a-f]{40}$'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const host = await new Promise<string>((found, failed) => {
    child.once('error', failed)
    child.stderr.on('data', (text: Buffer) => {
      const address = /listening on (\S+)/.exec(text.toString())?.[1]
      if (address !== undefined) found(address)
    })
  })
  const ended = new Promise((done) => child.once('close', done))
  return {
    host,
    async end() {
      child.kill()
      await ended
    },
  }
}
