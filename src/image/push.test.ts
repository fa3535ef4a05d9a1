import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RegistryStandIn, startRegistry } from '../../testkit/registry/index.ts'
import { boundedFetch, systemClock } from '../system/index.ts'
import { assembleLayout, pushLayout, registryClient, resolveTag } from './index.ts'
import { parseRepository, type Repository } from './repository.ts'
import { tar } from './tar.ts'
import { startBreaking } from './testing/breaking.ts'

const created = new Date('2025-03-04T10:00:00Z')
const never = new AbortController().signal
const tag = 'c'.repeat(40)

let temp: string
let server: RegistryStandIn
let repository: Repository
const registry = registryClient({
  fetch: boundedFetch(),
  clock: systemClock(),
  credentials: async () => undefined,
})

beforeEach(async () => {
  temp = await mkdtemp(path.join(tmpdir(), 'tuesday-image-'))
  server = await startRegistry()
  const parsed = parseRepository(`${server.host}/acme/api`)
  if (!parsed.ok) throw new Error(parsed.fault.cause)
  repository = parsed.value
})
afterEach(async () => {
  await server.close()
  await rm(temp, { recursive: true })
})

const layout = (name: string, text = 'hello', at = created) =>
  assembleLayout({
    dir: path.join(temp, name),
    files: [
      { path: 'app/run.sh', bytes: Buffer.from('#!/bin/sh\n'), executable: true },
      { path: 'app/a.txt', bytes: Buffer.from(text) },
    ],
    created: at,
    labels: { b: '2', a: '1' },
    settings: { entrypoint: ['/app/run.sh'], user: '1000' },
  })
const push = (name: string, signal = never) =>
  pushLayout({ registry, repository, layoutDir: path.join(temp, name), tag, signal })

test('the same files and time come to the same digest in any folder; another byte or time does not', async () => {
  const first = await layout('one')
  expect(await layout('two')).toBe(first)
  expect(await layout('three', 'hullo')).not.toBe(first)
  expect(await layout('four', 'hello', new Date('2025-03-04T10:00:01Z'))).not.toBe(first)
})

test('a layer is a tar file that tar reads', async () => {
  const long = `${'folder-of-some-length/'.repeat(8)}file-with-a-name`
  const file = path.join(temp, 'layer.tar')
  await writeFile(
    file,
    tar(
      [
        { path: long, bytes: Buffer.alloc(700, 120) },
        { path: 'x', bytes: Buffer.alloc(0), executable: true },
      ],
      created,
    ),
  )
  const listed = execFileSync('tar', ['--utc', '--full-time', '-tvf', file], { encoding: 'utf8' })
  expect(listed).toContain(`700 2025-03-04 10:00:00 ${long}`)
  expect(listed).toMatch(/-rwxr-xr-x 0\/0 +0 .* x\n$/)
})

test('what was pushed is what the registry serves, and a second push sends nothing', async () => {
  const digest = await layout('one')
  expect(await push('one')).toEqual({
    ok: true,
    value: { digest, existed: false, blobs: { pushed: 2, mounted: 0, present: 0 } },
  })
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: digest })
  const before = server.requests.length
  expect(await push('one')).toEqual({
    ok: true,
    value: { digest, existed: true, blobs: { pushed: 0, mounted: 0, present: 2 } },
  })
  const methods = server.requests
    .slice(before)
    .map(({ method, url }) => `${method} ${url.split('?')[0]?.split('/').at(-1)}`)
  expect(methods.filter((line) => line.endsWith(tag)).every((line) => line.startsWith('GET'))).toBe(true)
  expect(methods.some((line) => line.startsWith('POST'))).toBe(false)
})

test('a layer that another repository of the registry has is linked, not sent', async () => {
  const digest = await layout('one')
  await push('one')
  const at = (name: string) => ({ ...repository, name, text: `${server.host}/${name}` })
  const request = { registry, layoutDir: path.join(temp, 'one'), tag, signal: never }
  const before = server.requests.length
  const mountFrom = [at('acme/none'), repository]
  expect(await pushLayout({ ...request, repository: at('acme/other'), mountFrom })).toEqual({
    ok: true,
    value: { digest, existed: false, blobs: { pushed: 0, mounted: 2, present: 0 } },
  })
  const sent = server.requests
    .slice(before)
    .filter(({ method, url }) => method === 'PUT' && url.includes('uploads'))
  expect(sent).toEqual([])
})

test('a registry that does not link takes the bytes', async () => {
  const digest = await layout('one')
  await push('one')
  // As registries do that cannot mount: they open an upload instead (OCI distribution 1.1, "Mounting a blob").
  const plain = registryClient({
    fetch: (resource, init) => fetch(String(resource).replace(/\?mount=.*/, ''), init),
    clock: systemClock(),
    credentials: async () => undefined,
  })
  const target = { ...repository, name: 'acme/plain', text: `${server.host}/acme/plain` }
  const request = { registry: plain, layoutDir: path.join(temp, 'one'), tag, signal: never }
  expect(await pushLayout({ ...request, repository: target, mountFrom: [repository] })).toMatchObject({
    value: { digest, blobs: { pushed: 2, mounted: 0 } },
  })
})

test('a tag that points to another image stays where it is', async () => {
  const digest = await layout('one')
  await push('one')
  const other = await layout('two', 'other')
  const refused = await push('two')
  expect(refused).toMatchObject({ ok: false, fault: { blame: 'user', reason: 'image-tag-taken' } })
  expect(!refused.ok && refused.fault.cause).toMatch(new RegExp(`${digest}.*${other}`))
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: digest })
})

