import type { HttpRequest, Reply } from '../http/index.ts'
import { errors, type Faults } from './faults.ts'
import { digestOf, type Manifest, type ParsedManifest, parseManifest, type Storage } from './storage.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'

export interface ManifestOptions {
  /** Tags that may not move once they are set. */
  readonly immutable: (repository: string, tag: string) => boolean
}

export function manifestRoutes(storage: Storage, faults: Faults, options: ManifestOptions) {
  const read = (request: HttpRequest, repository: string, reference: string): Reply => {
    const found = storage.manifest(repository, reference)
    if (found === undefined) {
      return { status: 404, body: errors('MANIFEST_UNKNOWN', 'manifest unknown', { Tag: reference }) }
    }
    const lie = faults.take(['wrong-digest'], request) !== undefined
    const digest = lie ? digestOf(Buffer.from(`not ${found.digest}`)) : found.digest
    return {
      status: 200,
      headers: { 'content-type': found.manifest.mediaType, 'docker-content-digest': digest },
      body: found.manifest.bytes,
    }
  }

  const write = (request: HttpRequest, repository: string, reference: string): Reply => {
    const digest = digestOf(request.body)
    const isTag = !reference.startsWith('sha256:')
    if (!isTag && reference !== digest) {
      return { status: 400, body: errors('DIGEST_INVALID', 'provided digest did not match uploaded content') }
    }
    const manifest: Manifest = { mediaType: request.headers['content-type'] ?? '', bytes: request.body }
    const fault = invalid(storage, repository, manifest)
    if (fault !== undefined) return fault
    const before = isTag ? storage.manifest(repository, reference)?.digest : undefined
    if (before !== undefined && before !== digest && options.immutable(repository, reference)) {
      const message = `tag ${reference} is immutable and already points to ${before}`
      return { status: 400, body: errors('TAG_INVALID', message) }
    }
    storage.putManifest(repository, manifest, isTag ? reference : undefined)
    const { subject } = parseManifest(manifest)
    return {
      status: 201,
      headers: {
        location: `/v2/${repository}/manifests/${digest}`,
        'docker-content-digest': digest,
        ...(subject === undefined ? {} : { 'oci-subject': subject.digest }),
      },
    }
  }

  return {
    manifest(request: HttpRequest, repository: string, reference: string): Reply | undefined {
      switch (request.method) {
        case 'GET':
        case 'HEAD':
          return read(request, repository, reference)
        case 'PUT':
          return write(request, repository, reference)
        case 'DELETE':
          return storage.deleteManifest(repository, reference)
            ? { status: 202 }
            : { status: 404, body: errors('MANIFEST_UNKNOWN', 'manifest unknown') }
        default:
          return undefined
      }
    },

    tags(request: HttpRequest, repository: string): Reply {
      const tags = storage.tags(repository)
      if (tags === undefined)
        return { status: 404, body: errors('NAME_UNKNOWN', 'repository name not known to registry') }
      const last = request.query.get('last')
      const after = last === null ? tags : tags.filter((tag) => tag > last)
      const count = Number(request.query.get('n') ?? after.length)
      return { status: 200, body: { name: repository, tags: after.slice(0, count) } }
    },

    referrers(request: HttpRequest, repository: string, digest: string): Reply {
      const wanted = request.query.get('artifactType')
      const manifests = storage
        .referrers(repository, digest)
        .map(({ digest: own, manifest }) => descriptor(own, manifest))
        .filter(({ artifactType }) => wanted === null || artifactType === wanted)
      return {
        status: 200,
        headers: {
          'content-type': indexType,
          ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
        },
        body: { schemaVersion: 2, mediaType: indexType, manifests },
      }
    },
  }
}

function descriptor(digest: string, manifest: Manifest) {
  const parsed = parseManifest(manifest)
  return {
    mediaType: manifest.mediaType,
    digest,
    size: manifest.bytes.length,
    // The type of the config stands in for an artifact type that is not given (OCI distribution spec 1.1).
    artifactType: parsed.artifactType ?? parsed.config?.mediaType ?? '',
    ...(parsed.annotations === undefined ? {} : { annotations: parsed.annotations }),
  }
}

/** What a manifest names must be there; only its subject may come later. */
function invalid(storage: Storage, repository: string, manifest: Manifest): Reply | undefined {
  let parsed: ParsedManifest
  try {
    parsed = parseManifest(manifest)
  } catch {
    return { status: 400, body: errors('MANIFEST_INVALID', 'manifest invalid') }
  }
  const blobs = [...(parsed.config === undefined ? [] : [parsed.config]), ...(parsed.layers ?? [])]
  const missing = blobs.find(({ digest }) => !storage.hasBlob(repository, digest))
  const child = (parsed.manifests ?? []).find(
    ({ digest }) => storage.manifest(repository, digest) === undefined,
  )
  const digest = missing?.digest ?? child?.digest
  return digest === undefined
    ? undefined
    : { status: 404, body: errors('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { digest }) }
}
