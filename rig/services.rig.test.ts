import { createHash } from 'node:crypto'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { attachRig } from './index.ts'

const rig = attachRig(inject('rig'))
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

describe('PostgreSQL and the registry', () => {
  it('answer in version 16 a database per environment', async () => {
    const client = new pg.Client({ connectionString: rig.environment('prod-eu').databaseUrl })
    await client.connect()
    const { rows } = await client.query('select current_database() as name, version() as version')
    await client.end()
    expect(rows[0]).toMatchObject({
      name: 'delivery-prod-eu',
      version: expect.stringMatching(/^PostgreSQL 16\./),
    })
  })

  it('take a manifest, keep a commit tag where it is, and fail on demand', async () => {
    const base = `http://${rig.registryHost}`
    const push = async (tag: string, note: string) => {
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [],
        annotations: { note },
      })
      const response = await fetch(`${base}/v2/smoke/app/manifests/${tag}`, {
        method: 'PUT',
        body: manifest,
        headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
      })
      return { status: response.status, text: await response.text(), digest: digestOf(manifest) }
    }
    const commit = 'a'.repeat(40)
    const pushed = await push(commit, 'one')
    expect(pushed.status).toBe(201)
    const head = await fetch(`${base}/v2/smoke/app/manifests/${commit}`, { method: 'HEAD' })
    expect(head.headers.get('docker-content-digest')).toBe(pushed.digest)
    expect((await push(commit, 'one')).status).toBe(201)
    const moved = await push(commit, 'two')
    expect(moved.status).toBe(400)
    expect(moved.text).toContain('immutable')
    expect((await push('main', 'one')).status).toBe(201)
    expect((await push('main', 'two')).status).toBe(201)

    const fault = { method: 'PUT', path: '/manifests/', status: 503, times: 1 }
    await fetch(`${base}/_rig/faults`, { method: 'POST', body: JSON.stringify(fault) })
    expect((await push('main', 'three')).status).toBe(503)
    expect((await push('main', 'three')).status).toBe(201)
  })
})
