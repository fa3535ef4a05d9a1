import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, err, ok, parseDigest, type Result } from '../release/index.ts'
import { digestOf } from './digest.ts'
import { user } from './faults.ts'

export interface LayoutManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface LayoutBlob {
  readonly digest: Digest
  readonly size: number
  readonly file: string
}

/** One image of a layout with all that it is made of, in the order in which a registry takes it. */
export interface LayoutImage {
  readonly digest: Digest
  readonly blobs: readonly LayoutBlob[]
  /** What an index names comes before the index; the image itself is the last. */
  readonly manifests: readonly LayoutManifest[]
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
}

/** Reads the only image of an OCI layout, as Bazel, ko, Jib, buildah and BuildKit write it. */
export async function readLayout(dir: string): Promise<Result<LayoutImage>> {
  const top = await readJson(path.join(dir, 'index.json'))
  if (top === undefined) return err(invalid(`${dir} has no index.json`))
  const roots = descriptors(top.manifests)
  const [root] = roots
  if (root === undefined || roots.length > 1)
    return err(invalid(`${dir} holds ${roots.length} images; one is wanted`))
  const blobs = new Map<Digest, LayoutBlob>()
  const manifests = new Map<Digest, LayoutManifest>()
  const collected = await collect(dir, root, blobs, manifests)
  if (!collected.ok) return collected
  return ok({ digest: root.digest, blobs: [...blobs.values()], manifests: [...manifests.values()] })
}

async function collect(
  dir: string,
  { digest, mediaType }: Descriptor,
  blobs: Map<Digest, LayoutBlob>,
  manifests: Map<Digest, LayoutManifest>,
): Promise<Result<void>> {
  const file = blobFile(dir, digest)
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return err(invalid(`the manifest ${digest} is not in ${dir}`))
  if (digestOf(bytes) !== digest)
    return err(invalid(`the manifest ${digest} has other bytes than its name says`))
  const parsed = parse(bytes.toString('utf8'))
  if (parsed === undefined) return err(invalid(`the manifest ${digest} is not JSON`))
  for (const child of descriptors(parsed.manifests)) {
    const collected = await collect(dir, child, blobs, manifests)
    if (!collected.ok) return collected
  }
  for (const blob of descriptors([parsed.config, ...(Array.isArray(parsed.layers) ? parsed.layers : [])])) {
    blobs.set(blob.digest, { digest: blob.digest, size: blob.size, file: blobFile(dir, blob.digest) })
  }
  manifests.set(digest, { digest, mediaType, bytes: new Uint8Array(bytes) })
  return ok(undefined)
}

function blobFile(dir: string, digest: Digest): string {
  return path.join(dir, 'blobs', 'sha256', digest.slice('sha256:'.length))
}

function descriptors(value: unknown): readonly Descriptor[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item: unknown) => {
    const { mediaType, digest, size } = (item ?? {}) as Readonly<Record<string, unknown>>
    const parsed = typeof digest === 'string' ? parseDigest(digest) : undefined
    return typeof mediaType === 'string' && typeof size === 'number' && parsed !== undefined
      ? [{ mediaType, digest: parsed, size }]
      : []
  })
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parse(text)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function invalid(why: string) {
  return user('layout-invalid', `The OCI layout cannot be pushed: ${why}.`, {
    likely: 'The tool that made it was stopped half-way, or wrote to a folder that held an older image.',
    next: 'Build the layout again into an empty folder.',
  })
}
