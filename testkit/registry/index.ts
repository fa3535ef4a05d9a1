import {
  type CommonOptions,
  type HttpRequest,
  type LoggedRequest,
  type Reply,
  startServer,
} from '../http/index.ts'
import { blobRoutes } from './blobs.ts'
import { createFaults, errors, type FaultSwitch, refusal } from './faults.ts'
import { manifestRoutes } from './manifests.ts'
import { createStorage } from './storage.ts'

export type { FaultKind, FaultSwitch } from './faults.ts'
export { digestOf } from './storage.ts'

export interface RegistryOptions extends CommonOptions {
  /** Tags that may not move once they are set. None when absent. */
  readonly immutable?: (repository: string, tag: string) => boolean
  /** False: a registry of before OCI 1.1, without the referrers API. */
  readonly referrers?: boolean
  readonly maxBodyBytes?: number
}

export interface RegistryStandIn {
  readonly url: string
  /** `127.0.0.1:port`, as it stands in an image name. */
  readonly host: string
  readonly faults: FaultSwitch
  readonly requests: readonly LoggedRequest[]
  close(): Promise<void>
}

const name = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*'
const route = new RegExp(`^/v2/(${name})/(blobs|manifests|tags|referrers)/(.+)$`)
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The OCI distribution API with referrers, and switches for its bad days. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryStandIn> {
  const storage = createStorage()
  const faults = createFaults()
  const blobs = blobRoutes(storage, faults)
  const manifests = manifestRoutes(storage, faults, { immutable: options.immutable ?? (() => false) })

  const answer = (request: HttpRequest): Reply | undefined => {
    if (request.path === '/v2/' || request.path === '/v2') return { status: 200, body: {} }
    const [, repository = '', part, rest = ''] = route.exec(request.path) ?? []
    switch (part) {
      case 'blobs':
        return blobs.handle(request, repository, rest)
      case 'manifests':
        if (!rest.startsWith('sha256:') && !tag.test(rest)) {
          return { status: 400, body: errors('TAG_INVALID', 'manifest tag did not match URI') }
        }
        return manifests.manifest(request, repository, rest)
      case 'tags':
        return rest === 'list' && request.method === 'GET' ? manifests.tags(request, repository) : undefined
      case 'referrers':
        if (options.referrers === false) return { status: 404, body: errors('NOT_FOUND', 'page not found') }
        return request.method === 'GET' ? manifests.referrers(request, repository, rest) : undefined
      default:
        return undefined
    }
  }
  const handle = (request: HttpRequest): Reply => {
    const fault = faults.take(['too-many-requests', 'server-error'], request)
    if (fault === 'too-many-requests' || fault === 'server-error') return refusal(fault)
    const known = answer(request)
    if (known === undefined) {
      return {
        status: 501,
        body: errors('UNSUPPORTED', `testkit/registry does not know ${request.method} ${request.path}`),
      }
    }
    return 'stream' in known
      ? known
      : { ...known, headers: { 'docker-distribution-api-version': 'registry/2.0', ...known.headers } }
  }
  const server = await startServer({
    maxBodyBytes: 512 * 1024 * 1024,
    ...options,
    handle,
    onDefect: (error) => ({ status: 500, body: errors('UNKNOWN', String(error)) }),
  })
  return { url: server.url, host: server.host, faults, requests: server.requests, close: server.close }
}
