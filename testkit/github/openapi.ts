import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

type Json = Record<string, unknown>

interface Operation {
  readonly requestBody?: { readonly content?: Record<string, { readonly schema?: Json }> }
  readonly responses: Record<
    string,
    { readonly $ref?: string; readonly content?: Record<string, { readonly schema?: Json }> }
  >
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly responses?: Record<string, Operation['responses'][string]> } & Json
}

export interface Exchange {
  readonly method: string
  /** Path below the REST base. */
  readonly path: string
  readonly status: number
  readonly request: unknown
  readonly response: unknown
}

/** Judges exchanges by GitHub's published description: what does not fit, one sentence each. */
export function exchangeValidator(): (exchange: Exchange) => string[] {
  const file = new URL('github-openapi.json', import.meta.url)
  const spec = JSON.parse(readFileSync(file, 'utf8')) as Description
  // Formats are not judged: the description calls templates such as `{/sha}` URIs.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'github', ...toJsonSchema(spec as unknown as Json) })
  const operations = Object.entries(spec.paths).map(([path, methods]) => ({
    path,
    pattern: pathPattern(path),
    methods,
  }))
  // A longer literal path wins over a template: /git/refs/{ref} never answers for /git/refs.
  operations.sort((a, b) => b.path.length - a.path.length)
  const compiled = new Map<string, ValidateFunction>()
  const check = (key: string, schema: Json | undefined, value: unknown, side: string): string[] => {
    if (schema === undefined) return []
    let validate = compiled.get(key)
    if (validate === undefined) {
      validate = ajv.compile(toJsonSchema(schema))
      compiled.set(key, validate)
    }
    if (validate(value)) return []
    return (validate.errors ?? []).map((error) => `${key} ${side}${error.instancePath}: ${error.message}`)
  }
  return ({ method, path, status, request, response }) => {
    const found = operations.find(
      (operation) => operation.pattern.test(path) && operation.methods[method.toLowerCase()],
    )
    const operation = found?.methods[method.toLowerCase()]
    if (found === undefined || operation === undefined) return [`${method} ${path} is not in the description`]
    const key = `${method} ${found.path}`
    const faults: string[] = []
    const asked = operation.requestBody?.content?.['application/json']?.schema
    // A request that GitHub would refuse may be malformed: only answered ones must fit.
    if (asked !== undefined && status < 400) faults.push(...check(`${key} request`, asked, request, 'body'))
    const direct = operation.responses[String(status)]
    const reference = direct?.$ref?.split('/').at(-1)
    const answer = reference === undefined ? direct : spec.components.responses?.[reference]
    // 401, 429 and 5xx are described once for the whole API, not with each operation.
    if (answer === undefined)
      return status === 401 || status === 429 || status >= 500
        ? faults
        : [...faults, `${key} has no status ${status}`]
    const schema = answer.content?.['application/json']?.schema
    // Raw media types are not described.
    if (typeof response === 'string' || response instanceof Uint8Array) return faults
    return [...faults, ...check(`${key} ${status}`, schema, response, 'body')]
  }
}

function pathPattern(template: string): RegExp {
  const pattern = template
    .replace(/\{(ref|path|basehead|tree_sha|branch)\}/g, '.+')
    .replace(/\{[^}]+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`)
}

/** OpenAPI 3.0 says `nullable`, JSON Schema says it in `type`; references move under the one `$id`. */
function toJsonSchema<T>(value: T): T {
  if (Array.isArray(value)) return value.map(toJsonSchema) as T
  if (typeof value !== 'object' || value === null) return value
  const out: Json = {}
  for (const [key, child] of Object.entries(value)) out[key] = toJsonSchema(child)
  if (typeof out.$ref === 'string' && out.$ref.startsWith('#/')) out.$ref = `github${out.$ref}`
  if (out.nullable === true) {
    delete out.nullable
    return { anyOf: [{ type: 'null' }, out] } as T
  }
  return out as T
}
