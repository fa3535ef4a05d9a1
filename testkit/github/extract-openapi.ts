import { readFileSync, writeFileSync } from 'node:fs'

// node testkit/github/extract-openapi.ts node_modules/@octokit/openapi/generated/api.github.com.json
//
// Cuts the operations that the stand-in answers out of GitHub's published description. The package is
// 400 MB, so it is no dependency: it is installed somewhere else when a path is added here.

const wanted: Readonly<Record<string, readonly string[]>> = {
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}': ['get'],
  '/repos/{owner}/{repo}/compare/{basehead}': ['get'],
  '/repos/{owner}/{repo}/contents/{path}': ['get'],
  '/repos/{owner}/{repo}/git/blobs': ['post'],
  '/repos/{owner}/{repo}/git/blobs/{file_sha}': ['get'],
  '/repos/{owner}/{repo}/git/commits': ['post'],
  '/repos/{owner}/{repo}/git/commits/{commit_sha}': ['get'],
  '/repos/{owner}/{repo}/git/matching-refs/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/ref/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/refs': ['post'],
  '/repos/{owner}/{repo}/git/refs/{ref}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/git/trees': ['post'],
  '/repos/{owner}/{repo}/git/trees/{tree_sha}': ['get'],
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function object(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new Error(`the description has no ${what}`)
  return value
}

const prose = new Set([
  'examples',
  'example',
  'description',
  'externalDocs',
  'tags',
  'summary',
  'x-github',
  'x-githubEnterpriseOverlays',
])

/** Without prose and examples; a property that is called `description` is a schema and stays. */
function strip(value: Json, insideProperties = false): Json {
  if (Array.isArray(value)) return value.map((item) => strip(item))
  if (!isObject(value)) return value
  const kept: JsonObject = {}
  for (const [key, child] of Object.entries(value)) {
    if (!insideProperties && prose.has(key)) continue
    kept[key] = strip(child, key === 'properties')
  }
  return kept
}

export function extract(spec: JsonObject, paths: Readonly<Record<string, readonly string[]>>): JsonObject {
  const components: Record<string, JsonObject> = {}
  const all = object(spec.components, 'components')
  const pull = (value: Json): void => {
    if (Array.isArray(value)) {
      value.forEach(pull)
      return
    }
    if (!isObject(value)) return
    const target = value.$ref
    if (typeof target === 'string') {
      const [, , kind, name] = target.split('/')
      if (kind === undefined || name === undefined) throw new Error(`unexpected reference ${target}`)
      const found = object(all[kind], kind)[name]
      components[kind] ??= {}
      if (components[kind][name] !== undefined) return
      const copy = strip(object(found, target))
      components[kind][name] = copy
      pull(copy)
      return
    }
    Object.values(value).forEach(pull)
  }
  const out: JsonObject = {}
  for (const [path, methods] of Object.entries(paths)) {
    const described = object(object(spec.paths, 'paths')[path], path)
    const item = strip(
      Object.fromEntries(methods.map((method) => [method, object(described[method], `${method} ${path}`)])),
    )
    out[path] = item
    pull(item)
  }
  const sorted: JsonObject = {}
  for (const kind of Object.keys(components).sort()) {
    sorted[kind] = Object.fromEntries(
      Object.entries(components[kind] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
  const info = object(spec.info, 'info')
  return {
    openapi: spec.openapi ?? '3.0.3',
    info: { title: info.title ?? '', version: info.version ?? '', license: info.license ?? {} },
    paths: out,
    components: sorted,
  }
}

if (import.meta.main) {
  const source = process.argv[2]
  if (source === undefined) throw new Error('usage: extract-openapi.ts <path of api.github.com.json>')
  const target = new URL('github-openapi.json', import.meta.url)
  const text = JSON.stringify(extract(JSON.parse(readFileSync(source, 'utf8')) as JsonObject, wanted))
  writeFileSync(target, `${text}\n`)
  process.stdout.write(`${Object.keys(wanted).length} paths, ${Math.round(text.length / 1024)} KiB\n`)
}
