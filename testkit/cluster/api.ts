import type { HttpRequest, Reply, StreamReply } from '../http/index.ts'
import { type Accounts, accountOf, authorise } from './access.ts'
import { badRequest, notFound, StatusError, statusBody, unsupported } from './faults.ts'
import { apiVersionOf, findKind, type Kind, kindOf } from './kinds.ts'
import { isObject, type Json, type KubeObject } from './objects.ts'
import { jsonPatch, mergePatch } from './patch.ts'
import { matcherOf } from './selectors.ts'
import type { Store } from './store.ts'
import { watch } from './watch.ts'

export interface Target {
  readonly kind: Kind
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** `/api/v1/...` and `/apis/<group>/<version>/...`; undefined when the path names no kind that is stored. */
export function parsePath(path: string): Target | undefined {
  const core = /^\/api\/v1\/(.+)$/.exec(path)
  const grouped = /^\/apis\/([^/]+)\/([^/]+)\/(.+)$/.exec(path)
  const [group, version, rest] = core
    ? ['', 'v1', core[1]]
    : grouped
      ? [grouped[1], grouped[2], grouped[3]]
      : []
  if (group === undefined || version === undefined || rest === undefined) return undefined
  const parts = rest.split('/')
  const scoped = parts[0] === 'namespaces' && parts.length >= 3
  const namespace = scoped ? parts[1] : undefined
  const [plural = '', name, subresource, ...more] = scoped ? parts.slice(2) : parts
  const kind = findKind(group, version, plural)
  if (kind === undefined || more.length > 0 || scoped !== (kind.namespaced && (scoped || name !== undefined)))
    return undefined
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

export interface ApiContext {
  readonly store: Store
  readonly accounts: Accounts
  readonly openWatches: Set<() => void>
}

export function handleApi(context: ApiContext, request: HttpRequest): Reply {
  try {
    const account = accountOf(request, context.accounts)
    if (request.path === '/version')
      return { status: 200, body: { major: '1', minor: '34', gitVersion: 'v1.34.0+testkit' } }
    if (request.path === '/readyz' || request.path === '/livez') return { status: 200, body: 'ok' }
    const target = parsePath(request.path)
    if (target === undefined) throw unsupported(`the path ${request.path}`)
    if (
      target.subresource !== undefined &&
      (target.subresource !== 'status' || !target.kind.statusSubresource)
    ) {
      if (target.subresource === 'status')
        throw new StatusError(404, 'NotFound', 'the server could not find the requested resource')
      throw unsupported(`the subresource ${target.subresource}`)
    }
    const verb = verbOf(request, target)
    authorise(account, { verb, ...target })
    if (request.query.has('dryRun')) throw unsupported('dryRun')
    const result = answer(context, request, target, verb)
    return 'stream' in result ? result : { status: verb === 'create' ? 201 : 200, ...result }
  } catch (error) {
    if (error instanceof StatusError) return { status: error.code, body: statusBody(error) }
    throw error
  }
}

function verbOf(request: HttpRequest, target: Target): string {
  const watching = ['1', 'true'].includes(request.query.get('watch') ?? '')
  switch (request.method) {
    case 'GET':
      return target.name !== undefined ? 'get' : watching ? 'watch' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return target.name === undefined ? 'deletecollection' : 'delete'
    default:
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      )
  }
}

type Body = { readonly body: object } | StreamReply

function answer(context: ApiContext, request: HttpRequest, target: Target, verb: string): Body {
  const { store } = context
  const { kind, namespace, name = '' } = target
  const part = target.subresource === 'status' ? 'status' : 'object'
  const current = (): KubeObject => {
    const found = store.get(kind, namespace, name)
    if (found === undefined) throw notFound(kind, name)
    return found
  }
  switch (verb) {
    case 'get':
      return { body: current() }
    case 'list':
      return { body: list(store, request, target) }
    case 'watch':
      return watch(
        store,
        { kind, namespace, matches: matcherOf(request.query), query: request.query },
        context.openWatches,
      )
    case 'create':
      return { body: store.create(kind, objectBody(request, target)) }
    case 'update':
      return { body: store.replace(kind, objectBody(request, target), part) }
    case 'patch':
      return { body: store.replace(kind, patched(request, current(), target), part) }
    case 'delete':
      return { body: remove(store, request, target) }
    default:
      throw unsupported(`the verb ${verb}`)
  }
}

function list(store: Store, request: HttpRequest, { kind, namespace }: Target): object {
  const items = store.list(kind, namespace).filter(matcherOf(request.query))
  const limit = Number(request.query.get('limit') ?? '0')
  if (limit > 0 && items.length > limit) throw unsupported('lists in pages')
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: { resourceVersion: String(store.version) },
    items: kind.custom ? items : items.map(({ apiVersion: _a, kind: _k, ...rest }) => rest),
  }
}

function remove(store: Store, request: HttpRequest, { kind, namespace, name = '' }: Target): object {
  const options = request.body.length > 0 ? parseJson(request) : {}
  const policy =
    (isObject(options) ? options.propagationPolicy : undefined) ??
    request.query.get('propagationPolicy') ??
    'Background'
  if (policy !== 'Background' && policy !== 'Foreground')
    throw unsupported(`the propagation policy ${String(policy)}`)
  const gone = store.delete(kind, namespace, name)
  const group = kind.group === '' ? {} : { group: kind.group }
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...group, kind: kind.plural, uid: gone.metadata.uid },
  }
}

function parseJson(request: HttpRequest): Json {
  try {
    return JSON.parse(request.body.toString('utf8')) as Json
  } catch {
    throw badRequest('the object provided is unrecognized (must be of type JSON)')
  }
}

function objectBody(request: HttpRequest, target: Target): KubeObject {
  const body = parseJson(request)
  if (
    !isObject(body) ||
    !isObject(body.metadata) ||
    typeof body.kind !== 'string' ||
    typeof body.apiVersion !== 'string'
  ) {
    throw badRequest('the body is no object of the API')
  }
  const object = body as unknown as KubeObject
  if (kindOf(object) !== target.kind)
    throw badRequest(`${object.apiVersion}, Kind=${object.kind} does not belong to this path`)
  if (target.namespace !== undefined) {
    object.metadata.namespace ??= target.namespace
    if (object.metadata.namespace !== target.namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      )
    }
  }
  if (target.name !== undefined && object.metadata.name !== target.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${target.name})`,
    )
  }
  return object
}

function patched(request: HttpRequest, current: KubeObject, { kind }: Target): KubeObject {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  const before = current as unknown as Json
  if (type === 'application/merge-patch+json') {
    return withIdentity(mergePatch(before, parseJson(request)), current)
  }
  if (type === 'application/json-patch+json')
    return withIdentity(jsonPatch(before, parseJson(request)), current)
  if (
    type === 'application/apply-patch+yaml' ||
    (type === 'application/strategic-merge-patch+json' && !kind.custom)
  ) {
    throw unsupported(`patches of type ${type}`)
  }
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  )
}

/** A patch cannot rename; a version that it names must be the current one. */
function withIdentity(value: Json, current: KubeObject): KubeObject {
  if (!isObject(value) || !isObject(value.metadata)) throw badRequest('the patch leaves no object')
  const object = value as unknown as KubeObject
  if (object.metadata.name !== current.metadata.name)
    throw badRequest('the name of the object cannot be changed')
  return object
}
