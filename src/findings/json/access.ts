/** Reads of a document of others: what is not of the expected form is absent. */
export type JsonMap = Readonly<Record<string, unknown>>

export function mapOf(value: unknown): JsonMap | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function mapsOf(value: unknown): readonly JsonMap[] {
  return listOf(value).filter((one): one is JsonMap => mapOf(one) !== undefined)
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function textsOf(value: unknown): readonly string[] {
  return listOf(value).flatMap((one) => textOf(one) ?? [])
}

/** A whole number from 1, as lines and columns are. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined
}

/** One line of plain text, short enough for a table and without what a terminal would obey. */
export function sentence(text: string, longest = 600): string {
  const plain = text
    .slice(0, longest * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`
}

/** `left` without keys that are undefined, for types that tell absent from undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(object)) if (value !== undefined) kept[key] = value
  return kept as { [K in keyof T]: Exclude<T[K], undefined> }
}
