import { type Digest, err, ok, type Result } from '../../release/index.ts'
import { digestOf } from '../digest.ts'
import { user, world } from '../faults.ts'
import type { Repository } from '../repository.ts'
import { askReferrers, type Referrer } from './referrers.ts'
import { type Ask, type RegistryPorts, refused, type Send, transport } from './transport.ts'

export interface Manifest {
  /** Of the bytes that came, counted here. */
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A blob that is read piece by piece: a layer may be larger than memory. */
export interface BlobContent {
  readonly size: number
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>
}

/** The part of the OCI distribution API that a build needs. */
export interface Registry {
  /** By tag or digest; undefined when the registry has none. The bytes are hashed, the header is not believed. */
  manifest(
    repository: Repository,
    reference: string,
    signal: AbortSignal,
  ): Promise<Result<Manifest | undefined>>
  /** A small blob, whole and of the digest that was asked for. */
  blob(repository: Repository, digest: Digest, signal: AbortSignal): Promise<Result<Uint8Array<ArrayBuffer>>>
  /** What the referrers API lists for an image; undefined when the registry has no such API. */
  referrers(
    repository: Repository,
    subject: Digest,
    signal: AbortSignal,
  ): Promise<Result<readonly Referrer[] | undefined>>
  hasBlob(repository: Repository, digest: Digest, signal: AbortSignal): Promise<Result<boolean>>
  /** `from`: a repository of the same registry that has the blob already; it is then linked, where the registry can. */
  putBlob(
    repository: Repository,
    digest: Digest,
    content: BlobContent,
    signal: AbortSignal,
    from?: Repository,
  ): Promise<Result<'sent' | 'mounted'>>
  putManifest(
    repository: Repository,
    reference: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> },
    signal: AbortSignal,
  ): Promise<Result<void>>
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
/** The limit that the specification asks registries to keep (1.1, "Pushing manifests"). */
const largestManifest = 4 * 1024 * 1024
/** One request carries no more of a blob: each is bounded in time, and only it is sent again. */
const chunkBytes = 8 * 1024 * 1024
const blobAttempts = 3

export function registryClient(ports: RegistryPorts): Registry {
  const send = transport(ports)
  return {
    manifest: (repository, reference, signal) => readManifest(send, repository, reference, signal),
    blob: (repository, digest, signal) => readBlob(send, repository, digest, signal),
    referrers: (repository, subject, signal) => askReferrers(send, repository, subject, signal),
    async hasBlob(repository, digest, signal) {
      const ask: Ask = { method: 'HEAD', path: `/v2/${repository.name}/blobs/${digest}`, repeatable: true }
      const answer = await send(repository, ask, signal)
      if (!answer.ok) return answer
      if (answer.value.ok) {
        const claimed = answer.value.headers.get('docker-content-digest')
        return claimed === null || claimed === digest
          ? ok(true)
          : err(mismatch(repository, digest, claimed, digest))
      }
      return answer.value.status === 404 ? ok(false) : err(await refused(repository, ask, answer.value))
    },
    async putBlob(repository, digest, content, signal, from) {
      for (let attempt = 1; ; attempt += 1) {
        const put = await uploadBlob(send, repository, digest, content, signal, from)
        if (put.ok || put.fault.blame !== 'world' || attempt === blobAttempts) return put
        await ports.clock.sleep(500 * attempt, signal)
      }
    },
    putManifest: (repository, reference, manifest, signal) =>
      writeManifest(send, repository, reference, manifest, signal),
  }
}

async function readManifest(
  send: Send,
  repository: Repository,
  reference: string,
  signal: AbortSignal,
): Promise<Result<Manifest | undefined>> {
  const ask: Ask = {
    method: 'GET',
    path: `/v2/${repository.name}/manifests/${reference}`,
    headers: { accept: manifestTypes.join(', ') },
    repeatable: true,
  }
  const answer = await send(repository, ask, signal)
  if (!answer.ok) return answer
  const response = answer.value
  if (response.status === 404) {
    await response.body?.cancel()
    return ok(undefined)
  }
  if (!response.ok) return err(await refused(repository, ask, response))
  const bytes = new Uint8Array(await response.arrayBuffer())
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  if (bytes.length > largestManifest || !manifestTypes.includes(mediaType)) {
    return err(notManifest(repository, reference, mediaType))
  }
  const digest = digestOf(bytes)
  const claimed = response.headers.get('docker-content-digest')
  const expected = reference.startsWith('sha256:') ? reference : claimed
  if (expected !== null && expected !== digest) return err(mismatch(repository, reference, expected, digest))
  return ok({ digest, mediaType, bytes })
}

async function readBlob(
  send: Send,
  repository: Repository,
  digest: Digest,
  signal: AbortSignal,
): Promise<Result<Uint8Array<ArrayBuffer>>> {
  const ask: Ask = { method: 'GET', path: `/v2/${repository.name}/blobs/${digest}`, repeatable: true }
  const answer = await send(repository, ask, signal)
  if (!answer.ok) return answer
  if (answer.value.status === 404) return err(noBlob(repository, digest))
  if (!answer.value.ok) return err(await refused(repository, ask, answer.value))
  const bytes = new Uint8Array(await answer.value.arrayBuffer())
  const counted = digestOf(bytes)
  return counted === digest ? ok(bytes) : err(mismatch(repository, digest, digest, counted))
}

async function uploadBlob(
  send: Send,
  repository: Repository,
  digest: Digest,
  content: BlobContent,
  signal: AbortSignal,
  from?: Repository,
): Promise<Result<'sent' | 'mounted'>> {
  const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from: from.name })}`
  const open: Ask = {
    method: 'POST',
    path: `/v2/${repository.name}/blobs/uploads/${mount}`,
    repeatable: true,
  }
  const opened = await expecting(send, repository, open, from === undefined ? [202] : [201, 202], signal)
  if (!opened.ok) return opened
  if (opened.value.status === 201) return ok('mounted')
  let { location } = opened.value
  const last = Math.floor(Math.max(0, content.size - 1) / chunkBytes) * chunkBytes
  for (let from = 0; from < last; from += chunkBytes) {
    const part: Ask = {
      method: 'PATCH',
      path: location,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${from}-${from + chunkBytes - 1}`,
      },
      body: await content.read(from, from + chunkBytes),
      repeatable: false,
    }
    const sent = await expecting(send, repository, part, [202], signal)
    if (!sent.ok) return sent
    location = sent.value.location
  }
  const url = new URL(location, repository.origin)
  url.searchParams.set('digest', digest)
  const range = last === 0 ? {} : { 'content-range': `${last}-${content.size - 1}` }
  const close: Ask = {
    method: 'PUT',
    path: url.href,
    headers: { 'content-type': 'application/octet-stream', ...range },
    body: await content.read(last, content.size),
    repeatable: false,
  }
  const closed = await expecting(send, repository, close, [201, 204], signal)
  return closed.ok ? ok('sent') : closed
}

