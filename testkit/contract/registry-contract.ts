import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'

export interface RegistryTarget {
  readonly url: string
  /** A tag that this registry keeps where it is; every other tag may move. */
  readonly immutableTag: string
}

const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

/** The same pushes and pulls against any registry; only what is observable over HTTP is compared. */
export function describeRegistryContract(name: string, target: () => RegistryTarget): void {
  const run = randomBytes(4).toString('hex')
  const repository = `contract/${run}`

  const send = (
    method: string,
    path: string,
    init: { body?: Uint8Array | string; headers?: Record<string, string> } = {},
  ) => fetch(new URL(path, target().url), { method, redirect: 'manual', ...init })
  const code = async (response: Response) =>
    ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code

  async function pushBlob(text: string, to = repository): Promise<{ digest: string; size: number }> {
    const opened = await send('POST', `/v2/${to}/blobs/uploads/`)
    expect(opened.status).toBe(202)
    const location = new URL(opened.headers.get('location') ?? '', target().url)
    location.searchParams.set('digest', digestOf(text))
    const done = await send('PUT', location.href, {
      body: text,
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(done.status).toBe(201)
    return { digest: digestOf(text), size: Buffer.byteLength(text) }
  }

  async function image(note: string, extra: object = {}): Promise<string> {
    const config = await pushBlob(JSON.stringify({ note }))
    const layer = await pushBlob(`layer of ${note}`)
    return JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
      ...extra,
    })
  }

  const pushManifest = (reference: string, manifest: string, type = manifestType) =>
    send('PUT', `/v2/${repository}/manifests/${reference}`, {
      body: manifest,
      headers: { 'content-type': type },
    })

  describe(`a registry: ${name}`, () => {
    it('says that it speaks the API', async () => {
      expect((await send('GET', '/v2/')).status).toBe(200)
    })

    it('keeps a blob under its digest', async () => {
      const { digest, size } = await pushBlob('one piece')
      const head = await send('HEAD', `/v2/${repository}/blobs/${digest}`)
      expect([
        head.status,
        head.headers.get('content-length'),
        head.headers.get('docker-content-digest'),
      ]).toEqual([200, String(size), digest])
      expect(await (await send('GET', `/v2/${repository}/blobs/${digest}`)).text()).toBe('one piece')
      expect((await send('HEAD', `/v2/${repository}/blobs/${digestOf('nothing')}`)).status).toBe(404)
    })

    it('takes a blob in chunks', async () => {
      const opened = await send('POST', `/v2/${repository}/blobs/uploads/`)
      let location = opened.headers.get('location') ?? ''
      let at = 0
      for (const chunk of ['first,', 'second']) {
        const headers = {
          'content-range': `${at}-${at + chunk.length - 1}`,
          'content-type': 'application/octet-stream',
        }
        const answer = await send('PATCH', location, { body: chunk, headers })
        expect(Math.floor(answer.status / 100)).toBe(2)
        location = answer.headers.get('location') ?? location
        at += chunk.length
      }
      const digest = digestOf('first,second')
      const last = new URL(location, target().url)
      last.searchParams.set('digest', digest)
      expect((await send('PUT', last.href)).status).toBe(201)
      expect(await (await send('GET', `/v2/${repository}/blobs/${digest}`)).text()).toBe('first,second')
    })

    it('refuses a blob that is not what its digest says', async () => {
      const opened = await send('POST', `/v2/${repository}/blobs/uploads/`)
      const location = new URL(opened.headers.get('location') ?? '', target().url)
      location.searchParams.set('digest', digestOf('promised'))
      const refused = await send('PUT', location.href, { body: 'delivered' })
      expect([refused.status, await code(refused)]).toEqual([400, 'DIGEST_INVALID'])
      expect((await send('HEAD', `/v2/${repository}/blobs/${digestOf('promised')}`)).status).toBe(404)
    })

    it('has a blob of another repository after a mount, or takes it again', async () => {
      const { digest } = await pushBlob('shared')
      const other = `${repository}-other`
      const mounted = await send('POST', `/v2/${other}/blobs/uploads/?mount=${digest}&from=${repository}`)
      expect([201, 202]).toContain(mounted.status)
      if (mounted.status === 202) await pushBlob('shared', other)
      expect((await send('HEAD', `/v2/${other}/blobs/${digest}`)).status).toBe(200)
    })

    it('serves a manifest by tag and by digest, byte for byte', async () => {
      const manifest = await image('served')
      const digest = digestOf(manifest)
      const pushed = await pushManifest('served', manifest)
      expect([pushed.status, pushed.headers.get('docker-content-digest')]).toEqual([201, digest])
      for (const reference of ['served', digest]) {
        const head = await send('HEAD', `/v2/${repository}/manifests/${reference}`)
        expect([head.status, head.headers.get('docker-content-digest')]).toEqual([200, digest])
        const answer = await send('GET', `/v2/${repository}/manifests/${reference}`)
        expect([await answer.text(), answer.headers.get('content-type')]).toEqual([manifest, manifestType])
      }
    })

    it('knows nothing of a tag that was never pushed', async () => {
      const missing = await send('GET', `/v2/${repository}/manifests/never`)
      expect([missing.status, await code(missing)]).toEqual([404, 'MANIFEST_UNKNOWN'])
      expect((await send('HEAD', `/v2/${repository}/manifests/${digestOf('never')}`)).status).toBe(404)
    })

    it('refuses an index whose parts are not there', async () => {
      const child = { mediaType: manifestType, digest: digestOf('absent'), size: 6 }
      const refused = await pushManifest(
        'index',
        JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [child] }),
        indexType,
      )
      expect(refused.status).toBe(404)
    })

    it('lists tags', async () => {
      for (const tag of ['t2', 't1']) await pushManifest(tag, await image(tag))
      const { tags } = (await (await send('GET', `/v2/${repository}/tags/list`)).json()) as { tags: string[] }
      expect(tags.filter((tag) => /^t\d$/.test(tag))).toEqual(['t1', 't2'])
      expect((await send('GET', `/v2/${repository}-none/tags/list`)).status).toBe(404)
    })

    it('moves an ordinary tag and keeps an immutable one', async () => {
      const [one, two] = [await image('one'), await image('two')]
      const at = async (tag: string) =>
        (await send('HEAD', `/v2/${repository}/manifests/${tag}`)).headers.get('docker-content-digest')
      for (const [tag, status, digest] of [
        ['moving', 201, digestOf(two)],
        [target().immutableTag, 400, digestOf(one)],
      ] as const) {
        expect((await pushManifest(tag, one)).status).toBe(201)
        expect((await pushManifest(tag, one)).status).toBe(201)
        const moved = await pushManifest(tag, two)
        expect(moved.status).toBe(status)
        if (status === 400) expect(await moved.text()).toContain('immutable')
        expect(await at(tag)).toBe(digest)
      }
    })

    it('lists what refers to an image', async () => {
      const subject = await image('subject')
      await pushManifest('subject', subject)
      const about = { mediaType: manifestType, digest: digestOf(subject), size: subject.length }
      const manifests: string[] = []
      for (const artifactType of ['application/spdx+json', 'application/vnd.in-toto+json']) {
        const manifest = await image(artifactType, { subject: about, artifactType })
        expect((await pushManifest(digestOf(manifest), manifest)).status).toBe(201)
        manifests.push(manifest)
      }
      const list = async (digest: string) => {
        const response = await send('GET', `/v2/${repository}/referrers/${digest}`)
        expect(response.status).toBe(200)
        const index = (await response.json()) as { mediaType: string; manifests: { digest: string }[] }
        expect(index.mediaType).toBe(indexType)
        return index.manifests.map((found) => found.digest).sort()
      }
      expect(await list(digestOf(subject))).toEqual(manifests.map(digestOf).sort())
      expect(await list(digestOf('nobody'))).toEqual([])
    })
  })
}
