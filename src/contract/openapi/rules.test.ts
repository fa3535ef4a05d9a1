import { describe, expect, it } from 'vitest'
import {
  asHeader,
  asParameter,
  asRequest,
  asResponse,
  compare,
  document,
  type Files,
  levelAndId,
} from './documents.fixture.ts'

const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more })
const text = { type: 'string' }
const parameter = (more: object): Files =>
  document({ parameters: [{ name: 'q', in: 'query', schema: text, ...more }] })
const secured = (security: unknown, scheme: object = { type: 'http', scheme: 'bearer' }): Files =>
  document(
    { security },
    { components: { securitySchemes: { a: scheme, b: { type: 'http', scheme: 'basic' } } } },
  )
const answers = (responses: object): Files => document({ responses })
const content = (...names: readonly string[]): object => ({
  200: { description: 'ok', content: Object.fromEntries(names.map((name) => [name, {}])) },
})

const edits: readonly (readonly [what: string, base: Files, revision: Files, expected: readonly string[]])[] =
  [
    [
      'a path goes',
      document({}),
      document({}, { paths: {} }),
      ['error api-path-removed-without-deprecation'],
    ],
    [
      'a method goes',
      document({}),
      document({}, { paths: { '/things/{id}': {} } }),
      ['error api-removed-without-deprecation'],
    ],
    ['a path comes', document({}, { paths: {} }), document({}), ['info endpoint-added']],
    [
      'a parameter of the path is renamed',
      document({}),
      document({}, { paths: { '/things/{key}': { post: { responses: { 200: { description: 'ok' } } } } } }),
      [],
    ],
    [
      'a required parameter comes',
      document({}),
      parameter({ required: true }),
      ['error new-required-request-parameter'],
    ],
    ['an optional parameter comes', document({}), parameter({}), ['info new-optional-request-parameter']],
    ['a parameter goes', parameter({}), document({}), ['warning request-parameter-removed']],
    [
      'a parameter is asked for',
      parameter({}),
      parameter({ required: true }),
      ['error request-parameter-became-required'],
    ],
    [
      'a parameter is a list now',
      asParameter(text),
      asParameter({ type: 'array', items: text }),
      ['info request-parameter-type-generalized'],
    ],
    [
      'numbers as text',
      asParameter({ type: 'integer' }),
      asParameter(text),
      ['info request-parameter-type-generalized'],
    ],
    [
      'text as numbers',
      asParameter(text),
      asParameter({ type: 'integer' }),
      ['error request-parameter-type-specialized'],
    ],
    [
      'another default',
      asParameter({ ...text, default: 'a' }),
      asParameter({ ...text, default: 'b' }),
      ['error request-parameter-default-value-changed'],
    ],
    [
      'another style',
      parameter({ style: 'form' }),
      parameter({ style: 'spaceDelimited' }),
      ['error request-parameter-style-changed'],
    ],
    [
      'another explode',
      parameter({ explode: true }),
      parameter({ explode: false }),
      ['error request-parameter-explode-changed'],
    ],
    ['the default style written out', parameter({}), parameter({ style: 'form', explode: true }), []],
    [
      'no empty value',
      parameter({ allowEmptyValue: true }),
      parameter({}),
      ['error request-parameter-allow-empty-value-removed'],
    ],
    [
      'a header in another case',
      document({ parameters: [{ name: 'X-A', in: 'header', schema: text }] }),
      document({ parameters: [{ name: 'x-a', in: 'header', schema: text }] }),
      [],
    ],
    ['a body is asked for', document({}), asRequest(text), ['error request-body-added-required']],
    ['a body goes', asRequest(text), document({}), ['error request-body-removed']],
    [
      'a required property comes',
      asRequest(object({})),
      asRequest(object({ a: text }, { required: ['a'] })),
      ['error new-required-request-property'],
    ],
    [
      'a required property with a default comes',
      asRequest(object({})),
      asRequest(object({ a: { ...text, default: '' } }, { required: ['a'] })),
      ['error new-required-request-property-with-default'],
    ],
    [
      'an optional property comes',
      asRequest(object({})),
      asRequest(object({ a: text })),
      ['info new-optional-request-property'],
    ],
    [
      'a property of a request goes',
      asRequest(object({ a: text })),
      asRequest(object({})),
      ['warning request-property-removed'],
    ],
    [
      'a required readOnly property is no matter of requests',
      asRequest(object({})),
      asRequest(object({ a: { ...text, readOnly: true } }, { required: ['a'] })),
      ['info new-optional-request-property'],
    ],
    [
      'a readOnly property is to be sent now',
      asRequest(object({ a: { ...text, readOnly: true } }, { required: ['a'] })),
      asRequest(object({ a: text }, { required: ['a'] })),
      ['error request-required-property-became-not-read-only'],
    ],
    [
      'a required property of a response goes',
      asResponse(object({ a: text }, { required: ['a'] })),
      asResponse(object({})),
      ['error response-required-property-removed'],
    ],
    [
      'an optional property of a response goes',
      asResponse(object({ a: text })),
      asResponse(object({})),
      ['warning response-optional-property-removed'],
    ],
    [
      'a property of a response comes',
      asResponse(object({})),
      asResponse(object({ a: text })),
      ['info response-optional-property-added'],
    ],
    [
      'a property may be missing',
      asResponse(object({ a: text }, { required: ['a'] })),
      asResponse(object({ a: text })),
      ['error response-property-became-optional'],
    ],
    [
      'a response may be null',
      asResponse(text),
      asResponse({ type: ['string', 'null'] }),
      ['error response-body-became-nullable'],
    ],
    [
      'an answer has a new value',
      asResponse({ enum: ['a'] }),
      asResponse({ enum: ['a', 'b'] }),
      ['error response-body-enum-value-added'],
    ],
    [
      'an extensible answer has a new value',
      asResponse({ enum: ['a'], 'x-extensible-enum': ['a'] }),
      asResponse({ enum: ['a', 'b'], 'x-extensible-enum': ['a', 'b'] }),
      ['info response-body-enum-value-added', 'info response-body-x-extensible-enum-value-added'],
    ],
    [
      'maxItems of a body',
      asRequest({ type: 'array', maxItems: 3 }),
      asRequest({ type: 'array', maxItems: 2 }),
      ['error request-body-max-items-decreased'],
    ],
    [
      'a bound is set',
      asRequest(text),
      asRequest({ ...text, maxLength: 9 }),
      ['error request-body-max-length-set'],
    ],
    [
      'an object is wrapped in a choice',
      asRequest(object({ a: text, b: text }, { required: ['a', 'b'] })),
      asRequest({
        oneOf: [object({ a: text }, { required: ['a'] }), object({ b: text }, { required: ['b'] })],
      }),
      ['error request-body-wrapped-in-one-of'],
    ],
    [
      'a success goes',
      answers({ 200: {}, 202: {} }),
      answers({ 200: {} }),
      ['error response-success-status-removed'],
    ],
    [
      'an error goes',
      answers({ 200: {}, 404: {} }),
      answers({ 200: {} }),
      ['info response-non-success-status-removed'],
    ],
    ['a range takes a status in', answers({ 200: {} }), answers({ '2XX': {} }), []],
    [
      'a media type goes',
      answers(content('a/b', 'c/d')),
      answers(content('a/b')),
      ['error response-media-type-removed'],
    ],
    [
      'a media type gets a charset',
      answers(content('text/csv')),
      answers(content('text/csv; charset=utf-8')),
      ['info response-media-type-name-changed'],
    ],
    [
      'a media type gets a range',
      answers(content('text/csv')),
      answers(content('text/*')),
      ['error response-media-type-name-generalized'],
    ],
    [
      'a header goes',
      asHeader(text),
      answers({ 200: { description: 'ok' } }),
      ['warning optional-response-header-removed'],
    ],
    [
      'a header is another type',
      asHeader({ type: 'integer' }),
      asHeader(text),
      ['error response-header-type-generalized'],
    ],
    [
      'credentials are asked for',
      document({}, secured([])),
      secured([{ a: [] }]),
      ['error api-security-added'],
    ],
    ['another way in', secured([{ a: [] }]), secured([{ a: [] }, { b: [] }]), ['info api-security-added']],
    [
      'one way in less',
      secured([{ a: [] }, { b: [] }]),
      secured([{ a: [] }]),
      ['error api-security-alternative-removed'],
    ],
    ['credentials are not needed', secured([{ a: [] }]), secured([]), ['info api-security-removed']],
    [
      'a scope more',
      secured([{ a: ['r'] }]),
      secured([{ a: ['r', 'w'] }]),
      ['error api-security-scope-added'],
    ],
    [
      'a scope less',
      secured([{ a: ['r', 'w'] }]),
      secured([{ a: ['r'] }]),
      ['info api-security-scope-removed'],
    ],
    [
      'what the document asks for, where every operation asks for itself',
      document({ security: [] }, { security: [{ a: [] }] }),
      document({ security: [] }, { security: [{ b: [] }] }),
      ['info api-global-security-removed', 'info api-global-security-added'],
    ],
    [
      'properties move into an allOf',
      asResponse({ properties: { a: text } }),
      asResponse({ allOf: [{ properties: { a: text } }] }),
      [],
    ],
    [
      'a keyword of another type comes',
      asRequest(object({})),
      asRequest(object({}, { unevaluatedItems: false })),
      ['info request-body-unevaluated-items-added'],
    ],
    [
      'another kind of credentials',
      secured([{ a: [] }]),
      secured([{ a: [] }], { type: 'apiKey', in: 'header', name: 'k' }),
      ['error api-security-component-type-changed'],
    ],
    [
      'a server goes',
      document({}, { servers: [{ url: 'https://a.example' }, { url: 'https://b.example' }] }),
      document({}, { servers: [{ url: 'https://a.example/' }] }),
      ['warning api-server-removed'],
    ],
  ]