/** Answers where the upload goes on. */
async function expecting(
  send: Send,
  repository: Repository,
  ask: Ask,
  statuses: readonly number[],
  signal: AbortSignal,
): Promise<Result<{ readonly status: number; readonly location: string }>> {
  const answer = await send(repository, ask, signal)
  if (!answer.ok) return answer
  if (!statuses.includes(answer.value.status)) return err(await refused(repository, ask, answer.value))
  await answer.value.body?.cancel()
  const { status, headers } = answer.value
  return ok({ status, location: headers.get('location') ?? ask.path })
}

async function writeManifest(
  send: Send,
  repository: Repository,
  reference: string,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> },
  signal: AbortSignal,
): Promise<Result<void>> {
  const ask: Ask = {
    method: 'PUT',
    path: `/v2/${repository.name}/manifests/${reference}`,
    headers: { 'content-type': mediaType },
    body: bytes,
    // The same bytes under the same name: sent twice it is the same as once.
    repeatable: true,
  }
  const answer = await send(repository, ask, signal)
  if (!answer.ok) return answer
  if (answer.value.ok) {
    await answer.value.body?.cancel()
    return ok(undefined)
  }
  const fault = await refused(repository, ask, answer.value)
  return err(/TAG_INVALID|immutable/i.test(fault.cause) ? taken(repository, reference, fault.cause) : fault)
}

function taken({ text }: Repository, tag: string, said: string) {
  return user('image-tag-taken', `The tag ${tag} of ${text} cannot be set: ${said}`, {
    likely: 'Another run built this commit with another result and was first.',
    next: 'Use the image that the tag points to; a commit has one image.',
  })
}

function noBlob({ text }: Repository, digest: Digest) {
  return world('registry-blob-missing', `${text} has no blob ${digest}, which one of its manifests names.`, {
    likely: 'The registry removed it (garbage collection, a broken mirror), or a copy is not complete.',
    next: 'Build and push the image again, or complete the copy.',
  })
}

function notManifest({ host }: Repository, reference: string, mediaType: string) {
  return world(
    'registry-answer-unreadable',
    `${host} answered ${mediaType || 'no media type'} for ${reference}.`,
    {
      likely: 'A proxy or a login page answered in its place.',
      next: 'Check image.repository in tuesday.yaml and the way to the registry.',
    },
  )
}

function mismatch({ text }: Repository, reference: string, expected: string, digest: Digest) {
  return world(
    'registry-digest-mismatch',
    `${text} says ${expected} for ${reference}, and its bytes are ${digest}.`,
    {
      likely:
        'A cache or proxy before the registry serves something else, or the answer was changed on its way.',
      next: 'Do not release this image; find out who answers under this name.',
    },
  )
}
