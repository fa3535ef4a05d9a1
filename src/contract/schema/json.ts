/** JSON as the parsers hand it over, and the few questions that are asked about it everywhere. */
export type JsonObject = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function stringsOf(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === 'string')
}

/** An own key only: documents may well hold a property called `constructor`. */
export function keyOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const texts = new WeakMap<object, string>()
/** A text that is equal for equal JSON values, whatever the order of keys. Values nested too deep get a text of their own. */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return scalar(value)
  const known = texts.get(value)
  if (known !== undefined) return known
  if (depth > 200) return `"too deep ${++tooDeep}"`
  const text = Array.isArray(value)
    ? `[${value.map((one) => canonical(one, depth + 1)).join(',')}]`
    : `{${Object.entries(value)
        .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one, depth + 1)}`)
        .sort()
        .join(',')}}`
  // Only small texts are kept: the texts of all levels of a big document would be quadratic.
  if (text.length < 2000) texts.set(value, text)
  return text
}

let tooDeep = 0

function scalar(value: unknown): string {
  // 1 and 1.0 are one number in JSON Schema, and JavaScript prints both alike.
  return value === undefined ? 'null' : (JSON.stringify(value) ?? 'null')
}
