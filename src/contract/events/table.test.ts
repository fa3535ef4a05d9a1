import { describe, expect, it } from 'vitest'
import { openContract } from '../gate/kinds.ts'
import type { ContractKind } from '../gate/specs.ts'
import { readerOf } from '../openapi/documents.fixture.ts'
import type { Comparison } from '../types.ts'
import { noTools } from './tools.fixture.ts'

/** What an edit does to consumers of before (P) and to messages of before (C). */
type Verdict = 'ok' | 'break' | 'warn'
type Row = readonly [what: string, before: unknown, after: unknown, P: Verdict, C: Verdict]

async function compare(kind: ContractKind, before: unknown, after: unknown): Promise<Comparison> {
  const [base, revision] = [
    await openContract(kind, 'a.json', readerOf({ 'a.json': before })),
    await openContract(kind, 'a.json', readerOf({ 'a.json': after })),
  ]
  if (!base.ok) throw new Error(base.fault.cause)
  if (!revision.ok) throw new Error(revision.fault.cause)
  const compared = await base.value.to(revision.value, {}, noTools)
  if (!compared.ok) throw new Error(compared.fault.cause)
  return compared.value
}

function verdictOf({ findings }: Comparison, whom: 'consumers' | 'messages'): Verdict {
  if (findings.some(({ level, where }) => level === 'error' && where.includes(`for ${whom}`))) return 'break'
  return whom === 'consumers' && findings.some(({ level }) => level === 'warning') ? 'warn' : 'ok'
}

const object = (properties: object, required: readonly string[] = [], more: object = {}) => ({
  type: 'object',
  properties,
  required,
  ...more,
})
const text = { type: 'string' }
const closed = { additionalProperties: false }
const value = (schema: unknown) => object({ v: schema })

const jsonSchema: readonly Row[] = [
  ['an optional property comes', object({ a: text }), object({ a: text, b: text }), 'ok', 'ok'],
  [
    'an optional property comes to a closed object',
    object({ a: text }, [], closed),
    object({ a: text, b: text }, [], closed),
    'break',
    'ok',
  ],
  ['a required property comes', object({ a: text }), object({ a: text, b: text }, ['b']), 'ok', 'break'],
  ['a required property becomes optional', object({ a: text }, ['a']), object({ a: text }), 'break', 'ok'],
  ['a required property goes', object({ a: text }, ['a']), object({}), 'break', 'ok'],
  ['an optional property becomes required', object({ a: text }), object({ a: text }, ['a']), 'ok', 'break'],
  ['an optional property goes', object({ a: text }), object({}), 'warn', 'ok'],
  [
    'an optional property goes from a closed object',
    object({ a: text }, [], closed),
    object({}, [], closed),
    'warn',
    'break',
  ],
  ['a type is widened', value({ type: 'integer' }), value({ type: 'number' }), 'break', 'ok'],
  ['null is let in', value(text), value({ type: ['string', 'null'] }), 'break', 'ok'],
  ['a type is narrowed', value({ type: 'number' }), value({ type: 'integer' }), 'ok', 'break'],
  ['a type is another', value(text), value({ type: 'integer' }), 'break', 'break'],
  ['an enum value comes', value({ enum: ['a'] }), value({ enum: ['a', 'b'] }), 'break', 'ok'],
  ['an enum value goes', value({ enum: ['a', 'b'] }), value({ enum: ['a'] }), 'ok', 'break'],
  ['a const is another', value({ const: 'a' }), value({ const: 'b' }), 'break', 'break'],
  [
    'a maximum rises',
    value({ type: 'number', maximum: 1 }),
    value({ type: 'number', maximum: 2 }),
    'break',
    'ok',
  ],
  ['a maximum goes', value({ type: 'number', maximum: 1 }), value({ type: 'number' }), 'break', 'ok'],
  [
    'a minimum rises',
    value({ type: 'number', minimum: 1 }),
    value({ type: 'number', minimum: 2 }),
    'ok',
    'break',
  ],
  ['a length is limited', value(text), value({ ...text, maxLength: 3 }), 'ok', 'break'],
  ['uniqueItems goes', value({ type: 'array', uniqueItems: true }), value({ type: 'array' }), 'break', 'ok'],
  ['multipleOf comes', value({ type: 'number' }), value({ type: 'number', multipleOf: 2 }), 'ok', 'break'],
  ['a pattern comes', value(text), value({ ...text, pattern: '^a' }), 'ok', 'break'],
  ['a pattern goes', value({ ...text, pattern: '^a' }), value(text), 'break', 'ok'],
  [
    'a pattern is another',
    value({ ...text, pattern: '^a' }),
    value({ ...text, pattern: '^b' }),
    'break',
    'break',
  ],
  [
    'a format is another',
    value({ ...text, format: 'date' }),
    value({ ...text, format: 'time' }),
    'break',
    'break',
  ],
  [
    'a branch comes',
    { oneOf: [text, { type: 'array' }] },
    { oneOf: [text, { type: 'array' }, { type: 'object' }] },
    'break',
    'ok',
  ],
  [
    'a branch goes',
    { anyOf: [text, { type: 'array' }, { type: 'object' }] },
    { anyOf: [text, { type: 'array' }] },
    'ok',
    'break',
  ],
  ['allOf comes', object({}), object({}, [], { allOf: [{ required: ['a'] }] }), 'ok', 'break'],
  ['allOf goes', object({}, [], { allOf: [{ required: ['a'] }] }), object({}), 'break', 'ok'],
  ['an object is opened', object({ a: text }, [], closed), object({ a: text }), 'break', 'ok'],
  ['an object is closed', object({ a: text }), object({ a: text }, [], closed), 'ok', 'break'],
  [
    'patternProperties come',
    object({}),
    object({}, [], { patternProperties: { '^x': text } }),
    'ok',
    'break',
  ],
  ['contains goes', { type: 'array', contains: text }, { type: 'array' }, 'break', 'ok'],
  ['dependentRequired comes', object({}), object({}, [], { dependentRequired: { a: ['b'] } }), 'ok', 'break'],
  ['a default is another', value({ ...text, default: 'a' }), value({ ...text, default: 'b' }), 'warn', 'ok'],
  [
    'words change',
    object({ a: text }),
    object({ a: { ...text, description: 'x' } }, [], { title: 't' }),
    'ok',
    'ok',
  ],
]

