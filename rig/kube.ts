import https from 'node:https'
import { parseAllDocuments } from 'yaml'
import type { Kube, KubeObject } from './types.ts'
import { waitFor } from './wait.ts'

export class KubeError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.name = 'KubeError'
    this.status = status
  }
}

export interface KubeAccess {
  readonly apiServer: string
  readonly ca: string
  readonly token: string
}

const CONTENT_TYPES = { merge: 'application/merge-patch+json', json: 'application/json-patch+json' } as const
const APPLY = 'application/apply-patch+yaml'

export function kubeClient({ apiServer, ca, token }: KubeAccess): Kube {
  const agent = new https.Agent({ keepAlive: true, ca, maxSockets: 16 })

  const request: Kube['request'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body)
      const call = https.request(
        `${apiServer}${path}`,
        {
          method,
          agent,
          timeout: 30_000,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            // Also for DELETE: without a length Node keeps the connection in a state the next request trips over.
            'content-length': Buffer.byteLength(payload ?? ''),
            ...(payload === undefined ? {} : { 'content-type': contentType }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.once('error', reject)
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            const status = response.statusCode ?? 0
            if (status >= 300)
              return reject(new KubeError(status, `${method} ${path}: ${status} ${reason(text)}`))
            resolve(text === '' || !text.startsWith('{') ? text : JSON.parse(text))
          })
        },
      )
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within 30 s`)))
      call.once('error', reject)
      call.end(payload)
    })

  const applyOne = (object: KubeObject) =>
    // A CRD that was created a moment ago is not served yet: 404 until then.
    waitFor(`${object.kind} ${object.metadata.name} to be applied`, 30, async () => {
      try {
        return await request('PATCH', `${objectPath(object)}?fieldManager=rig&force=true`, object, APPLY)
      } catch (error) {
        if (error instanceof KubeError && error.status !== 404 && error.status < 500)
          return { refused: error }
        throw error
      }
    }).then((answer) => {
      if (isRefusal(answer)) throw answer.refused
    })

  return {
    request,
    async get(path) {
      try {
        return (await request('GET', path)) as KubeObject
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined
        throw error
      }
    },
    async list(path) {
      return ((await request('GET', path)) as { items?: KubeObject[] }).items ?? []
    },
    async apply(...objects) {
      for (const object of objects) await applyOne(object)
    },
    async patch(path, patch, type = 'merge') {
      return (await request('PATCH', path, patch, CONTENT_TYPES[type])) as KubeObject
    },
    async delete(path) {
      try {
        await request('DELETE', path)
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 404)) throw error
      }
    },
  }
}

/** All objects of a YAML text with several documents. */
export function parseManifest(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw error
      return document.toJS() as KubeObject | null
    })
    .filter((object) => object !== null)
}

/** REST path of an object. The plural follows English, as it does for every kind the rig applies. */
export function objectPath({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `${group}${scope}/${plural(kind.toLowerCase())}/${metadata.name}`
}

function plural(kind: string): string {
  if (/[^aeiou]y$/.test(kind)) return kind.replace(/y$/, 'ies')
  return /(s|x|ch|sh)$/.test(kind) ? `${kind}es` : `${kind}s`
}

function isRefusal(answer: unknown): answer is { readonly refused: KubeError } {
  return typeof answer === 'object' && answer !== null && 'refused' in answer
}

function reason(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text.slice(0, 300)
  }
}
