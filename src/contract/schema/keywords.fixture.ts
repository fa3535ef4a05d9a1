/** As text, for an object with a key `then` looks like a promise. */
export const when = (condition: object, rule: object): unknown =>
  JSON.parse(`{"if":${JSON.stringify(condition)},"then":${JSON.stringify(rule)}}`)

/** For each keyword a schema and one that accepts strictly less: [what, wider, narrower]. */
export const narrowings: readonly (readonly [what: string, wide: unknown, narrow: unknown])[] = [
  ['type', { type: ['string', 'integer'] }, { type: 'string' }],
  ['type from any', {}, { type: 'string' }],
  ['integer and number', { type: 'number' }, { type: 'integer' }],
  ['null', { type: ['string', 'null'] }, { type: 'string' }],
  ['format', { type: 'string' }, { type: 'string', format: 'date' }],
  ['format by range', { type: 'integer', format: 'int64' }, { type: 'integer', format: 'int32' }],
  ['enum', { type: 'string' }, { type: 'string', enum: ['a', 'b'] }],
  ['enum value', { type: 'string', enum: ['a', 'b'] }, { type: 'string', enum: ['a'] }],
  ['const', { type: 'string' }, { type: 'string', const: 'a' }],
  ['minimum', { type: 'number' }, { type: 'number', minimum: 1 }],
  ['minimum moved', { type: 'number', minimum: 1 }, { type: 'number', minimum: 2 }],
  ['maximum', { type: 'number' }, { type: 'number', maximum: 1 }],
  ['maximum moved', { type: 'number', maximum: 2 }, { type: 'number', maximum: 1 }],
  ['exclusiveMinimum', { type: 'number', minimum: 1 }, { type: 'number', exclusiveMinimum: 1 }],
  ['exclusiveMaximum', { type: 'number', maximum: 1 }, { type: 'number', exclusiveMaximum: 1 }],
  ['multipleOf', { type: 'number' }, { type: 'number', multipleOf: 2 }],
  ['multipleOf moved', { type: 'number', multipleOf: 2 }, { type: 'number', multipleOf: 4 }],
  ['minLength', { type: 'string' }, { type: 'string', minLength: 1 }],
  ['maxLength', { type: 'string', maxLength: 9 }, { type: 'string', maxLength: 8 }],
  ['pattern', { type: 'string' }, { type: 'string', pattern: '^a' }],
  ['minItems', { type: 'array' }, { type: 'array', minItems: 1 }],
  ['maxItems', { type: 'array', maxItems: 3 }, { type: 'array', maxItems: 2 }],
  ['uniqueItems', { type: 'array' }, { type: 'array', uniqueItems: true }],
  ['items', { type: 'array', items: {} }, { type: 'array', items: { type: 'string' } }],
  [
    'items below',
    { type: 'array', items: { type: 'string' } },
    { type: 'array', items: { type: 'string', maxLength: 3 } },
  ],
  ['contains', { type: 'array' }, { type: 'array', contains: { type: 'string' } }],
  [
    'minContains',
    { type: 'array', contains: { type: 'string' } },
    { type: 'array', contains: { type: 'string' }, minContains: 2 },
  ],
  [
    'maxContains',
    { type: 'array', contains: { type: 'string' }, maxContains: 3 },
    { type: 'array', contains: { type: 'string' }, maxContains: 2 },
  ],
  [
    'prefixItems below',
    { type: 'array', prefixItems: [{ type: 'number' }] },
    { type: 'array', prefixItems: [{ type: 'integer' }] },
  ],
  ['unevaluatedItems', { type: 'array' }, { type: 'array', unevaluatedItems: false }],
  [
    'required',
    { type: 'object', properties: { a: {} } },
    { type: 'object', properties: { a: {} }, required: ['a'] },
  ],
  [
    'a property below',
    { type: 'object', properties: { a: { type: 'string' } } },
    { type: 'object', properties: { a: { type: 'string', minLength: 1 } } },
  ],
  ['additionalProperties', { type: 'object' }, { type: 'object', additionalProperties: false }],
  [
    'additionalProperties of a schema',
    { type: 'object', additionalProperties: {} },
    { type: 'object', additionalProperties: { type: 'string' } },
  ],
  [
    'patternProperties',
    { type: 'object' },
    { type: 'object', patternProperties: { '^x': { type: 'string' } } },
  ],
  ['propertyNames', { type: 'object' }, { type: 'object', propertyNames: { maxLength: 3 } }],
  ['minProperties', { type: 'object' }, { type: 'object', minProperties: 1 }],
  ['maxProperties', { type: 'object', maxProperties: 3 }, { type: 'object', maxProperties: 2 }],
  ['dependentRequired', { type: 'object' }, { type: 'object', dependentRequired: { a: ['b'] } }],
  ['dependentSchemas', { type: 'object' }, { type: 'object', dependentSchemas: { a: { required: ['b'] } } }],
  [
    'unevaluatedProperties',
    { type: 'object', properties: { a: {} } },
    { type: 'object', properties: { a: {} }, unevaluatedProperties: false },
  ],
  ['allOf', { type: 'object' }, { type: 'object', allOf: [{ required: ['a'] }] }],
  ['anyOf', { anyOf: [{ type: 'string' }, { type: 'object' }] }, { anyOf: [{ type: 'string' }] }],
  [
    'oneOf',
    { oneOf: [{ type: 'string' }, { type: 'object' }, { type: 'array' }] },
    { oneOf: [{ type: 'string' }, { type: 'array' }] },
  ],
  ['not', { type: 'string' }, { type: 'string', not: { maxLength: 3 } }],
  ['below not', { not: { type: 'string', maxLength: 3 } }, { not: { type: 'string', maxLength: 5 } }],
  ['if and then', {}, when({ type: 'string' }, { maxLength: 3 })],
  ['below then', when({ type: 'string' }, { maxLength: 4 }), when({ type: 'string' }, { maxLength: 3 })],
  ['contentSchema', { type: 'string' }, { type: 'string', contentSchema: { type: 'object' } }],
]

