import { badRequest, StatusError } from './faults.ts'
import { clone, isObject, type Json, type JsonObject, same } from './objects.ts'

/** JSON Merge Patch, RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return clone(patch)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (value !== undefined) result[key] = mergePatch(result[key], value)
  }
  return result
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: Json
}

/** JSON Patch, RFC 6902. A failed `test` or a missing path refuses the whole patch, as the API server does (422). */
export function jsonPatch(document: Json, operations: Json): Json {
  if (!Array.isArray(operations)) throw badRequest('json patch is not an array of operations')
  let result = clone(document)
  for (const raw of operations) {
    if (!isObject(raw) || typeof raw.op !== 'string' || typeof raw.path !== 'string')
      throw badRequest('json patch is malformed')
    result = apply(result, raw as unknown as Operation)
  }
  return result
}

const refused = (message: string) =>
  new StatusError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${message}`,
  )

function apply(document: Json, operation: Operation): Json {
  const path = pointer(operation.path)
  switch (operation.op) {
    case 'test':
      if (!same(read(document, path), operation.value))
        throw refused(`testing value ${operation.path} failed`)
      return document
    case 'add':
      return write(document, path, operation.value ?? null, 'add')
    case 'replace':
      if (read(document, path) === undefined) throw refused(`replace of ${operation.path}: missing value`)
      return write(document, path, operation.value ?? null, 'replace')
    case 'remove':
      if (read(document, path) === undefined) throw refused(`remove of ${operation.path}: missing value`)
      return write(document, path, undefined, 'remove')
    case 'copy':
    case 'move': {
      const from = pointer(operation.from ?? '')
      const value = read(document, from)
      if (value === undefined) throw refused(`${operation.op} from ${operation.from}: missing value`)
      const rest = operation.op === 'move' ? write(document, from, undefined, 'remove') : document
      return write(rest, path, clone(value), 'add')
    }
    default:
      throw badRequest(`json patch has no operation ${operation.op}`)
  }
}

export function pointer(text: string): string[] {
  if (text === '') return []
  if (!text.startsWith('/')) throw badRequest(`${text} is no JSON pointer`)
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(document: Json | undefined, path: readonly string[]): Json | undefined {
  let at: Json | undefined = document
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)]
    else if (isObject(at)) at = Object.hasOwn(at, part) ? at[part] : undefined
    else return undefined
  }
  return at
}

function write(
  document: Json,
  path: readonly string[],
  value: Json | undefined,
  mode: 'add' | 'replace' | 'remove',
): Json {
  const [head, ...rest] = path
  if (head === undefined) {
    if (value === undefined) throw refused('the whole document cannot be removed')
    return value
  }
  if (Array.isArray(document)) {
    const list = [...document]
    const index = head === '-' ? list.length : Number(head)
    if (!Number.isInteger(index) || index < 0 || index > list.length) throw refused(`no index ${head}`)
    if (rest.length > 0) list[index] = write(list[index] ?? null, rest, value, mode)
    else if (mode === 'remove') list.splice(index, 1)
    else if (mode === 'add') list.splice(index, 0, value ?? null)
    else list[index] = value ?? null
    return list
  }
  if (!isObject(document)) throw refused(`${head}: the parent is missing`)
  const child = Object.hasOwn(document, head) ? document[head] : undefined
  if (rest.length > 0) {
    if (child === undefined) throw refused(`${head}: the parent is missing`)
    return { ...document, [head]: write(child, rest, value, mode) }
  }
  if (value === undefined) {
    const { [head]: _removed, ...kept } = document
    return kept
  }
  return { ...document, [head]: value }
}
