import { posix } from 'node:path'
import { err, type Fault, FaultError, ok, type Result } from '../../release/index.ts'
import {
  missingFile,
  missingTarget,
  notOpenApi,
  outside,
  remoteReference,
  tooLarge,
  wrongVersion,
} from '../faults.ts'
import type { FileReader } from '../files.ts'
import { isObject, keyOf } from '../schema/json.ts'
import { at, type Dialect, type Place, pointerOf, rootPlace, type Source } from '../schema/place.ts'
import { type Parsed, parseText } from './parse.ts'

/** More files than this are refused: a description of an API is not a file system. */
const maxFiles = 2000

/** A document, of OpenAPI or another kind, with everything that it refers to. */
export interface Description {
  readonly root: Place
  readonly version: string
  resolve(at: Place, ref: string): Place
  /** The line of a value; undefined for what no document holds. */
  lineOf(place: Place): number | undefined
}

interface LoadedFile {
  readonly source: Source
  readonly parsed: Parsed
  readonly root: Place
  anchors?: ReadonlyMap<string, Place>
}

/** Reads an OpenAPI description and all files that it refers to. */
export function loadDescription(path: string, reader: FileReader): Promise<Result<Description>> {
  return loadDocument(path, reader, versionOf, (version) =>
    version.startsWith('3.0') ? 'openapi-3.0' : 'json-schema',
  )
}

/** Reads a document and all files that it refers to; `versionOf` refuses what is of another kind. */
export async function loadDocument(
  path: string,
  reader: FileReader,
  versionOf: (path: string, value: unknown) => Result<string>,
  dialectOf: (version: string) => Dialect = () => 'json-schema',
): Promise<Result<Description>> {
  const files = new Map<string, LoadedFile | Fault>()
  const main = await loadFile(normal(path), 'json-schema', reader)
  if (!main.ok) return main
  const version = versionOf(normal(path), main.value.root.value)
  if (!version.ok) return version
  const dialect = dialectOf(version.value)
  const first = withDialect(main.value, dialect)
  files.set(first.source.file, first)
  const open = [...targetsOf(first)]
  while (open.length > 0) {
    const next = open.pop()
    if (next === undefined || files.has(next)) continue
    if (files.size >= maxFiles)
      return err(tooLarge(first.source.file, `it refers to more than ${maxFiles} files`))
    const loaded = await loadFile(next, dialect, reader)
    // A file that is missing counts only if something that is compared refers to it: examples may say `$ref` too.
    files.set(next, loaded.ok ? loaded.value : loaded.fault)
    if (loaded.ok) open.push(...targetsOf(loaded.value))
  }
  return ok({
    root: first.root,
    version: version.value,
    resolve: createResolver(files),
    lineOf: (place) => {
      const file = files.get(place.source.file)
      return file === undefined || !('parsed' in file) ? undefined : file.parsed.lineOf(place)
    },
  })
}

async function loadFile(path: string, dialect: Dialect, reader: FileReader): Promise<Result<LoadedFile>> {
  if (leavesRoot(path)) return err(outside(path))
  const text = await reader.read(path)
  if (!text.ok) return text
  const parsed = parseText(text.value, path)
  if (!parsed.ok) return parsed
  const source: Source = { file: path, dialect }
  return ok({ source, parsed: parsed.value, root: rootPlace(source, parsed.value.value) })
}

function withDialect({ source, parsed }: LoadedFile, dialect: Dialect): LoadedFile {
  const own: Source = { file: source.file, dialect }
  return { source: own, parsed, root: rootPlace(own, parsed.value) }
}

function versionOf(path: string, value: unknown): Result<string> {
  if (!isObject(value)) return err(notOpenApi(path, 'it is no mapping'))
  const [version, swagger] = [keyOf(value, 'openapi'), keyOf(value, 'swagger')]
  if (version === undefined && swagger !== undefined) {
    return err(wrongVersion(path, `Swagger ${swagger}`, 'Convert it to OpenAPI 3 once and keep the result.'))
  }
  if (version === undefined) return err(notOpenApi(path, 'it has no `openapi` field'))
  const text = typeof version === 'number' ? version.toFixed(1) : String(version)
  if (!/^3\.[0-2](\.|$)/.test(text)) {
    return err(wrongVersion(path, text, 'Give a description in one of these versions.'))
  }
  return ok(text)
}