const record = (fields: readonly object[], more: object = {}) => ({
  type: 'record',
  name: 'Order',
  fields,
  ...more,
})
const field = (type: unknown, more: object = {}) => ({ name: 'v', type, ...more })
const id = { name: 'id', type: 'string' }
const status = (...symbols: readonly string[]) => ({ type: 'enum', name: 'Status', symbols })

const avro: readonly Row[] = [
  ['a field comes without a default', record([id]), record([id, field('string')]), 'ok', 'break'],
  ['a field comes with a default', record([id]), record([id, field('string', { default: '' })]), 'ok', 'ok'],
  ['a field without a default goes', record([id, field('string')]), record([id]), 'break', 'ok'],
  ['a field with a default goes', record([id, field('string', { default: '' })]), record([id]), 'ok', 'ok'],
  ['a type is widened', record([field('int')]), record([field('long')]), 'break', 'ok'],
  ['a type is narrowed', record([field('long')]), record([field('int')]), 'ok', 'break'],
  ['a type is another', record([field('string')]), record([field('int')]), 'break', 'break'],
  ['a symbol comes', record([field(status('A'))]), record([field(status('A', 'B'))]), 'break', 'ok'],
  ['a symbol goes', record([field(status('A', 'B'))]), record([field(status('A'))]), 'ok', 'break'],
  [
    'a union is widened',
    record([field(['null', 'string'])]),
    record([field(['null', 'string', 'int'])]),
    'break',
    'ok',
  ],
  ['a union is narrowed', record([field(['null', 'string'])]), record([field(['null'])]), 'ok', 'break'],
  ['a record is renamed', record([id]), record([id], { name: 'Purchase' }), 'break', 'break'],
  [
    'a field is renamed, with its old name as an alias',
    record([field('int')]),
    record([{ name: 'w', type: 'int', aliases: ['v'] }]),
    'break',
    'ok',
  ],
  ['words change', record([id]), record([{ ...id, doc: 'x' }], { doc: 'y' }), 'ok', 'ok'],
]

describe.each([
  ['json-schema', jsonSchema],
  ['avro', avro],
] as const)('%s', (kind, rows) => {
  it.each(rows)('%s', async (_, before, after, P, C) => {
    const found = await compare(kind, before, after)
    expect({ P: verdictOf(found, 'consumers'), C: verdictOf(found, 'messages') }).toEqual({ P, C })
  })

  it.each(rows)('%s: nothing against itself', async (_, before, after) => {
    expect((await compare(kind, before, before)).findings).toEqual([])
    expect((await compare(kind, after, after)).findings).toEqual([])
  })
})

