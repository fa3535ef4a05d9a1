import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, type RegistryStandIn, startRegistry } from '../registry/index.ts'
import { describeRegistryContract } from './registry-contract.ts'

let registry: RegistryStandIn
beforeAll(async () => {
  registry = await startRegistry({ immutable: (_repository, tag) => /^[0-9a-f]{40}$/.test(tag) })
})
afterAll(() => registry.close())

describeRegistryContract('testkit/registry', () => ({ url: registry.url, immutableTag: 'a'.repeat(40) }))

describe('the faults of testkit/registry', () => {
  const blob = Buffer.from('some bytes that make a blob')
  const path = `/v2/faults/blobs/${digestOf(blob)}`
  const get = (target: string) => fetch(registry.url + target)
  beforeAll(async () => {
    const answer = await fetch(`${registry.url}/v2/faults/blobs/uploads/?digest=${digestOf(blob)}`, {
      method: 'POST',
      body: blob,
    })
    expect(answer.status).toBe(201)
  })

  it.each([
    ['too-many-requests', 429],
    ['server-error', 500],
  ] as const)('%s once, then it is well again', async (kind, status) => {
    registry.faults.next(kind, { match: /^GET .*\/blobs\// })
    expect((await get('/v2/')).status).toBe(200)
    expect((await get(path)).status).toBe(status)
    expect((await get(path)).status).toBe(200)
  })

  it('breaks off in the middle of a blob', async () => {
    registry.faults.next('drop-in-blob', { times: 2 })
    await expect(get(path).then((response) => response.text())).rejects.toThrow()
    await expect(get(path).then((response) => response.text())).rejects.toThrow()
    expect(await (await get(path)).text()).toBe(blob.toString())
  })

  it('lies about a digest', async () => {
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    })
    await fetch(`${registry.url}/v2/faults/manifests/x`, { method: 'PUT', body: index })
    registry.faults.next('wrong-digest')
    const digest = async () => (await get('/v2/faults/manifests/x')).headers.get('docker-content-digest')
    expect(await digest()).not.toBe(digestOf(Buffer.from(index)))
    expect(await digest()).toBe(digestOf(Buffer.from(index)))
  })

  it('says what it does not know', async () => {
    expect((await get('/v2/_catalog')).status).toBe(501)
  })
})
