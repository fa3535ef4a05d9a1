import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderReader } from '../files.ts'
import { compareDescriptions } from './compare.ts'
import { compare, document, type Files, levelAndId, load } from './documents.fixture.ts'

const info = { title: 't', version: '1.0.0' }
const description = (schema: unknown, more: object = {}): object => ({
  openapi: '3.0.3',
  info,
  paths: {
    '/a': {
      get: { responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } } },
    },
  },
  ...more,
})
const ref = (target: string): object => ({ $ref: target })
const schemas = (map: object): object => ({ components: { schemas: map } })

/** What loading, or else comparing a description with itself, answers. */
async function reasonOf(files: Files): Promise<string> {
  const loaded = await load(files)
  if (!loaded.ok) return loaded.fault.reason
  const compared = compareDescriptions(loaded.value, loaded.value)
  return compared.ok ? 'compared' : compared.fault.reason
}

describe('a description that cannot be compared is refused', () => {
  it.each([
    ['a missing file', {}, 'contract-missing'],
    ['broken YAML', { 'openapi.yaml': 'openapi: 3.0.0\n  paths: [' }, 'contract-unreadable'],
    ['an empty file', { 'openapi.yaml': '' }, 'contract-not-openapi'],
    ['a list', { 'openapi.yaml': '- a' }, 'contract-not-openapi'],
    ['something else', { 'openapi.yaml': 'kind: Deployment' }, 'contract-not-openapi'],
    ['Swagger 2', { 'openapi.yaml': { swagger: '2.0', info, paths: {} } }, 'contract-version-unsupported'],
    ['OpenAPI 4', { 'openapi.yaml': { openapi: '4.0.0', info, paths: {} } }, 'contract-version-unsupported'],
    ['an alias bomb', { 'openapi.yaml': bomb() }, 'contract-too-large'],
    ['too many levels', { 'openapi.yaml': deep(600) }, 'contract-too-large'],
    [
      'a reference to nothing',
      { 'openapi.yaml': description(ref('#/components/schemas/X')) },
      'contract-reference-missing',
    ],
    ['a reference to a missing file', { 'openapi.yaml': description(ref('x.yaml#/X')) }, 'contract-missing'],
    [
      'a reference out of the folder',
      { 'openapi.yaml': description(ref('../x.yaml')) },
      'contract-reference-outside',
    ],
    [
      'a reference to the root of the machine',
      { 'openapi.yaml': description(ref('/etc/passwd')) },
      'contract-reference-outside',
    ],
    [
      'a reference to a server',
      { 'openapi.yaml': description(ref('https://a.example/x.json')) },
      'contract-reference-remote',
    ],
    [
      'a reference to a local URL',
      { 'openapi.yaml': description(ref('file:///etc/passwd')) },
      'contract-reference-remote',
    ],
  ])('%s', async (_, files, reason) => {
    expect(await reasonOf(files)).toBe(reason)
  })

  it('names the line of broken YAML', async () => {
    const loaded = await load({ 'openapi.yaml': 'openapi: 3.0.0\ninfo:\n  title: "a\n' })
    expect(loaded).toMatchObject({
      ok: false,
      fault: { at: { file: 'openapi.yaml', line: expect.any(Number) } },
    })
  })
})

describe('references', () => {
  it('lead through files and back', async () => {
    const files = (type: string): Files => ({
      'openapi.yaml': description(ref('schemas/thing.yaml#/Thing')),
      'schemas/thing.yaml': { Thing: { type: 'object', properties: { part: ref('./part.json') } } },
      'schemas/part.json': { type: 'object', properties: { whole: ref('thing.yaml#/Thing'), n: { type } } },
    })
    const { findings } = await compare(files('integer'), files('string'))
    expect(findings).toMatchObject([
      { id: 'response-property-type-changed', base: { file: 'schemas/part.json', pointer: '/properties/n' } },
    ])
  })

  it('may be moved without an edit', async () => {
    const inline = description({ type: 'object', properties: { a: { type: 'string' } } })
    const moved = description(
      ref('#/components/schemas/A'),
      schemas({ A: { type: 'object', properties: { a: { type: 'string' } } } }),
    )
    expect((await compare({ 'openapi.yaml': inline }, { 'openapi.yaml': moved })).findings).toEqual([])
  })

  it('may lack the first slash of their pointer, for anchors have none', async () => {
    const map = schemas({ A: { type: 'string' } })
    const files = { 'openapi.yaml': description(ref('#components/schemas/A'), map) }
    expect(await reasonOf(files)).toBe('compared')
    expect(await reasonOf({ 'openapi.yaml': description(ref('#components'), map) })).toBe(
      'contract-reference-missing',
    )
  })

  it('end in a circle without hanging', async () => {
    const circle = schemas({ A: ref('#/components/schemas/B'), B: ref('#/components/schemas/A') })
    const files = { 'openapi.yaml': description(ref('#/components/schemas/A'), circle) }
    expect(await reasonOf(files)).toBe('contract-reference-cycle')
    const expression = (more: object) =>
      schemas({
        E: { oneOf: [{ type: 'number' }, ref('#/components/schemas/Sum')] },
        Sum: { type: 'object', properties: { left: ref('#/components/schemas/E'), ...more } },
      })
    const [base, revision] = [{}, { right: { type: 'string' } }].map((more) => ({
      'openapi.yaml': description(ref('#/components/schemas/E'), expression(more)),
    }))
    expect(levelAndId(await compare(base ?? {}, revision ?? {}))).toContain(
      'info response-optional-property-added',
    )
  })

  it('of an example are no references', async () => {
    const example = { schema: { type: 'string' }, example: ref('nowhere.yaml') }
    const base = document({
      responses: { 200: { description: 'ok', content: { 'application/json': example } } },
    })
    expect((await compare(base, base)).findings).toEqual([])
  })
})

