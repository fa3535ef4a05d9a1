import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectLayout } from '../inspect.ts'
import { assembleLayout, type ImageSettings } from '../layout.ts'
import { readLayout } from '../read-layout.ts'
import { layerFiles } from './layer-files.ts'
import { checkQuality, type QualityRules } from './quality.ts'
import { fileScanner, knownSecrets, secretsInLine } from './secrets.ts'

let temp: string
let count = 0
beforeAll(() => {
  temp = mkdtempSync(path.join(tmpdir(), 'tuesday-quality-'))
})
afterAll(() => rmSync(temp, { recursive: true }))

// Put together here, so that no scanner of this repository takes it for one.
const githubToken = `ghp${'_'}${'a1B2'.repeat(9)}`
const privateKey = `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIEvQIBADANBgkq'.repeat(10)}\n`

const rules: QualityRules = { secrets: [], maxGrowthPercent: 50, today: '2026-11-21' }
const notices: string[] = []
const logger = {
  debug: () => {},
  info: () => {},
  notice: (line: string) => void notices.push(line),
  warn: () => {},
  group: <T>(_: string, body: () => Promise<T>) => body(),
}

async function check(
  files: Readonly<Record<string, string>>,
  settings: ImageSettings,
  changes: Partial<QualityRules> & { readonly seeAll?: boolean } = {},
) {
  count += 1
  const layoutDir = path.join(temp, `layout-${count}`)
  await assembleLayout({
    dir: layoutDir,
    files: Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) })),
    created: new Date(0),
    labels: {},
    settings,
  })
  const layout = await readLayout(layoutDir)
  if (!layout.ok) throw new Error(layout.fault.cause)
  const images = await inspectLayout(layout.value)
  const layers = images.flatMap((image) => image.layers.map(({ digest }) => digest))
  const seen = new Set(changes.seeAll === true ? layers : [])
  return checkQuality({ ...rules, ...changes, images, layoutDir, dockerfile: 'x/Dockerfile', seen }, logger)
}

const good = { user: '1000:1000' }

test('an image that runs as somebody and holds no secret is good', async () => {
  expect(await check({ 'app/a.js': 'console.log(1)' }, good)).toEqual({ ok: true, value: undefined })
})

test.each<[string, ImageSettings]>([
  ['no USER', {}],
  ['USER root', { user: 'root' }],
  ['USER 0 with a group', { user: '0:1000' }],
])('%s is refused', async (_, settings) => {
  expect(await check({}, settings)).toMatchObject({
    ok: false,
    fault: { blame: 'user', reason: 'image-root-user', next: expect.stringMatching(/USER/) },
  })
})

test('a secret in a layer is named by its file, and never shown', async () => {
  const secrets = knownSecrets([
    ['NPM_TOKEN', 'planted-value-of-the-job'],
    ['PATH', '/usr/bin:/bin'],
  ])
  const files = {
    'app/config.json': `{"t":"${githubToken}"}`,
    'app/key.pem': privateKey,
    'app/.npmrc': 'x=planted-value-of-the-job',
  }
  const checked = await check(files, good, { secrets })
  if (checked.ok) throw new Error('it was taken')
  expect(checked.fault).toMatchObject({ reason: 'image-secret' })
  expect(checked.fault.cause).toMatch(/\/app\/config\.json holds a token of GitHub/)
  expect(checked.fault.cause).toMatch(/\/app\/key\.pem holds a private key/)
  expect(checked.fault.cause).toMatch(/\/app\/\.npmrc holds the value of NPM_TOKEN/)
  expect(JSON.stringify(checked)).not.toMatch(/planted-value|a1B2|MIIE/)
  // A layer that is in the repository already was looked at when it was pushed.
  expect((await check(files, good, { secrets, seeAll: true })).ok).toBe(true)
})

test('a secret in the environment of the image is refused', async () => {
  const checked = await check({}, { ...good, env: ['DATABASE_URL=postgres://app:hunter22@db/x'] })
  expect(checked).toMatchObject({
    fault: {
      reason: 'image-secret',
      cause: expect.stringMatching(/ENV DATABASE_URL .* a password in an address/),
    },
  })
  expect(JSON.stringify(checked)).not.toContain('hunter22')
})

test('growth over the limit is refused, and no live image is no limit', async () => {
  const files = { 'app/data': 'x'.repeat(100_000) }
  expect(await check(files, good, { liveBytes: 10_000 })).toMatchObject({
    fault: { reason: 'image-grown', cause: expect.stringMatching(/0\.0 MB to 0\.1 MB; 50 %/) },
  })
  expect((await check(files, good, { liveBytes: 90_000 })).ok).toBe(true)
  expect((await check(files, good)).ok).toBe(true)
})