const normal = (path: string): string => posix.normalize(path.replaceAll('\\', '/'))
const leavesRoot = (path: string): boolean =>
  path.startsWith('../') || path === '..' || posix.isAbsolute(path)
const isRemote = (ref: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(ref) || ref.startsWith('//')

/** Files that a document refers to. Nothing is read from here that the resolver would refuse. */
function* targetsOf({ source, root }: LoadedFile): Generator<string> {
  const seen = new Set<unknown>()
  const open: unknown[] = [root.value]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    for (const one of Object.values(value)) open.push(one)
    const ref = keyOf(value, '$ref')
    if (typeof ref !== 'string' || ref.startsWith('#') || isRemote(ref)) continue
    const file = fileOf(source.file, ref)
    if (!leavesRoot(file)) yield file
  }
}

function fileOf(from: string, ref: string): string {
  const [path = ''] = ref.split('#', 1)
  const target = decoded(path)
  if (target === '') return from
  return normal(posix.isAbsolute(target) ? target : posix.join(posix.dirname(from), target))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function createResolver(files: ReadonlyMap<string, LoadedFile | Fault>) {
  const known = new Map<string, Place>()
  return (from: Place, ref: string): Place => {
    const key = `${from.source.file} ${ref}`
    const found = known.get(key)
    if (found !== undefined) return found
    const target = resolveOnce(files, from, ref)
    known.set(key, target)
    return target
  }
}

function resolveOnce(files: ReadonlyMap<string, LoadedFile | Fault>, from: Place, ref: string): Place {
  const here = { file: from.source.file, ...lineIn(files, from) }
  if (isRemote(ref)) throw new FaultError(remoteReference(ref, here))
  const path = fileOf(from.source.file, ref)
  if (leavesRoot(path)) throw new FaultError(outside(path, here))
  const file = files.get(path)
  if (file === undefined) throw new FaultError(missingFile(path, here))
  if (!('root' in file))
    throw new FaultError(file.reason === 'contract-missing' ? missingFile(path, here) : file)
  const fragment = ref.includes('#') ? decoded(ref.slice(ref.indexOf('#') + 1)) : ''
  const target = isPointer(fragment) ? walk(file.root, fragment) : anchor(file, fragment)
  if (target === undefined || target.value === undefined) throw new FaultError(missingTarget(ref, here))
  return target
}

function lineIn(files: ReadonlyMap<string, LoadedFile | Fault>, place: Place): { line?: number } {
  const file = files.get(place.source.file)
  const line = file !== undefined && 'parsed' in file ? file.parsed.lineOf(place) : undefined
  return line === undefined ? {} : { line }
}

/** `#components/schemas/A` is no anchor, for anchors have no slash: a pointer whose first slash was forgotten. */
const isPointer = (fragment: string): boolean => fragment === '' || fragment.includes('/')

function walk(root: Place, pointer: string): Place {
  const keys = pointer.replace(/^\//, '').split('/')
  if (pointer === '') return root
  return at(root, ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')))
}

/** `$anchor` and `$dynamicAnchor` of JSON Schema, looked up once per file. */
function anchor(file: LoadedFile, name: string): Place | undefined {
  file.anchors ??= anchorsOf(file.root)
  return file.anchors.get(name)
}

function anchorsOf(root: Place): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>()
  const open: Place[] = [root]
  while (open.length > 0) {
    const here = open.pop()
    if (here === undefined || typeof here.value !== 'object' || here.value === null) continue
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const name = keyOf(here.value, keyword)
      if (typeof name === 'string' && !found.has(name)) found.set(name, here)
    }
    for (const key of Object.keys(here.value)) open.push(at(here, key))
  }
  return found
}

/** How a place is shown to people and kept in results. */
export function shown(place: Place): string {
  return `${place.source.file}#${pointerOf(place)}`
}
