/** The JSON types as bits. `integer` and the numbers that are none are two, so that a number is both of them. */
export const bit = {
  null: 1,
  boolean: 2,
  integer: 4,
  fraction: 8,
  string: 16,
  array: 32,
  object: 64,
} as const
export const allTypes = 127
export const numberTypes = bit.integer | bit.fraction
const scalarTypes = bit.boolean | numberTypes | bit.string

const named: Readonly<Record<string, number>> = {
  null: bit.null,
  boolean: bit.boolean,
  integer: bit.integer,
  number: numberTypes,
  string: bit.string,
  array: bit.array,
  object: bit.object,
}

/** The bits of a `type` keyword. A name that JSON Schema does not know is met by nothing. */
export function typesOf(keyword: unknown): number {
  if (keyword === undefined) return allTypes
  const names = Array.isArray(keyword) ? keyword : [keyword]
  return names.reduce((bits: number, name) => bits | (typeof name === 'string' ? (named[name] ?? 0) : 0), 0)
}

export function typeOfValue(value: unknown): number {
  if (value === null) return bit.null
  if (Array.isArray(value)) return bit.array
  if (typeof value === 'number') return Number.isInteger(value) ? bit.integer : bit.fraction
  if (typeof value === 'boolean') return bit.boolean
  return typeof value === 'string' ? bit.string : bit.object
}

export function typeNames(bits: number): string {
  if (bits === allTypes) return 'any'
  const names = Object.entries(named).filter(([name, value]) => {
    if (name === 'integer') return (bits & numberTypes) === bit.integer
    return (bits & value) === value
  })
  return names.map(([name]) => name).join(', ') || 'nothing'
}

/** What a receiver of plain text takes: whoever reads any string also reads a number or a boolean as one. */
export function asText(bits: number): number {
  return (bits & bit.string) !== 0 ? bits | scalarTypes : bits
}
