import { type Clock, type Digest, err, ok, parseDigest, type Result } from '../../release/index.ts'
import { digestOf } from '../digest.ts'
import { user, world } from '../faults.ts'
import type { Repository } from '../repository.ts'
import type { Registry } from './client.ts'
import { type Ask, refused, type Send } from './transport.ts'

/** What an index says of one thing that refers to an image. */
export interface Referrer {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType: string
  readonly annotations: Readonly<Record<string, string>>
}

export interface Referrers {
  /** Whether the registry keeps the list itself, or it stands under a tag (OCI distribution 1.1, "Referrers tag schema"). */
  readonly kept: 'api' | 'tag'
  readonly list: readonly Referrer[]
}

export interface Artifact {
  /** The image that it is about. */
  readonly subject: { readonly mediaType: string; readonly digest: Digest; readonly size: number }
  readonly artifactType: string
  readonly annotations: Readonly<Record<string, string>>
  readonly content: Uint8Array<ArrayBuffer>
}

export const indexType = 'application/vnd.oci.image.index.v1+json'
export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const emptyType = 'application/vnd.oci.empty.v1+json'
const empty = new TextEncoder().encode('{}')
/** A list that goes on for longer is no list of what belongs to one image. */
const mostPages = 20
const tries = 5

/** One question to the referrers API, and its further pages; undefined when this registry has no such API. */
export async function askReferrers(
  send: Send,
  repository: Repository,
  subject: Digest,
  signal: AbortSignal,
): Promise<Result<readonly Referrer[] | undefined>> {
  const found: Referrer[] = []
  let path = `/v2/${repository.name}/referrers/${subject}`
  for (let page = 0; page < mostPages; page += 1) {
    const ask: Ask = { method: 'GET', path, headers: { accept: indexType }, repeatable: true }
    const answer = await send(repository, ask, signal)
    if (!answer.ok) return answer
    const { status, headers } = answer.value
    const isIndex = (headers.get('content-type') ?? '').split(';')[0]?.trim() === indexType
    // A registry of before 1.1 says that it knows no such path, each in its own way.
    if (page === 0 && (status >= 400 || !isIndex)) {
      await answer.value.body?.cancel()
      return ok(undefined)
    }
    if (!answer.value.ok) return err(await refused(repository, ask, answer.value))
    const list = readIndex(new Uint8Array(await answer.value.arrayBuffer()))
    if (list === undefined) return err(unreadable(repository, subject))
    found.push(...list)
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1]
    if (next === undefined) return ok(found)
    path = next
  }
  return err(unreadable(repository, subject))
}

/** What refers to an image, wherever the registry keeps it. */
export async function listReferrers(
  registry: Registry,
  repository: Repository,
  subject: Digest,
  signal: AbortSignal,
): Promise<Result<Referrers>> {
  const asked = await registry.referrers(repository, subject, signal)
  if (!asked.ok) return asked
  if (asked.value !== undefined) return ok({ kept: 'api', list: asked.value })
  const index = await registry.manifest(repository, fallbackTag(subject), signal)
  if (!index.ok) return index
  const list = index.value === undefined ? [] : readIndex(index.value.bytes)
  return list === undefined ? err(unreadable(repository, subject)) : ok({ kept: 'tag', list })
}