describe('an edit of a description', () => {
  it.each(edits)('%s', async (_, base, revision, expected) => {
    expect(levelAndId(await compare(base, revision))).toEqual(expected)
  })

  it.each(edits)('%s: is none against itself', async (_, base, revision) => {
    expect((await compare(base, base)).findings).toEqual([])
    expect((await compare(revision, revision)).findings).toEqual([])
  })
})

describe('a policy', () => {
  const [base, revision] = [asRequest(text), asRequest({ type: 'integer' })]

  it.each([
    [
      'one rule',
      { levels: { 'request-body-type-changed': 'warning' } },
      ['warning request-body-type-changed'],
    ],
    [
      'the longest pattern',
      { levels: { 'request-*': 'info', 'request-*-type-changed': 'error' } },
      ['error request-body-type-changed'],
    ],
    ['off', { levels: { '*': 'off' } }, []],
  ] as const)('sets the level by %s', async (_, policy, expected) => {
    expect(levelAndId(await compare(base, revision, policy))).toEqual(expected)
  })

  it('takes the levels of oasdiff', async () => {
    const found = await compare(document({}), secured([{ a: [] }]), { preset: 'oasdiff' })
    expect(found.counts.error).toBe(0)
  })

  it('lets a deprecated operation go on its sunset and not before', async () => {
    const deprecated = document({ deprecated: true, 'x-sunset': '2026-06-01' })
    const gone = document({}, { paths: {} })
    const on = (day: string) =>
      compare(deprecated, gone, { lifecycle: { today: new Date(day), betaDays: 0, stableDays: 0 } })
    expect(levelAndId(await on('2026-05-31'))).toEqual(['error api-path-removed-before-sunset'])
    expect(levelAndId(await on('2026-06-01'))).toEqual(['info api-path-removed-with-deprecation'])
    expect((await compare(deprecated, gone)).counts.error).toBe(1)
  })
})

