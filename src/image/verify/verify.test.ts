import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryStandIn, startRegistry } from '../../../testkit/registry/index.ts'
import { loadConfig } from '../../config/index.ts'
import { type CommitSha, unwrap } from '../../release/index.ts'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { digestOf } from '../digest.ts'
import { spdxType } from '../evidence/sbom.ts'
import { bundleType } from '../evidence/sign.ts'
import { type BuildFacts, provenanceStatement, signatureStatement } from '../evidence/statement.ts'
import { assembleLayout } from '../layout.ts'
import { pushLayout } from '../push.ts'
import { registryClient } from '../registry/client.ts'
import { attachReferrer } from '../registry/referrers.ts'
import { parseRepository, type Repository } from '../repository.ts'
import { keyPair, signedBundle } from '../testing/signed.ts'
import { readTrust } from './bundle.ts'
import { imageGate } from './policy.ts'
import { type VerifyRequest, verifyImage } from './verify.ts'

const never = new AbortController().signal
const clock = systemClock()
const registry = registryClient({ fetch: boundedFetch(), clock, credentials: async () => undefined })
const ours = keyPair()
const workflow = 'https://github.com/acme/api/.github/workflows/build.yml@refs/heads/main'
const commit = 'c'.repeat(40) as CommitSha
const sbom = new Uint8Array(Buffer.from('{"spdxVersion":"SPDX-2.3"}'))

let server: RegistryStandIn
let temp: string
let count = 0
beforeAll(async () => {
  server = await startRegistry()
  temp = await mkdtemp(path.join(tmpdir(), 'tuesday-verify-'))
})
afterAll(async () => {
  await server.close()
  await rm(temp, { recursive: true })
})

interface Pushed {
  readonly repository: Repository
  readonly facts: BuildFacts
  attach(type: string, content: Uint8Array<ArrayBuffer>): Promise<void>
}

/** An image in a repository of its own, with nothing that proves it. */
async function pushed(text = 'hello'): Promise<Pushed> {
  count += 1
  const parsed = parseRepository(`${server.host}/acme/r${count}`)
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  const repository = parsed.value
  const layoutDir = path.join(temp, `layout-${count}`)
  const files = [{ path: 'app', bytes: Buffer.from(text) }]
  const digest = await assembleLayout({ dir: layoutDir, files, created: new Date(0), labels: {} })
  const done = await pushLayout({ registry, repository, layoutDir, tag: commit, signal: never })
  if (!done.ok) throw new Error(done.fault.cause)
  const manifest = await registry.manifest(repository, digest, never)
  const size = (manifest.ok && manifest.value?.bytes.length) || 0
  const facts: BuildFacts = {
    repository: repository.text,
    digest,
    commit,
    source: 'https://github.com/acme/api',
    workflow,
    run: 'https://github.com/acme/api/actions/runs/7/attempts/1',
    context: '.',
    dockerfile: 'Dockerfile',
    builder: 'buildah',
    platforms: [],
    buildArgs: [],
    started: new Date(0),
    finished: new Date(1_000),
    byproducts: [{ name: 'sbom.spdx.json', mediaType: spdxType, digest: digestOf(sbom) }],
  }
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size }
  return {
    repository,
    facts,
    async attach(artifactType, content) {
      const artifact = { subject, artifactType, annotations: {}, content }
      const attached = await attachReferrer(registry, clock, repository, artifact, never)
      if (!attached.ok) throw new Error(attached.fault.cause)
    },
  }
}

/** Everything that a build attaches, but for what `without` names; `facts` are what the provenance says. */
async function proven(
  image: Pushed,
  options: {
    readonly without?: 'signature' | 'provenance' | 'sbom'
    readonly key?: typeof ours
    readonly facts?: Partial<BuildFacts>
  } = {},
): Promise<Pushed> {
  const { without, key = ours } = options
  const facts = { ...image.facts, ...options.facts }
  if (without !== 'sbom') await image.attach(spdxType, sbom)
  if (without !== 'signature')
    await image.attach(bundleType, signedBundle(signatureStatement(facts), key.privateKey))
  if (without !== 'provenance')
    await image.attach(bundleType, signedBundle(provenanceStatement(facts), key.privateKey))
  return image
}