/** The same rows as payloads: a service that sends has consumers and kept messages; one that receives has senders. */
const asyncApi = {
  2: (schema: unknown, way: 'sends' | 'receives') => ({
    asyncapi: '2.6.0',
    channels: { orders: { [way === 'sends' ? 'subscribe' : 'publish']: { message: { payload: schema } } } },
  }),
  3: (schema: unknown, way: 'sends' | 'receives') => ({
    asyncapi: '3.0.0',
    channels: { o: { address: 'orders', messages: { created: { payload: schema } } } },
    operations: { one: { action: way === 'sends' ? 'send' : 'receive', channel: { $ref: '#/channels/o' } } },
  }),
}

describe.each([2, 3] as const)('a payload of AsyncAPI %i', (version) => {
  it.each(jsonSchema)('%s', async (_, before, after, P, C) => {
    const of = (schema: unknown, way: 'sends' | 'receives') => asyncApi[version](schema, way)
    const sent = await compare('asyncapi', of(before, 'sends'), of(after, 'sends'))
    expect({ P: verdictOf(sent, 'consumers'), C: verdictOf(sent, 'messages') }).toEqual({ P, C })
    const received = await compare('asyncapi', of(before, 'receives'), of(after, 'receives'))
    expect(received.counts.error > 0).toBe(C === 'break')
  })

  it('is the same contract in the other version', async () => {
    const payload = object({ a: text })
    const found = await compare('asyncapi', asyncApi[2](payload, 'sends'), asyncApi[3](payload, 'sends'))
    expect(found.counts.error).toBe(0)
  })
})

describe('a description of channels', () => {
  const message = { payload: object({ a: text }), headers: object({ h: text }, ['h']) }
  const document = (more: object = {}, channel: object = {}, one: object = message): object => ({
    asyncapi: '3.0.0',
    servers: { main: { host: 'nats.example.com', protocol: 'nats' } },
    channels: { o: { address: 'orders', messages: { created: one }, ...channel } },
    operations: { send: { action: 'send', channel: { $ref: '#/channels/o' } } },
    ...more,
  })

  it.each([
    ['a channel goes', document({ channels: {} }), ['event-channel-removed']],
    ['an address is another', document({}, { address: 'orders2' }), ['event-channel-removed']],
    ['a parameter comes', document({}, { parameters: { tenant: {} } }), ['event-channel-parameter-added']],
    ['messages go', document({}, { messages: {} }), ['event-message-removed']],
    [
      'a message comes',
      document({}, { messages: { created: message, gone: message } }),
      ['event-message-added'],
    ],
    ['nobody sends', document({ operations: {} }), ['event-operation-removed']],
    [
      'another content type',
      document({ defaultContentType: 'application/cbor' }),
      ['event-content-type-changed'],
    ],
    [
      'a required header goes',
      document({}, {}, { ...message, headers: object({ h: text }) }),
      ['event-became-optional'],
    ],
    [
      'a required header comes',
      document({}, {}, { ...message, headers: object({ h: text, i: text }, ['h', 'i']) }),
      ['event-required-property-added'],
    ],
    ['a server goes', document({ servers: {} }), ['event-server-removed']],
    [
      'another protocol',
      document({ servers: { main: { host: 'nats.example.com', protocol: 'kafka' } } }),
      ['event-protocol-changed'],
    ],
    ['words', document({ info: { title: 'x', version: '9.0.0' } }, { description: 'x' }), []],
    ['another name of the only message', document({}, { messages: { other: message } }), []],
    [
      'a payload that is not JSON Schema',
      document(
        {},
        {},
        { payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: 'int' } },
      ),
      ['event-payload-not-compared', 'event-content'],
    ],
  ])('%s', async (what, after, expected) => {
    const found = await compare('asyncapi', document(), after)
    const errors = found.findings.filter(({ level }) => level === 'error').map((one) => one.id)
    if (what.includes('not JSON Schema')) expect(errors).toContain(expected[0])
    else expect(errors).toEqual(expected)
  })
})

describe('what is no schema is refused', () => {
  it.each([
    ['asyncapi', { openapi: '3.1.0' }],
    ['asyncapi', { asyncapi: '1.2.0' }],
    ['avro', { type: 'record' }],
    ['avro', 'type: ['],
    ['json-schema', []],
    ['json-schema', { openapi: '3.1.0' }],
  ] as const)('%s %j', async (kind, text) => {
    const opened = await openContract(kind, 'a.json', readerOf({ 'a.json': text }))
    expect(opened).toMatchObject({ ok: false, fault: { blame: 'user' } })
  })
})