/** Pushes something about an image and has it listed. The same content again changes nothing. */
export async function attachReferrer(
  registry: Registry,
  clock: Clock,
  repository: Repository,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<Result<Referrer>> {
  for (const blob of [empty, artifact.content]) {
    const put = await putBytes(registry, repository, blob, signal)
    if (!put.ok) return put
  }
  const { bytes, referrer } = artifactManifest(artifact)
  const put = await registry.putManifest(
    repository,
    referrer.digest,
    { mediaType: manifestType, bytes },
    signal,
  )
  if (!put.ok) return put
  for (let attempt = 1; ; attempt += 1) {
    const listed = await listReferrers(registry, repository, artifact.subject.digest, signal)
    if (!listed.ok) return listed
    const { kept, list } = listed.value
    if (list.some(({ digest }) => digest === referrer.digest)) return ok(referrer)
    if (attempt > tries) return err(notListed(repository, artifact, kept))
    if (kept === 'tag') {
      const noted = await noteUnderTag(
        registry,
        repository,
        artifact.subject.digest,
        [...list, referrer],
        signal,
      )
      if (!noted.ok) return noted
    } else {
      await clock.sleep(200 * attempt, signal)
    }
  }
}

/** The list is read again after it was written: another run may have written its own at the same moment. */
async function noteUnderTag(
  registry: Registry,
  repository: Repository,
  subject: Digest,
  list: readonly Referrer[],
  signal: AbortSignal,
): Promise<Result<void>> {
  const bytes = encode({ schemaVersion: 2, mediaType: indexType, manifests: list })
  const tag = fallbackTag(subject)
  const put = await registry.putManifest(repository, tag, { mediaType: indexType, bytes }, signal)
  if (put.ok || put.fault.reason !== 'image-tag-taken') return put
  return err(
    user(
      'referrers-tag-fixed',
      `${repository.text}:${tag} lists what refers to the image, and cannot be changed.`,
      {
        likely: 'The registry has no referrers API, and all of its tags are immutable.',
        next: 'Except the tags `sha256-*` from the rule of immutable tags, or use a registry with the referrers API of OCI 1.1.',
      },
    ),
  )
}

/** OCI distribution specification 1.1, "Referrers tag schema". */
export function fallbackTag(subject: Digest): string {
  return subject.replace(':', '-')
}

function artifactManifest({ subject, artifactType, annotations, content }: Artifact) {
  const layer = { mediaType: artifactType, digest: digestOf(content), size: content.length }
  const config = { mediaType: emptyType, digest: digestOf(empty), size: empty.length, data: 'e30=' }
  const bytes = encode({
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType,
    config,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  })
  const referrer: Referrer = {
    mediaType: manifestType,
    digest: digestOf(bytes),
    size: bytes.length,
    artifactType,
    annotations,
  }
  return { bytes, referrer }
}

async function putBytes(
  registry: Registry,
  repository: Repository,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Result<void>> {
  const digest = digestOf(bytes)
  const present = await registry.hasBlob(repository, digest, signal)
  if (!present.ok) return present
  if (present.value) return ok(undefined)
  const content = { size: bytes.length, read: async (from: number, to: number) => bytes.slice(from, to) }
  const put = await registry.putBlob(repository, digest, content, signal)
  return put.ok ? ok(undefined) : put
}

function readIndex(bytes: Uint8Array): readonly Referrer[] | undefined {
  try {
    const { manifests } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly manifests?: unknown }
    if (!Array.isArray(manifests)) return undefined
    return manifests.flatMap((entry: unknown) => {
      const { mediaType, digest, size, artifactType, annotations } = (entry ?? {}) as Record<string, unknown>
      const parsed = typeof digest === 'string' ? parseDigest(digest) : undefined
      if (parsed === undefined || typeof mediaType !== 'string' || typeof size !== 'number') return []
      return [
        {
          mediaType,
          digest: parsed,
          size,
          artifactType: typeof artifactType === 'string' ? artifactType : '',
          annotations: texts(annotations),
        },
      ]
    })
  } catch {
    return undefined
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(value)))
}

function unreadable({ host, name }: Repository, subject: Digest) {
  return world(
    'registry-answer-unreadable',
    `${host} answered no list of what refers to ${subject} in ${name}.`,
    {
      likely: 'A proxy answered in its place, or something else stands under the tag of the list.',
      next: 'Ask the registry for that list by hand (`oras discover`), then run again.',
    },
  )
}

function notListed({ text }: Repository, { artifactType, subject }: Artifact, kept: 'api' | 'tag') {
  const where = kept === 'api' ? 'in its list of referrers' : `under the tag ${fallbackTag(subject.digest)}`
  return world('referrer-not-listed', `${text} took a ${artifactType} and does not show it ${where}.`, {
    likely:
      kept === 'api'
        ? 'The registry lists new referrers late, or keeps the API without serving it.'
        : 'Other runs write the same list at this moment.',
    next: 'Run again.',
  })
}