describe('a finding', () => {
  it('names operation, place and line of both sides', async () => {
    const yaml = (type: string): string =>
      `openapi: 3.0.3\ninfo: {title: t, version: 1.0.0}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n            application/json:\n              schema:\n                type: object\n                properties:\n                  n:\n                    type: ${type}\n`
    const { findings } = await compare(
      { 'openapi.yaml': yaml('integer') },
      { 'openapi.yaml': yaml('string') },
    )
    const pointer = '/paths/~1a/get/responses/200/content/application~1json/schema/properties/n'
    expect(findings).toMatchObject([
      {
        id: 'response-property-type-changed',
        method: 'GET',
        path: '/a',
        base: { file: 'openapi.yaml', pointer, line: 15 },
        revision: { file: 'openapi.yaml', pointer, line: 15 },
      },
    ])
  })

  it('keeps its fingerprint when other edits come', async () => {
    const base = asRequest(object({ a: text, b: text }))
    const first = await compare(base, asRequest(object({ a: { type: 'integer' }, b: text })))
    const second = await compare(
      base,
      asRequest(object({ z: text, a: { type: 'integer' }, b: { type: 'array' } })),
    )
    const [fingerprint] = first.findings.map((finding) => finding.fingerprint)
    expect(fingerprint).toMatch(/^[0-9a-f]{12}$/)
    expect(second.findings.map((finding) => finding.fingerprint)).toContain(fingerprint)
    expect(new Set(second.findings.map((finding) => finding.fingerprint)).size).toBe(second.findings.length)
  })
})
