import type { Random } from './random.ts'

export type RandomSchema = boolean | { [keyword: string]: unknown }

const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
const names = ['a', 'b', 'c'] as const
const values = [null, true, 0, 1, 2, 1.5, 'a', 'b', 'ab'] as const

/** Keywords with a way to make each; few names and small numbers, so that two schemas have something in common. */
type Maker = (random: Random, depth: number) => unknown
const conditional: Maker = (random, depth) => randomSchema(random, depth + 1)
const makers: Readonly<Record<string, Maker>> = {
  type: (random) =>
    random.chance(0.7) ? random.pick(types) : [random.pick(types), random.pick(types)].filter(isFirst),
  enum: (random) => [random.pick(values), random.pick(values), random.pick(values)].filter(isFirst),
  const: (random) => random.pick(values),
  minimum: (random) => random.below(4),
  maximum: (random) => random.below(5),
  exclusiveMinimum: (random) => random.below(3),
  exclusiveMaximum: (random) => random.below(5),
  multipleOf: (random) => random.pick([1, 2, 3, 4, 0.5]),
  minLength: (random) => random.below(3),
  maxLength: (random) => random.below(4),
  pattern: (random) => random.pick(['^a', 'b$', 'ab', '.*']),
  minItems: (random) => random.below(3),
  maxItems: (random) => random.below(4),
  uniqueItems: (random) => random.chance(0.7),
  items: (random, depth) => randomSchema(random, depth + 1),
  prefixItems: (random, depth) =>
    [randomSchema(random, depth + 1), randomSchema(random, depth + 1)].slice(random.below(2)),
  contains: (random, depth) => randomSchema(random, depth + 1),
  minContains: (random) => random.below(3),
  maxContains: (random) => 1 + random.below(3),
  properties: (random, depth) => randomMap(random, depth),
  required: (random) => [random.pick(names), random.pick(names)].filter(isFirst),
  additionalProperties: (random, depth) =>
    random.chance(0.5) ? random.chance(0.3) : randomSchema(random, depth + 1),
  patternProperties: (random, depth) => ({
    [random.pick(['^a', 'b', '^c$'])]: randomSchema(random, depth + 1),
  }),
  propertyNames: (random) =>
    random.pick<RandomSchema>([{ pattern: '^a' }, { maxLength: 1 }, { enum: ['a', 'b'] }]),
  minProperties: (random) => random.below(3),
  maxProperties: (random) => random.below(4),
  dependentRequired: (random) => ({ [random.pick(names)]: [random.pick(names)] }),
  dependentSchemas: (random, depth) => ({ [random.pick(names)]: randomSchema(random, depth + 1) }),
  unevaluatedProperties: (random, depth) => (random.chance(0.7) ? false : randomSchema(random, depth + 1)),
  unevaluatedItems: (random, depth) => (random.chance(0.7) ? false : randomSchema(random, depth + 1)),
  allOf: (random, depth) => randomList(random, depth),
  anyOf: (random, depth) => randomList(random, depth),
  oneOf: (random, depth) => randomList(random, depth),
  not: (random, depth) => randomSchema(random, depth + 1),
  if: (random, depth) => randomSchema(random, depth + 1),
  else: (random, depth) => randomSchema(random, depth + 1),
  $ref: (random) => `#/$defs/${random.pick(names)}`,
  description: (random) => random.pick(['one', 'two']),
}
/** `then` and `else` stand here as text: an object with a key `then` looks like a promise to some tools. */
const makerOf = (keyword: string): Maker | undefined => (keyword === 'then' ? conditional : makers[keyword])
const keywords: readonly [string, ...string[]] = ['then', ...Object.keys(makers)]
/** Which keywords go together with a type, so that most schemas say something. */
const together: Readonly<Record<string, readonly [string, ...string[]]>> = {
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'enum'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  string: ['minLength', 'maxLength', 'pattern', 'enum', 'const'],
  array: [
    'items',
    'prefixItems',
    'minItems',
    'maxItems',
    'uniqueItems',
    'contains',
    'minContains',
    'maxContains',
  ],
  object: [
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'propertyNames',
    'dependentRequired',
  ],
}