const waiver = (expires: string, object = '') => ({
  file: 'image-waivers.yaml',
  text: `version: 1\nwaivers:\n  - { file: Dockerfile, rule: root-user, reason: binds port 80, owner: ada, expires: "${expires}"${object} }\n`,
})

test('a waiver holds until its day, for what it names, and is told', async () => {
  notices.length = 0
  expect(await check({}, {}, { waivers: waiver('2026-11-21') })).toEqual({ ok: true, value: undefined })
  expect(notices.join()).toMatch(/root-user.*Waived by ada until 2026-11-21: binds port 80/)
  expect(await check({}, {}, { waivers: waiver('2026-11-20') })).toMatchObject({
    fault: { reason: 'image-root-user' },
  })
  expect(await check({}, {}, { waivers: waiver('2027-01-01', ', object: windows') })).toMatchObject({
    fault: { reason: 'image-root-user' },
  })
  expect(await check({ 'app/key.pem': privateKey }, {}, { waivers: waiver('2027-01-01') })).toMatchObject({
    fault: { reason: 'image-secret' },
  })
  const broken = { file: 'image-waivers.yaml', text: 'version: 1\nwaivers: [{ rule: root-user }]\n' }
  expect(await check({}, {}, { waivers: broken })).toMatchObject({
    fault: { reason: 'image-waivers-invalid', at: { file: 'image-waivers.yaml', line: 2 } },
  })
})

test('a value that lies across two pieces of a file is found, and none of the file before', () => {
  const scanner = fileScanner([{ name: 'A_TOKEN', value: 'split-in-two' }])
  scanner.add(Buffer.from('xx split-'))
  scanner.add(Buffer.from('in-two yy'))
  expect(scanner.end()).toEqual(['the value of A_TOKEN'])
  scanner.add(Buffer.from('xx split-'))
  expect(scanner.end()).toEqual([])
  scanner.add(Buffer.from('in-two'))
  expect(scanner.end()).toEqual([])
})

test('an example of an address without a password is none', () => {
  expect(secretsInLine('ENV URL=https://user@example.com:443/x', [])).toEqual([])
  expect(secretsInLine('git clone https://x:abcdef@example.com', [])).toEqual(['a password in an address'])
  expect(secretsInLine('a BEGIN PRIVATE KEY without one', [])).toEqual([])
})

test('names of files and addresses are no secrets', () => {
  expect(
    knownSecrets([
      ['TOKEN_FILE', '/run/secrets/token'],
      ['SECRET_STORE', 'https://vault.example.com'],
      ['API_KEY', 'short'],
      ['API_KEY', 'long-enough'],
      ['PASSWORD', undefined],
    ]),
  ).toEqual([{ name: 'API_KEY', value: 'long-enough' }])
})

test.each<[string, string, (bytes: Buffer) => Buffer]>([
  ['as it is', 'application/vnd.oci.image.layer.v1.tar', (bytes) => bytes],
  ['gzip', 'application/vnd.oci.image.layer.v1.tar+gzip', (bytes) => gzipSync(bytes)],
  ['zstd', 'application/vnd.oci.image.layer.v1.tar+zstd', (bytes) => zstdCompressSync(bytes)],
])('a layer of tar is read: %s', async (_, mediaType, compress) => {
  const folder = mkdtempSync(path.join(temp, 'in-'))
  const long = `${'n'.repeat(90)}-${'m'.repeat(90)}.txt`
  const texts: Record<string, string> = { 'a.txt': 'one', [long]: 'two', empty: '', big: 'z'.repeat(200_000) }
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(folder, name), text)
  for (const format of ['gnu', 'pax', 'ustar']) {
    const file = path.join(temp, `${format}.tar`)
    const names = Object.keys(texts).filter((name) => format !== 'ustar' || name !== long)
    execFileSync('tar', [`--format=${format}`, '-cf', file, '-C', folder, ...names])
    const packed = compress(readFileSync(file))
    writeFileSync(`${file}.layer`, packed)
    const digest = `sha256:${createHash('sha256').update(packed).digest('hex')}` as never
    const read: Record<string, string> = {}
    for await (const piece of layerFiles(`${file}.layer`, { digest, mediaType, size: packed.length }))
      read[piece.path] = (piece.first ? '' : (read[piece.path] ?? '')) + piece.bytes.toString()
    const expected = Object.fromEntries(
      names.filter((name) => name !== 'empty').map((name) => [name, texts[name]]),
    )
    expect(read).toEqual(expected)
  }
})
