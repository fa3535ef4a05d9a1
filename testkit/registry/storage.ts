import { createHash } from 'node:crypto'

export interface Manifest {
  readonly mediaType: string
  readonly bytes: Buffer
}

interface Repository {
  readonly blobs: Set<string>
  readonly manifests: Map<string, Manifest>
  readonly tags: Map<string, string>
}

export interface Storage {
  hasBlob(repository: string, digest: string): boolean
  blob(repository: string, digest: string): Buffer | undefined
  putBlob(repository: string, bytes: Buffer): string
  /** Links a blob of another repository without its bytes; false when it is not there. */
  mount(repository: string, from: string, digest: string): boolean
  manifest(
    repository: string,
    reference: string,
  ): { readonly digest: string; readonly manifest: Manifest } | undefined
  putManifest(repository: string, manifest: Manifest, tag?: string): string
  deleteManifest(repository: string, reference: string): boolean
  tags(repository: string): string[] | undefined
  /** Manifests that name this digest as their subject. */
  referrers(repository: string, digest: string): { readonly digest: string; readonly manifest: Manifest }[]
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** In memory: a stand-in lives as long as its test. */
export function createStorage(): Storage {
  const bytes = new Map<string, Buffer>()
  const repositories = new Map<string, Repository>()
  const open = (name: string): Repository => {
    const found = repositories.get(name) ?? { blobs: new Set(), manifests: new Map(), tags: new Map() }
    repositories.set(name, found)
    return found
  }
  const resolve = (name: string, reference: string): string | undefined =>
    reference.startsWith('sha256:') ? reference : repositories.get(name)?.tags.get(reference)
  return {
    hasBlob: (name, digest) => repositories.get(name)?.blobs.has(digest) === true,
    blob: (name, digest) => (repositories.get(name)?.blobs.has(digest) ? bytes.get(digest) : undefined),
    putBlob(name, content) {
      const digest = digestOf(content)
      bytes.set(digest, content)
      open(name).blobs.add(digest)
      return digest
    },
    mount(name, from, digest) {
      if (repositories.get(from)?.blobs.has(digest) !== true) return false
      open(name).blobs.add(digest)
      return true
    },
    manifest(name, reference) {
      const digest = resolve(name, reference)
      const manifest = digest === undefined ? undefined : repositories.get(name)?.manifests.get(digest)
      return digest === undefined || manifest === undefined ? undefined : { digest, manifest }
    },
    putManifest(name, manifest, tag) {
      const digest = digestOf(manifest.bytes)
      const repository = open(name)
      repository.manifests.set(digest, manifest)
      if (tag !== undefined) repository.tags.set(tag, digest)
      return digest
    },
    deleteManifest(name, reference) {
      const repository = repositories.get(name)
      if (repository === undefined) return false
      if (!reference.startsWith('sha256:')) return repository.tags.delete(reference)
      for (const [tag, digest] of repository.tags) if (digest === reference) repository.tags.delete(tag)
      return repository.manifests.delete(reference)
    },
    tags: (name) => (repositories.has(name) ? [...open(name).tags.keys()].sort() : undefined),
    referrers: (name, digest) =>
      [...(repositories.get(name)?.manifests ?? [])].flatMap(([own, manifest]) =>
        subjectOf(manifest) === digest ? [{ digest: own, manifest }] : [],
      ),
  }
}

function subjectOf(manifest: Manifest): string | undefined {
  const { subject } = parseManifest(manifest)
  return subject?.digest
}

export interface ParsedManifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: { readonly mediaType: string; readonly digest: string }
  readonly layers?: readonly { readonly digest: string }[]
  readonly manifests?: readonly { readonly digest: string }[]
  readonly subject?: { readonly digest: string }
  readonly annotations?: Readonly<Record<string, string>>
}

export function parseManifest({ bytes }: Manifest): ParsedManifest {
  return JSON.parse(bytes.toString('utf8')) as ParsedManifest
}