describe('spellings of 3.0 and 3.1', () => {
  const pair = (old: unknown, now: unknown) =>
    compare(
      { 'openapi.yaml': description(old) },
      { 'openapi.yaml': { ...description(now), openapi: '3.1.1' } },
    )

  it.each([
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'a nullable object',
      { type: 'object', nullable: true, properties: {} },
      { oneOf: [{ type: 'object' }, { type: 'null' }] },
    ],
    [
      'exclusive bounds',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'number', exclusiveMinimum: 1 },
    ],
    ['example', { type: 'string', example: 'a' }, { type: 'string', examples: ['a'] }],
    [
      'a nullable enum',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    ['base64', { type: 'string', format: 'byte' }, { type: 'string', contentEncoding: 'base64' }],
    [
      'bytes',
      { type: 'string', format: 'binary' },
      { type: 'string', contentMediaType: 'application/octet-stream' },
    ],
  ])('%s: no finding', async (_, old, now) => {
    expect((await pair(old, now)).findings).toEqual([])
  })
})

describe('size', () => {
  it('compares a hundred levels', async () => {
    const nested = (leaf: string): unknown => {
      let schema: object = { type: leaf }
      for (let level = 0; level < 100; level += 1) schema = { type: 'object', properties: { a: schema } }
      return description(schema)
    }
    const found = await compare({ 'openapi.yaml': nested('string') }, { 'openapi.yaml': nested('integer') })
    expect(levelAndId(found)).toEqual(['error response-property-type-changed'])
  })

  it('compares a chain of a thousand components', async () => {
    const chain = (leaf: string) => {
      const map: Record<string, object> = { S1000: { type: leaf } }
      for (let index = 0; index < 1000; index += 1) {
        map[`S${index}`] = { type: 'object', properties: { next: ref(`#/components/schemas/S${index + 1}`) } }
      }
      return description(ref('#/components/schemas/S0'), schemas(map))
    }
    const found = await compare({ 'openapi.yaml': chain('string') }, { 'openapi.yaml': chain('integer') })
    expect(levelAndId(found)).toEqual(['error response-property-type-changed'])
  })

  it('says so when base and revision look exchanged', async () => {
    const [old, now] = ['1.2.0', '1.10.0'].map((version) => document({}, { info: { title: 't', version } }))
    expect((await compare(old ?? {}, now ?? {})).swapped).toBeUndefined()
    expect((await compare(now ?? {}, old ?? {})).swapped).toContain('wrong way round')
  })
})

describe('a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is not left through a link', async () => {
    symlinkSync('/etc', join(folder, 'out'))
    writeFileSync(join(folder, 'a.yaml'), 'openapi: 3.0.0')
    const reader = folderReader(folder)
    expect(await reader.read('out/hostname')).toMatchObject({
      ok: false,
      fault: { reason: 'contract-reference-outside' },
    })
    expect(await reader.read('a.yaml')).toEqual({ ok: true, value: 'openapi: 3.0.0' })
  })

  it('refuses what is no text', async () => {
    writeFileSync(join(folder, 'b.yaml'), new Uint8Array([0xff, 0xfe, 0x00]))
    expect(await folderReader(folder).read('b.yaml')).toMatchObject({
      fault: { reason: 'contract-unreadable' },
    })
  })
})

function bomb(): string {
  const lines = ['openapi: 3.0.0', 'a: &a [x, x, x, x, x, x, x, x, x]']
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => [...pair])) {
    lines.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`)
  }
  return lines.join('\n')
}

function deep(levels: number): string {
  return `{"openapi":"3.0.0","x":${'['.repeat(levels)}${']'.repeat(levels)}}`
}