/** Pairs that accept the same instances, spelt differently. */
export const spellings: readonly (readonly [what: string, one: unknown, other: unknown])[] = [
  ['const and an enum of one', { const: 'a' }, { enum: ['a'] }],
  ['a type that its values imply', { type: 'string', enum: ['a'] }, { enum: ['a'] }],
  ['the order of an enum', { enum: ['a', 'b'] }, { enum: ['b', 'a'] }],
  ['integers above and from', { type: 'integer', exclusiveMinimum: 4 }, { type: 'integer', minimum: 5 }],
  ['a null branch', { type: ['string', 'null'] }, { oneOf: [{ type: 'string' }, { type: 'null' }] }],
  ['a null branch of anyOf', { type: ['string', 'null'] }, { anyOf: [{ type: 'null' }, { type: 'string' }] }],
  [
    'a type list and oneOf',
    { type: ['string', 'integer'] },
    { oneOf: [{ type: 'string' }, { type: 'integer' }] },
  ],
  ['an enum and oneOf of const', { enum: ['a', 'b'] }, { oneOf: [{ const: 'a' }, { const: 'b' }] }],
  ['a group of one', { anyOf: [{ type: 'string' }] }, { type: 'string' }],
  [
    'properties moved into allOf',
    { type: 'object', required: ['a'], properties: { a: { type: 'string' }, b: { type: 'integer' } } },
    {
      allOf: [
        { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
        { properties: { b: { type: 'integer' } } },
      ],
    },
  ],
  [
    'the order of branches',
    { anyOf: [{ type: 'string' }, { type: 'array' }] },
    { anyOf: [{ type: 'array' }, { type: 'string' }] },
  ],
  ['nothing said', {}, true],
  [
    'annotations',
    { type: 'string' },
    { type: 'string', description: 'x', examples: ['y'], deprecated: true },
  ],
  ['a pattern of everything', { type: 'string' }, { type: 'string', pattern: '.*' }],
  ['lengths of zero', { type: 'string' }, { type: 'string', minLength: 0 }],
]
