import { randomUUID } from 'node:crypto'
import type { HttpRequest, Reply } from '../http/index.ts'
import { errors, type Faults } from './faults.ts'
import { digestOf, type Storage } from './storage.ts'

const digestPattern = /^sha256:[0-9a-f]{64}$/

export interface Blobs {
  handle(request: HttpRequest, repository: string, rest: string): Reply | undefined
}

/** Blobs: in one piece, in chunks, or mounted from another repository (OCI distribution spec 1.1, push). */
export function blobRoutes(storage: Storage, faults: Faults): Blobs {
  const uploads = new Map<string, Buffer>()

  const started = (repository: string, id: string, size: number): Reply => ({
    status: 202,
    headers: {
      location: `/v2/${repository}/blobs/uploads/${id}`,
      'docker-upload-uuid': id,
      range: `0-${Math.max(0, size - 1)}`,
    },
  })
  const created = (repository: string, digest: string): Reply => ({
    status: 201,
    headers: { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest },
  })
  const finish = (repository: string, bytes: Buffer, claimed: string): Reply => {
    if (!digestPattern.test(claimed) || digestOf(bytes) !== claimed) {
      return { status: 400, body: errors('DIGEST_INVALID', 'provided digest did not match uploaded content') }
    }
    storage.putBlob(repository, bytes)
    return created(repository, claimed)
  }

  const open = (request: HttpRequest, repository: string): Reply => {
    const mount = request.query.get('mount')
    const from = request.query.get('from')
    if (mount !== null && from !== null && storage.mount(repository, from, mount))
      return created(repository, mount)
    const digest = request.query.get('digest')
    if (digest !== null) return finish(repository, request.body, digest)
    const id = randomUUID()
    uploads.set(id, Buffer.alloc(0))
    return started(repository, id, 0)
  }

  const proceed = (request: HttpRequest, repository: string, id: string): Reply => {
    const before = uploads.get(id)
    if (before === undefined)
      return { status: 404, body: errors('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry') }
    const range = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '')
    if (range !== null && Number(range[1]) !== before.length) {
      return {
        status: 416,
        headers: { range: `0-${Math.max(0, before.length - 1)}` },
        body: errors('BLOB_UPLOAD_INVALID', 'out of order'),
      }
    }
    switch (request.method) {
      case 'GET':
        return { ...started(repository, id, before.length), status: 204 }
      case 'DELETE':
        uploads.delete(id)
        return { status: 204 }
      case 'PATCH': {
        const bytes = Buffer.concat([before, request.body])
        uploads.set(id, bytes)
        return started(repository, id, bytes.length)
      }
      default: {
        uploads.delete(id)
        return finish(repository, Buffer.concat([before, request.body]), request.query.get('digest') ?? '')
      }
    }
  }

  const read = (request: HttpRequest, repository: string, digest: string): Reply => {
    const bytes = storage.blob(repository, digest)
    if (bytes === undefined) return { status: 404, body: errors('BLOB_UNKNOWN', 'blob unknown to registry') }
    const headers = {
      'content-type': 'application/octet-stream',
      'docker-content-digest': digest,
      'content-length': String(bytes.length),
    }
    if (request.method === 'GET' && faults.take(['drop-in-blob'], request) !== undefined) {
      return {
        stream: (response) => {
          response.writeHead(200, headers)
          response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
        },
      }
    }
    return { status: 200, headers, body: bytes }
  }

  return {
    handle(request, repository, rest) {
      if (rest === 'uploads' || rest === 'uploads/')
        return request.method === 'POST' ? open(request, repository) : undefined
      const id = /^uploads\/(.+)$/.exec(rest)?.[1]
      if (id !== undefined) {
        return ['GET', 'PATCH', 'PUT', 'DELETE'].includes(request.method)
          ? proceed(request, repository, id)
          : undefined
      }
      return request.method === 'GET' || request.method === 'HEAD'
        ? read(request, repository, rest)
        : undefined
    },
  }
}
