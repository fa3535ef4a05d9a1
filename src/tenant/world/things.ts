import { randomInt, randomUUID } from 'node:crypto'
import { isObject, keyOf } from '../../contract/index.ts'
import type { Source } from '../api/graph.ts'
import { singular } from '../api/graph.ts'
import { type Answer, headerOf } from '../client/answer.ts'
import { leavesOf } from '../oracle/flat.ts'
import { shortestSecret } from '../oracle/secrets.ts'
import type { Side } from '../types.ts'

/** Something that the run has made for a tenant. */
export interface Thing {
  readonly resource: string
  readonly side: Side
  readonly id: string | number
  /** What the service said when it was made. */
  readonly answer: unknown
  /** What it was made from. */
  readonly request: unknown
  /** By resource: what it hangs below. */
  readonly parents: ReadonlyMap<string, Thing>
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value
  for (const key of path) here = Array.isArray(here) ? here[Number(key)] : keyOf(here, key)
  return here
}

const keysOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The id, or the property that a source names. */
export function sourceValue(thing: Thing | undefined, { pointer }: Source): string | number | undefined {
  if (thing === undefined) return undefined
  if (pointer === undefined) return thing.id
  const value =
    valueAt(inner(thing.answer, thing.resource), keysOf(pointer)) ?? valueAt(thing.answer, keysOf(pointer))
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

/** The id in an answer: where the owner says, by the usual names, or the end of `Location`. */
export function idIn(
  answer: Answer,
  resource: string,
  pointer: string | undefined,
): string | number | undefined {
  const body = inner(answer.json, resource)
  const one = singular(resource)
  const names = ['id', `${one}Id`, `${one}_id`, `${one}ID`, 'uuid', 'uid', 'key', 'number']
  const candidates =
    pointer === undefined ? names.map((name) => keyOf(body, name)) : [valueAt(answer.json, keysOf(pointer))]
  const found = candidates.find((value) => typeof value === 'string' || typeof value === 'number')
  if (typeof found === 'string' || typeof found === 'number') return found
  const [, last] = /\/([^/?#]+)\/?$/.exec(headerOf(answer, 'location') ?? '') ?? []
  return last === undefined ? undefined : decodeURIComponent(last)
}

/** Some services wrap what they answer: `{"data": {…}}`, `{"project": {…}}`. */
function inner(json: unknown, resource: string): unknown {
  if (!isObject(json)) return json
  for (const key of ['data', 'result', 'item', singular(resource), resource])
    if (isObject(json[key])) return json[key]
  return json
}

/** An id of the same form that nobody has. */
export function strangersId(id: string | number): string {
  const text = String(id)
  if (typeof id === 'number' || /^\d{1,9}$/.test(text)) return String(1_900_000_000 + randomInt(100_000_000))
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return randomUUID()
  return text.replaceAll(/[a-z0-9]/gi, (one) => {
    const alphabet = /\d/.test(one)
      ? '0123456789'
      : /[a-f]/.test(one)
        ? 'abcdef'
        : /[A-F]/.test(one)
          ? 'ABCDEF'
          : /[a-z]/.test(one)
            ? 'ghjkmnpq'
            : 'GHJKMNPQ'
    return alphabet[randomInt(alphabet.length)] ?? one
  })
}

/** Values that the service made for one tenant and not for the other. */
export function ownValues(things: readonly Thing[], side: Side): readonly string[] {
  const of = (wanted: boolean) =>
    things
      .filter((thing) => (thing.side === side) === wanted)
      .flatMap((thing) => [String(thing.id), ...texts(thing.answer)])
  const foreign = new Set(of(false))
  return [...new Set(of(true))].filter((value) => value.length >= shortestSecret && !foreign.has(value))
}

const moment = /^\d{4}-\d{2}-\d{2}/

/** Texts that can only be ids and keys: long, without spaces, no dates. */
function texts(answer: unknown): readonly string[] {
  return [...leavesOf(answer, 500).values()].filter(
    (leaf): leaf is string =>
      typeof leaf === 'string' && /^[\w-]{16,128}$/.test(leaf) && /\d/.test(leaf) && !moment.test(leaf),
  )
}