const verify = ({ repository, facts }: Pushed, changes: Partial<VerifyRequest> = {}) =>
  verifyImage({
    registry,
    repository,
    digest: facts.digest,
    commit,
    trust: { kind: 'key', pem: ours.pem },
    workflow,
    source: 'https://github.com/acme/api',
    signal: never,
    ...changes,
  })

test('an image with signature, provenance and list of contents holds', async () => {
  expect(await verify(await proven(await pushed()))).toEqual({ ok: true, value: { workflow, sboms: 1 } })
})

test('what another run left beside good evidence does no harm', async () => {
  const image = await pushed()
  await image.attach(bundleType, new Uint8Array(Buffer.from('no bundle')))
  await image.attach(bundleType, new Uint8Array(Buffer.from('{}')))
  await proven(image, { key: keyPair() })
  await proven(image, { facts: { workflow: `${workflow}-fork` } })
  expect(await verify(image)).toMatchObject({ fault: { reason: 'image-signer-unexpected' } })
  expect(await verify(await proven(image))).toMatchObject({ ok: true })
})

describe('is refused', () => {
  test('without any evidence', async () => {
    expect(await verify(await pushed())).toMatchObject({
      ok: false,
      fault: { blame: 'user', reason: 'image-signature-missing', next: expect.stringMatching(/build-image/) },
    })
  })

  test.each([
    ['signature', 'image-signature-missing'],
    ['provenance', 'image-provenance-missing'],
    ['sbom', 'image-sbom-missing'],
  ] as const)('without its %s', async (without, reason) => {
    expect(await verify(await proven(await pushed(), { without }))).toMatchObject({ fault: { reason } })
  })

  test('when its provenance names no list of contents', async () => {
    const image = await proven(await pushed(), { facts: { byproducts: [] } })
    expect(await verify(image)).toMatchObject({ fault: { reason: 'image-sbom-missing' } })
  })

  test('when another key signed', async () => {
    expect(await verify(await proven(await pushed(), { key: keyPair() }))).toMatchObject({
      fault: { reason: 'image-signature-invalid', cause: expect.stringMatching(/signature/) },
    })
  })

  test('when the signature is one of another image', async () => {
    const other = await pushed('other')
    const facts = { digest: other.facts.digest }
    expect(await verify(await proven(await pushed(), { facts }))).toMatchObject({
      fault: { reason: 'image-signature-invalid', cause: expect.stringMatching(/signs another image/) },
    })
  })

  test('when a byte of what was signed is changed', async () => {
    const image = await pushed()
    const good = signedBundle(signatureStatement(image.facts), ours.privateKey)
    const bundle = JSON.parse(Buffer.from(good).toString())
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('acme', 'evil')
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64')
    await image.attach(bundleType, new Uint8Array(Buffer.from(JSON.stringify(bundle))))
    expect(await verify(image)).toMatchObject({ fault: { reason: 'image-signature-invalid' } })
  })

  test.each<[string, Partial<BuildFacts>, string, RegExp]>([
    ['another workflow', { workflow: `${workflow}-fork` }, 'image-signer-unexpected', /main-fork/],
    ['another commit', { commit: 'd'.repeat(40) as CommitSha }, 'image-provenance-differs', /dddd/],
    ['another repository', { source: 'https://github.com/evil/api' }, 'image-provenance-differs', /evil/],
  ])('when it comes from %s', async (_, facts, reason, cause) => {
    expect(await verify(await proven(await pushed(), { facts }))).toMatchObject({
      fault: { blame: 'user', reason, cause: expect.stringMatching(cause) },
    })
  })

  test('when the release names another commit', async () => {
    const image = await proven(await pushed())
    expect(await verify(image, { commit: 'e'.repeat(40) as CommitSha })).toMatchObject({
      fault: { reason: 'image-provenance-differs' },
    })
  })

  test('when nothing is served under the digest, or other bytes are', async () => {
    const image = await proven(await pushed())
    expect(await verify(image, { digest: digestOf('never') })).toMatchObject({
      fault: { reason: 'image-not-served' },
    })
    const tampering = registryClient({
      clock,
      credentials: async () => undefined,
      fetch: async (resource, init) => {
        const answer = await fetch(resource, init)
        if (!String(resource).endsWith(`/manifests/${image.facts.digest}`)) return answer
        const text = (await answer.text()).replace('amd64', 'arm64')
        return new Response(`${text} `, {
          headers: { 'content-type': answer.headers.get('content-type') ?? '' },
        })
      },
    })
    expect(await verify(image, { registry: tampering })).toMatchObject({
      fault: { reason: 'registry-digest-mismatch' },
    })
  })

  test('when a layer is gone', async () => {
    const image = await proven(await pushed())
    const holed = registryClient({
      clock,
      credentials: async () => undefined,
      fetch: (resource, init) =>
        init?.method === 'HEAD'
          ? Promise.resolve(new Response(null, { status: 404 }))
          : fetch(resource, init),
    })
    expect(await verify(image, { registry: holed })).toMatchObject({ fault: { reason: 'image-not-whole' } })
  })

  test('by nobody when the registry does not answer: that says nothing of the image', async () => {
    const gone = registryClient({
      clock: { now: () => new Date(), sleep: async () => {} },
      credentials: async () => undefined,
      fetch: () => Promise.reject(new Error('connection refused')),
    })
    expect(await verify(await pushed(), { registry: gone })).toMatchObject({
      fault: { blame: 'world', reason: 'registry-unreachable' },
    })
  })
})

