import { open, stat } from 'node:fs/promises'
import { type Digest, err, ok, type Result } from '../release/index.ts'
import { user, world } from './faults.ts'
import { type LayoutImage, readLayout } from './read-layout.ts'
import type { BlobContent, Registry } from './registry/client.ts'
import type { Repository } from './repository.ts'

/** The digest that a tag points to, counted from the bytes that are served; undefined when there is no such tag. */
export async function resolveTag(
  registry: Registry,
  repository: Repository,
  tag: string,
  signal: AbortSignal,
): Promise<Result<Digest | undefined>> {
  const found = await registry.manifest(repository, tag, signal)
  return found.ok ? ok(found.value?.digest) : found
}

export interface PushRequest {
  readonly registry: Registry
  readonly repository: Repository
  readonly layoutDir: string
  readonly tag: string
  /** Repositories of the same registry that may have layers of the image already, such as that of its base. */
  readonly mountFrom?: readonly Repository[]
  readonly signal: AbortSignal
  /**
   * What has to be there before the image has its tag; called with the image in the registry under its digest. A
   * tag then says that all of it is there.
   */
  readonly beforeTag?: (image: LayoutImage) => Promise<Result<unknown>>
}

export interface Pushed {
  readonly digest: Digest
  /** The tag pointed to this image before. */
  readonly existed: boolean
  /** Parts that were sent, linked from another repository, and that the repository had already. */
  readonly blobs: { readonly pushed: number; readonly mounted: number; readonly present: number }
}

/**
 * Pushes the image of a layout: blobs, then manifests by digest, then the tag, so that a run which is cut off leaves
 * no tag to half an image. The tag is never moved, and what the registry serves under it afterwards is hashed.
 */
export async function pushLayout(request: PushRequest): Promise<Result<Pushed>> {
  const { registry, repository, tag, signal } = request
  const image = await readLayout(request.layoutDir)
  if (!image.ok) return image
  const { digest } = image.value
  const before = await resolveTag(registry, repository, tag, signal)
  if (!before.ok) return before
  if (before.value !== undefined && before.value !== digest)
    return err(taken(repository, tag, before.value, digest))

  const blobs = await pushBlobs(request, image.value)
  if (!blobs.ok) return blobs
  for (const manifest of image.value.manifests) {
    const put = await registry.putManifest(repository, manifest.digest, manifest, signal)
    if (!put.ok) return put
  }
  const prepared = await request.beforeTag?.(image.value)
  if (prepared?.ok === false) return prepared
  // Asked again: building and pushing take minutes, and another run of the same commit may have been faster.
  const meanwhile = await resolveTag(registry, repository, tag, signal)
  if (!meanwhile.ok) return meanwhile
  if (meanwhile.value !== undefined && meanwhile.value !== digest) {
    return err(taken(repository, tag, meanwhile.value, digest))
  }
  const root = image.value.manifests.at(-1)
  if (meanwhile.value === undefined && root !== undefined) {
    const put = await registry.putManifest(repository, tag, root, signal)
    if (!put.ok) return put
  }
  const served = await resolveTag(registry, repository, tag, signal)
  if (!served.ok) return served
  return served.value === digest
    ? ok({ digest, existed: before.value === digest, blobs: blobs.value })
    : err(notServed(repository, tag, digest, served.value))
}

async function pushBlobs(
  { registry, repository, mountFrom = [], signal }: PushRequest,
  { blobs }: LayoutImage,
): Promise<Result<Pushed['blobs']>> {
  let pushed = 0
  let mounted = 0
  for (const { digest, file } of blobs) {
    const present = await registry.hasBlob(repository, digest, signal)
    if (!present.ok) return present
    if (present.value) continue
    const content = await blobContent(file)
    if (content === undefined) return err(blobMissing(digest))
    const from = await ownerOf(registry, mountFrom, digest, signal)
    const put = await registry.putBlob(repository, digest, content, signal, from)
    if (!put.ok) return put
    if (put.value === 'mounted') mounted += 1
    else pushed += 1
  }
  return ok({ pushed, mounted, present: blobs.length - pushed - mounted })
}

/** The first that has it. One that may not be read, or does not answer, is no reason not to push. */
async function ownerOf(
  registry: Registry,
  candidates: readonly Repository[],
  digest: Digest,
  signal: AbortSignal,
): Promise<Repository | undefined> {
  for (const candidate of candidates) {
    const has = await registry.hasBlob(candidate, digest, signal)
    if (has.ok && has.value) return candidate
  }
  return undefined
}

async function blobContent(file: string): Promise<BlobContent | undefined> {
  const size = (await stat(file).catch(() => undefined))?.size
  if (size === undefined) return undefined
  return {
    size,
    async read(from, to) {
      const handle = await open(file)
      try {
        const bytes = new Uint8Array(to - from)
        await handle.read(bytes, 0, bytes.length, from)
        return bytes
      } finally {
        await handle.close()
      }
    },
  }
}

function blobMissing(digest: Digest) {
  return user('layout-invalid', `The OCI layout names ${digest}, which is not in it.`, {
    next: 'Build the layout again into an empty folder.',
  })
}

function taken({ text }: Repository, tag: string, there: Digest, ours: Digest) {
  return user(
    'image-tag-taken',
    `${text}:${tag} is ${there}; this build came to ${ours}. The tag stays where it is.`,
    {
      likely:
        'The build is not reproducible, another builder was used, or something else was pushed under this commit.',
      next: 'Release the image that the tag points to, or remove the tag by hand if it is wrong.',
    },
  )
}

function notServed({ text }: Repository, tag: string, digest: Digest, served: Digest | undefined) {
  return world(
    'registry-digest-mismatch',
    `${digest} was pushed to ${text}:${tag}, and the registry serves ${served ?? 'nothing'} there.`,
    {
      likely: 'Another run moved the tag at the same moment, or a cache stands before the registry.',
      next: 'Run again; if it stays so, make tags immutable in the registry.',
    },
  )
}