function isFirst(value: unknown, index: number, list: readonly unknown[]): boolean {
  return list.indexOf(value) === index
}

function randomMap(random: Random, depth: number): object {
  const chosen = names.filter(() => random.chance(0.5))
  return Object.fromEntries(chosen.map((name) => [name, randomSchema(random, depth + 1)]))
}

function randomList(random: Random, depth: number): readonly RandomSchema[] {
  const list = [randomSchema(random, depth + 1), randomSchema(random, depth + 1)]
  return random.chance(0.2) ? [...list, { type: 'null' }] : list
}

export function randomSchema(random: Random, depth = 0): RandomSchema {
  if (random.chance(0.04)) return random.chance(0.8)
  const schema: Record<string, unknown> = {}
  if (depth > 3) return { type: random.pick(types) }
  const type = random.pick(types)
  if (random.chance(0.75)) schema.type = type
  const near = together[type]
  if (near !== undefined) {
    for (let count = random.below(4); count > 0; count -= 1) set(schema, random.pick(near), random, depth)
  }
  for (let count = random.below(2); count > 0; count -= 1) set(schema, random.pick(keywords), random, depth)
  return schema
}

function set(schema: Record<string, unknown>, keyword: string, random: Random, depth: number): void {
  const make = makerOf(keyword)
  if (make !== undefined) schema[keyword] = make(random, depth)
}

/** A root with definitions that its references lead to; the definitions may refer to each other. */
export function randomRoot(random: Random): RandomSchema {
  const root = randomSchema(random)
  const $defs = Object.fromEntries(names.map((name) => [name, guardedSchema(random)]))
  return isObject(root) ? { ...root, $defs } : { allOf: [root], $defs }
}

/** A definition without a reference at its own level: those could be nothing but a circle. */
function guardedSchema(random: Random): RandomSchema {
  const schema = randomSchema(random, 2)
  return JSON.stringify(schema).includes('$ref') && !JSON.stringify(schema).includes('"properties"')
    ? true
    : schema
}

/** The same schema with one to three edits somewhere in it. */
export function edited(schema: RandomSchema, random: Random): RandomSchema {
  const copy: unknown = structuredClone(schema)
  for (let count = 1 + random.below(3); count > 0; count -= 1) editOnce(copy, random)
  return copy as RandomSchema
}

function editOnce(schema: unknown, random: Random): void {
  const places = objectsIn(schema, 0)
  const [first] = places
  if (first === undefined) return
  const { at, depth } = random.pick([first, ...places])
  const own = Object.keys(at).filter((keyword) => makerOf(keyword) !== undefined)
  const [keyword] = own
  const choice = random.below(4)
  if (choice === 0 && keyword !== undefined) delete at[random.pick([keyword, ...own])]
  else if (choice === 1 && keyword !== undefined) set(at, random.pick([keyword, ...own]), random, depth)
  else if (choice === 2 && typeof at.type === 'string' && together[at.type] !== undefined) {
    set(at, random.pick(together[at.type] ?? ['type']), random, depth)
  } else set(at, random.pick(keywords), random, depth)
}

/** Schema objects below a schema, itself included; values of `enum` and the like hold no objects. */
function objectsIn(value: unknown, depth: number): { at: Record<string, unknown>; depth: number }[] {
  if (Array.isArray(value)) return value.flatMap((one) => objectsIn(one, depth))
  if (!isObject(value)) return []
  const below = Object.values(value).flatMap((one) => objectsIn(one, depth + 1))
  const isSchema = Object.keys(value).every((key) => makerOf(key) !== undefined || key === '$defs')
  return isSchema ? [{ at: value, depth }, ...below] : below
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
