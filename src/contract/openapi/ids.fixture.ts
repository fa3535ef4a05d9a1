import { asHeader, asParameter, asRequest, asResponse, document, type Files } from './documents.fixture.ts'

/** Positions of a schema in a description, by the first half of the ids that name them. */
export const positions = {
  'request-body-': (schema: unknown) => asRequest(schema),
  'request-property-': (schema: unknown) => asRequest({ type: 'object', properties: { p: schema } }),
  'request-parameter-': (schema: unknown) => asParameter(schema),
  'request-parameter-property-': (schema: unknown) =>
    asParameter({ type: 'object', properties: { p: schema } }),
  'request-header-property-': (schema: unknown) =>
    document({
      parameters: [{ name: 'X-Q', in: 'header', schema: { type: 'object', properties: { p: schema } } }],
    }),
  'response-body-': (schema: unknown) => asResponse(schema),
  'response-property-': (schema: unknown) => asResponse({ type: 'object', properties: { p: schema } }),
  'response-header-': (schema: unknown) => asHeader(schema),
} satisfies Record<string, (schema: unknown) => Files>
export type Position = keyof typeof positions

const text = { type: 'string' }
const list = { type: 'array' }
const object = { type: 'object' }
/** As text, for an object with a key `then` looks like a promise. */
const branches = (keys: object): object => JSON.parse(JSON.stringify(keys).replaceAll('"_', '"'))
const guarded = branches({ _if: { maxLength: 2 }, _then: { pattern: 'a' }, _else: { pattern: 'b' } })

const QB = 'request-body-'
const Qp = 'request-property-'
const QP = 'request-parameter-'
const QPp = 'request-parameter-property-'
const QH = 'request-header-property-'
const RB = 'response-body-'
const Rp = 'response-property-'
const RH = 'response-header-'

/** [what happened, before, after, where it breaks]. The positions are those of oasdiff's ids of level ERR. */
type Row = readonly [suffix: string, before: object, after: object, breaksAt: readonly Position[]]

const requests: readonly Row[] = [
  ['all-of-added', object, { ...object, allOf: [{ required: ['a'] }] }, [QB, Qp]],
  ['any-of-removed', { anyOf: [text, list, object] }, { anyOf: [text, list] }, [QB, Qp]],
  ['one-of-removed', { oneOf: [text, list, object] }, { oneOf: [text, list] }, [QB, Qp]],
  ['const-added', text, { ...text, const: 'a' }, [QB, Qp]],
  ['contains-added', list, { ...list, contains: text }, [QB, Qp]],
  ['content-schema-added', text, { ...text, contentSchema: object }, [QB, Qp]],
  ['dependent-required-added', object, { ...object, dependentRequired: { a: ['b'] } }, [QB, Qp]],
  ['dependent-schema-added', object, { ...object, dependentSchemas: { a: { required: ['b'] } } }, [QB, Qp]],
  ['if-added', text, { ...text, ...guarded }, [QB, Qp]],
  ['then-added', text, { ...text, ...guarded }, [QB, Qp]],
  ['else-added', text, { ...text, ...guarded }, [QB, Qp]],
  [
    'max-contains-decreased',
    { ...list, contains: text, maxContains: 3 },
    { ...list, contains: text, maxContains: 2 },
    [QB, Qp],
  ],
  [
    'min-contains-increased',
    { ...list, contains: text, minContains: 2 },
    { ...list, contains: text, minContains: 3 },
    [QB, Qp],
  ],
  ['pattern-property-added', object, { ...object, patternProperties: { '^a': text } }, [QB, Qp]],
  ['prefix-items-removed', { ...list, prefixItems: [text, {}] }, { ...list, prefixItems: [text] }, [QB, Qp]],
  ['property-names-added', object, { ...object, propertyNames: { maxLength: 3 } }, [QB, Qp]],
  ['unevaluated-items-added', list, { ...list, unevaluatedItems: false }, [QB, Qp]],
  ['unevaluated-properties-added', object, { ...object, unevaluatedProperties: false }, [QB, Qp]],
  [
    'exclusive-max-decreased',
    { type: 'number', exclusiveMaximum: 3 },
    { type: 'number', exclusiveMaximum: 2 },
    [QB, QP, Qp],
  ],
  [
    'exclusive-min-increased',
    { type: 'number', exclusiveMinimum: 2 },
    { type: 'number', exclusiveMinimum: 3 },
    [QB, QP, Qp],
  ],
  ['max-decreased', { type: 'number', maximum: 3 }, { type: 'number', maximum: 2 }, [QB, QP, Qp]],
  ['min-increased', { type: 'number', minimum: 2 }, { type: 'number', minimum: 3 }, [QB, QP, Qp]],
  ['max-length-decreased', { ...text, maxLength: 3 }, { ...text, maxLength: 2 }, [QB, QP, Qp]],
  ['min-length-increased', { ...text, minLength: 2 }, { ...text, minLength: 3 }, [QB, QP, Qp]],
  ['min-items-increased', { ...list, minItems: 2 }, { ...list, minItems: 3 }, [QB, QP, Qp]],
  ['max-items-decreased', { ...list, maxItems: 3 }, { ...list, maxItems: 2 }, [QB, QP, Qp]],
  ['became-not-nullable', { type: ['string', 'null'] }, text, [QB, QP, QPp, Qp]],
  ['enum-value-removed', { enum: ['a', 'b'] }, { enum: ['a'] }, [QB, QP, QPp, Qp]],
  [
    'list-of-types-narrowed',
    { type: ['boolean', 'integer', 'array'] },
    { type: ['boolean', 'integer'] },
    [QB, QP, QPp, Qp],
  ],
  ['became-enum', text, { ...text, enum: ['a'] }, [QB, QH, QP, Qp]],
  ['pattern-added', text, { ...text, pattern: '^a' }, [QP, Qp]],
  [
    'x-extensible-enum-value-removed',
    { ...text, 'x-extensible-enum': ['a', 'b'] },
    { ...text, 'x-extensible-enum': ['a'] },
    [QP, Qp],
  ],
]