test.each([
  ['key', 'no key at all'],
  ['keyless', '{"certificateAuthorities": 7}'],
  ['keyless', 'not JSON'],
] as const)('a file that holds no %s is named', (kind, text) => {
  expect(readTrust(kind, 'cosign.pub', text, 'https://issuer.example')).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'image-trust-unreadable', cause: expect.stringMatching(/^cosign\.pub/) },
  })
})

test('the gate of the policy reads the key of the repository, and asks nothing where nothing is asked for', async () => {
  const image = await proven(await pushed())
  const checkout = path.join(temp, 'checkout')
  await mkdir(checkout, { recursive: true })
  await writeFile(path.join(checkout, 'cosign.pub'), ours.pem)
  const gate = (file: string) => {
    const verify = {
      workflow,
      source: 'https://github.com/acme/api',
      trust: { kind: 'key' as const, file },
      issuer: 'https://token.actions.githubusercontent.com',
    }
    const config = { image: { repository: image.repository.text, verify }, environments: {} }
    return imageGate(config, checkout, registry)
  }
  const opened = await gate('cosign.pub')
  if (!opened.ok || opened.value === undefined) throw new Error('no gate')
  const wanted = { digest: image.facts.digest, commit, environment: 'prod-us' }
  expect(await opened.value(wanted, never)).toEqual({ ok: true, value: undefined })
  const other = { ...wanted, commit: 'f'.repeat(40) as CommitSha }
  expect(await opened.value(other, never)).toMatchObject({
    fault: { reason: 'image-provenance-differs' },
  })
  expect(await gate('nix.pub')).toMatchObject({ fault: { reason: 'image-trust-unreadable' } })
  for (const verify of ['off', undefined] as const) {
    const config = {
      image: { repository: image.repository.text, ...(verify && { verify }) },
      environments: {},
    }
    expect(await imageGate(config, checkout, registry)).toEqual({ ok: true, value: undefined })
  }
})

test('a mirror has to serve the same digest, whole, before its own environment is pinned', async () => {
  const image = await pushed('mirrored')
  const copy = await pushed('mirrored')
  const empty = await pushed('something else')
  const file = path.join(import.meta.dirname, '../../../examples/delivery-service/tuesday.yaml')
  const sampled = unwrap(loadConfig(await readFile(file, 'utf8'), file))
  const [one, two] = Object.values(sampled.environments)
  if (one === undefined || two === undefined) throw new Error('the example has environments')
  const config = {
    image: { repository: image.repository.text },
    environments: {
      good: { ...one, name: 'good', mirror: copy.repository.text },
      late: { ...two, name: 'late', mirror: empty.repository.text },
    },
  }
  const gate = await imageGate(config, temp, registry)
  if (!gate.ok || gate.value === undefined) throw new Error('no gate')
  const ask = (environment: string) =>
    gate.value?.({ digest: image.facts.digest, commit, environment }, never)
  expect(await ask('good')).toEqual({ ok: true, value: undefined })
  expect(await ask('without-a-mirror')).toEqual({ ok: true, value: undefined })
  expect(await ask('late')).toMatchObject({
    ok: false,
    fault: { reason: 'image-not-mirrored', cause: expect.stringMatching(/^late pulls from a mirror/) },
  })
})