test('a blob larger than one request goes over in parts', async () => {
  const digest = await layout('one', 'x'.repeat(20 * 1024 * 1024))
  expect(await push('one')).toMatchObject({ ok: true, value: { digest } })
  expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2)
})

test.each([
  ['answers 500 once', 'server-error', /PUT .*manifests/],
  ['asks for a pause', 'too-many-requests', /HEAD .*blobs/],
] as const)('a registry that %s is asked again', async (_, kind, match) => {
  const digest = await layout('one')
  server.faults.next(kind, { match })
  expect(await push('one')).toMatchObject({ ok: true, value: { digest } })
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: digest })
})

test.each([
  ['the only request of a small blob', 'hello', /^PUT .*uploads/],
  ['a part of a large blob', 'x'.repeat(20 * 1024 * 1024), /^PATCH/],
  ['the last part of a large blob', 'x'.repeat(20 * 1024 * 1024), /^PUT .*uploads/],
  ['an answer that is read', 'hello', /^GET .*manifests/],
])('a connection that breaks in the middle of %s is taken up again', async (_, text, match) => {
  const digest = await layout('one', text)
  const flaky = await startBreaking(server.url, match)
  const through = parseRepository(`${flaky.host}/acme/api`)
  if (!through.ok) throw new Error(through.fault.cause)
  const request = {
    registry,
    repository: through.value,
    layoutDir: path.join(temp, 'one'),
    tag,
    signal: never,
  }
  expect(await pushLayout(request)).toMatchObject({ ok: true, value: { digest } })
  expect(flaky.broken()).toBe(1)
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: digest })
  await flaky.close()
})

test('a registry that says it has a blob under another digest is not believed', async () => {
  await layout('one')
  const lying = registryClient({
    fetch: async (resource, init) => {
      const answer = await fetch(resource, init)
      if (init?.method !== 'HEAD') return answer
      return new Response(null, { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } })
    },
    clock: systemClock(),
    credentials: async () => undefined,
  })
  const request = { registry: lying, repository, layoutDir: path.join(temp, 'one'), tag, signal: never }
  expect(await pushLayout(request)).toMatchObject({ fault: { reason: 'registry-digest-mismatch' } })
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: undefined })
})

test('a registry that serves other bytes than it says is not believed', async () => {
  await layout('one')
  await push('one')
  server.faults.next('wrong-digest', { match: /GET/ })
  expect(await resolveTag(registry, repository, tag, never)).toMatchObject({
    ok: false,
    fault: { blame: 'world', reason: 'registry-digest-mismatch' },
  })
})

test('a registry that stays away is told as such', async () => {
  await layout('one')
  server.faults.next('server-error', { times: 100 })
  expect(await push('one')).toMatchObject({
    ok: false,
    fault: { blame: 'world', reason: 'registry-refused' },
  })
  const gone = parseRepository('127.0.0.1:1/acme/api')
  if (!gone.ok) throw new Error(gone.fault.cause)
  expect(await resolveTag(registry, gone.value, tag, never)).toMatchObject({
    ok: false,
    fault: { blame: 'world', reason: 'registry-unreachable' },
  })
})

test('a push that is cut off at any request leaves no tag, and the next one ends as if nothing had happened', async () => {
  const digest = await layout('one')
  for (let cut = 1; ; cut += 1) {
    const abort = new AbortController()
    let asked = 0
    const cutting = registryClient({
      fetch: (resource, init) => {
        asked += 1
        if (asked === cut) abort.abort(new Error('cut off'))
        return fetch(resource, init)
      },
      clock: systemClock(),
      credentials: async () => undefined,
    })
    const target = { ...repository, name: `acme/cut-${cut}`, text: `${server.host}/acme/cut-${cut}` }
    const request = { repository: target, layoutDir: path.join(temp, 'one'), tag }
    const done = await pushLayout({ ...request, registry: cutting, signal: abort.signal }).catch(
      () => undefined,
    )
    if (done !== undefined) break
    const left = await resolveTag(registry, target, tag, never)
    expect(left.ok && (left.value === undefined || left.value === digest)).toBe(true)
    expect(await pushLayout({ ...request, registry, signal: never })).toMatchObject({
      ok: true,
      value: { digest },
    })
  }
})

test.each<[name: string, harm: (dir: string) => Promise<void>, why: RegExp]>([
  ['no index', (dir) => rm(path.join(dir, 'index.json')), /no index\.json/],
  [
    'two images',
    async (dir) => {
      const file = path.join(dir, 'index.json')
      const index = JSON.parse(await readFile(file, 'utf8'))
      await writeFile(file, JSON.stringify({ ...index, manifests: [...index.manifests, ...index.manifests] }))
    },
    /2 images/,
  ],
  [
    'a missing blob',
    async (dir) => {
      const blobs = path.join(dir, 'blobs/sha256')
      const index = JSON.parse(await readFile(path.join(dir, 'index.json'), 'utf8'))
      for (const name of await readdir(blobs))
        if (!index.manifests[0].digest.endsWith(name)) await rm(path.join(blobs, name))
    },
    /not in it/,
  ],
  [
    'a manifest of other bytes',
    async (dir) => {
      const index = JSON.parse(await readFile(path.join(dir, 'index.json'), 'utf8'))
      await writeFile(path.join(dir, 'blobs/sha256', index.manifests[0].digest.slice(7)), '{}')
    },
    /other bytes/,
  ],
])('a layout with %s is refused', async (_, harm, why) => {
  await layout('one')
  await harm(path.join(temp, 'one'))
  expect(await push('one')).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'layout-invalid', cause: expect.stringMatching(why) },
  })
  expect(await resolveTag(registry, repository, tag, never)).toEqual({ ok: true, value: undefined })
})