const responses: readonly Row[] = [
  ['const-removed', { ...text, const: 'a' }, text, [RB, Rp]],
  ['contains-removed', { ...list, contains: text }, list, [RB, Rp]],
  ['content-schema-removed', { ...text, contentSchema: object }, text, [RB, Rp]],
  ['dependent-required-removed', { ...object, dependentRequired: { a: ['b'] } }, object, [RB, Rp]],
  ['dependent-schema-removed', { ...object, dependentSchemas: { a: { required: ['b'] } } }, object, [RB, Rp]],
  ['if-removed', { ...text, ...guarded }, text, [RB, Rp]],
  ['then-removed', { ...text, ...guarded }, text, [RB, Rp]],
  ['else-removed', { ...text, ...guarded }, text, [RB, Rp]],
  [
    'exclusive-max-increased',
    { type: 'number', exclusiveMaximum: 2 },
    { type: 'number', exclusiveMaximum: 3 },
    [RB, Rp],
  ],
  [
    'exclusive-min-decreased',
    { type: 'number', exclusiveMinimum: 3 },
    { type: 'number', exclusiveMinimum: 2 },
    [RB, Rp],
  ],
  [
    'list-of-types-widened',
    { type: ['boolean', 'integer'] },
    { type: ['boolean', 'integer', 'array'] },
    [RB, Rp],
  ],
  [
    'max-contains-increased',
    { ...list, contains: text, maxContains: 2 },
    { ...list, contains: text, maxContains: 3 },
    [RB, Rp],
  ],
  [
    'min-contains-decreased',
    { ...list, contains: text, minContains: 3 },
    { ...list, contains: text, minContains: 2 },
    [RB, Rp],
  ],
  ['max-increased', { type: 'number', maximum: 2 }, { type: 'number', maximum: 3 }, [RB, Rp]],
  ['min-decreased', { type: 'number', minimum: 3 }, { type: 'number', minimum: 2 }, [RB, Rp]],
  ['max-length-increased', { ...text, maxLength: 2 }, { ...text, maxLength: 3 }, [RB, Rp]],
  ['max-length-unset', { ...text, maxLength: 2 }, text, [RB, Rp]],
  ['min-length-decreased', { ...text, minLength: 3 }, { ...text, minLength: 2 }, [RB, Rp]],
  ['min-items-decreased', { ...list, minItems: 3 }, { ...list, minItems: 2 }, [RB, Rp]],
  ['min-items-unset', { ...list, minItems: 3 }, list, [RB, Rp]],
  ['one-of-added', { oneOf: [text, list] }, { oneOf: [text, list, object] }, [RB, Rp]],
  ['pattern-property-removed', { ...object, patternProperties: { '^a': text } }, object, [RB, Rp]],
  ['prefix-items-added', { ...list, prefixItems: [text] }, { ...list, prefixItems: [text, {}] }, [RB, Rp]],
  ['property-names-removed', { ...object, propertyNames: { maxLength: 3 } }, object, [RB, Rp]],
  ['unevaluated-items-removed', { ...list, unevaluatedItems: false }, list, [RB, Rp]],
  ['unevaluated-properties-removed', { ...object, unevaluatedProperties: false }, object, [RB, Rp]],
  ['became-nullable', text, { type: ['string', 'null'] }, [RB, RH, Rp]],
  ['type-generalized', { type: 'integer' }, { type: 'number' }, [RB, RH, Rp]],
]

const twoParts = { ...object, properties: { a: text, b: text }, required: ['a', 'b'] }
const both: readonly Row[] = [
  ['const-changed', { const: 'a' }, { const: 'b' }, [QB, Qp, RB, Rp]],
  [
    'content-encoding-changed',
    { ...text, contentEncoding: 'base64' },
    { ...text, contentEncoding: 'base32' },
    [QB, Qp, RB, Rp],
  ],
  [
    'content-media-type-changed',
    { ...text, contentMediaType: 'a/b' },
    { ...text, contentMediaType: 'a/c' },
    [QB, Qp, RB, Rp],
  ],
  [
    'dependent-required-changed',
    { ...object, dependentRequired: { a: ['b'] } },
    { ...object, dependentRequired: { a: ['c'] } },
    [QB, Qp, RB, Rp],
  ],
  ['type-changed', { type: 'boolean' }, { type: 'integer' }, [QB, QP, Qp, RB, RH, Rp]],
  [
    'wrapped-in-one-of',
    twoParts,
    {
      oneOf: [
        { ...object, required: ['a'] },
        { ...object, required: ['c'] },
      ],
    },
    [QB, RB],
  ],
]

export const breakingRows: readonly Row[] = [...requests, ...responses, ...both]
