import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RegistryOptions, type RegistryStandIn, startRegistry } from '../../../testkit/registry/index.ts'
import { boundedFetch, systemClock } from '../../system/index.ts'
import { digestOf } from '../digest.ts'
import { parseRepository, type Repository } from '../repository.ts'
import { registryClient } from './client.ts'
import { attachReferrer, fallbackTag, listReferrers } from './referrers.ts'

const never = new AbortController().signal
const clock = systemClock()
const registry = registryClient({ fetch: boundedFetch(), clock, credentials: async () => undefined })
const subject = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf('image'),
  size: 5,
}

let server: RegistryStandIn
let repository: Repository
async function start(options: RegistryOptions = {}): Promise<void> {
  server = await startRegistry(options)
  const parsed = parseRepository(`${server.host}/acme/api`)
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  repository = parsed.value
}
afterEach(() => server.close())

const artifact = (text: string, artifactType = 'application/spdx+json') => ({
  subject,
  artifactType,
  annotations: { note: text },
  content: new Uint8Array(Buffer.from(text)),
})
const attach = (text: string, type?: string) =>
  attachReferrer(registry, clock, repository, artifact(text, type), never)
const list = async () => {
  const listed = await listReferrers(registry, repository, subject.digest, never)
  if (!listed.ok) throw new Error(listed.fault.cause)
  return listed.value
}

describe.each([
  ['with the referrers API', true, 'api'],
  ['without it', false, 'tag'],
] as const)('a registry %s', (_, referrers, kept) => {
  beforeEach(() => start({ referrers }))

  test('lists nothing for an image that nothing refers to', async () => {
    expect(await list()).toEqual({ kept, list: [] })
  })

  test('lists what was attached, once, with its type, and serves its bytes', async () => {
    for (const text of ['one', 'two', 'one']) expect(await attach(text)).toMatchObject({ ok: true })
    await attach('three', 'application/vnd.cyclonedx+json')
    const found = await list()
    expect(found.kept).toBe(kept)
    expect(
      found.list.map(({ artifactType, annotations }) => [artifactType, annotations.note]).sort(),
    ).toEqual([
      ['application/spdx+json', 'one'],
      ['application/spdx+json', 'two'],
      ['application/vnd.cyclonedx+json', 'three'],
    ])
    expect(await registry.blob(repository, digestOf('two'), never)).toEqual({
      ok: true,
      value: new Uint8Array(Buffer.from('two')),
    })
  })

  test('goes on after answers that are lost', async () => {
    server.faults.next('server-error', { match: /PUT .*manifests/, times: 2 })
    server.faults.next('drop-in-blob', { match: /GET .*blobs/, times: 1 })
    expect(await attach('one')).toMatchObject({ ok: true })
    expect((await registry.blob(repository, digestOf('one'), never)).ok).toBe(true)
    expect((await list()).list).toHaveLength(1)
  })
})

test('two runs that write the list under a tag at once both find themselves in it', async () => {
  await start({ referrers: false })
  const texts = ['one', 'two', 'three']
  await Promise.all(texts.map((text) => attach(text)))
  // A run that another one overwrote in the last moment attaches again, which changes nothing else.
  for (const text of texts) await attach(text)
  expect((await list()).list).toHaveLength(3)
})

test('a rule of immutable tags that covers the list is named', async () => {
  await start({ referrers: false, immutable: (_repository, tag) => tag === fallbackTag(subject.digest) })
  expect(await attach('one')).toMatchObject({ ok: true })
  expect(await attach('two')).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'referrers-tag-fixed', next: expect.stringMatching(/sha256-\*/) },
  })
})

test('a list in pages is read to its end, and one without an end is given up', async () => {
  await start()
  await attach('one')
  const real = await list()
  let asked = 0
  const paged = (pages: number) =>
    registryClient({
      clock,
      credentials: async () => undefined,
      fetch: async (resource) => {
        const { pathname, searchParams } = new URL(String(resource))
        asked += 1
        const page = Number(searchParams.get('page') ?? 0)
        const next = page + 1 < pages ? { link: `<${pathname}?page=${page + 1}>; rel="next"` } : {}
        return Response.json(
          { schemaVersion: 2, manifests: real.list },
          { headers: { 'content-type': 'application/vnd.oci.image.index.v1+json', ...next } },
        )
      },
    })
  const three = await listReferrers(paged(3), repository, subject.digest, never)
  expect(three.ok && three.value.list).toHaveLength(3)
  asked = 0
  expect(await listReferrers(paged(1_000), repository, subject.digest, never)).toMatchObject({
    ok: false,
    fault: { reason: 'registry-answer-unreadable' },
  })
  expect(asked).toBe(20)
})

test('a blob of other bytes than its digest, or that is gone, is refused', async () => {
  await start()
  const blob = digestOf('one')
  expect(await registry.blob(repository, blob, never)).toMatchObject({
    fault: { blame: 'world', reason: 'registry-blob-missing' },
  })
  const lying = registryClient({
    clock,
    credentials: async () => undefined,
    fetch: async () => new Response('other'),
  })
  expect(await lying.blob(repository, blob, never)).toMatchObject({
    fault: { reason: 'registry-digest-mismatch' },
  })
})
