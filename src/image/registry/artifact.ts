import { type Digest, err, ok, type Result } from '../../release/index.ts'
import { world } from '../faults.ts'
import { type Layer, layersIn, parseJson } from '../inspect.ts'
import type { Repository } from '../repository.ts'
import type { Registry } from './client.ts'
import { listReferrers, type Referrer } from './referrers.ts'

/** Something that refers to an image, by its own manifest: not every registry lists type and annotations. */
export interface ReadArtifact {
  readonly digest: Digest
  readonly artifactType: string
  readonly annotations: Readonly<Record<string, string>>
  readonly subject: string
  readonly layers: readonly Layer[]
}

/** More would be somebody filling the list; a build makes four, and it is run again a few times at most. */
const most = 100

/** All that refers to an image and is still there. One that was removed while it is listed is left out. */
export async function readArtifacts(
  registry: Registry,
  repository: Repository,
  subject: Digest,
  signal: AbortSignal,
): Promise<Result<readonly ReadArtifact[]>> {
  const listed = await listReferrers(registry, repository, subject, signal)
  if (!listed.ok) return listed
  if (listed.value.list.length > most) return err(tooMany(repository, subject, listed.value.list.length))
  const artifacts: ReadArtifact[] = []
  for (const referrer of listed.value.list) {
    const read = await readOne(registry, repository, referrer, signal)
    if (!read.ok) return read
    if (read.value?.subject === subject) artifacts.push(read.value)
  }
  return ok(artifacts)
}

async function readOne(
  registry: Registry,
  repository: Repository,
  { digest }: Referrer,
  signal: AbortSignal,
): Promise<Result<ReadArtifact | undefined>> {
  const manifest = await registry.manifest(repository, digest, signal)
  if (!manifest.ok) return manifest
  if (manifest.value === undefined) return ok(undefined)
  const parsed = parseJson(manifest.value.bytes)
  const { artifactType, annotations, subject, layers, config } = parsed as {
    readonly artifactType?: unknown
    readonly annotations?: Readonly<Record<string, string>>
    readonly subject?: { readonly digest?: unknown }
    readonly layers?: unknown
    readonly config?: { readonly mediaType?: unknown }
  }
  return ok({
    digest,
    // The type of the config stands in for one that is not given (OCI image specification 1.1).
    artifactType: String(artifactType ?? config?.mediaType ?? ''),
    annotations: annotations ?? {},
    subject: String(subject?.digest ?? ''),
    layers: layersIn(layers),
  })
}

function tooMany({ text }: Repository, subject: Digest, count: number) {
  return world(
    'registry-answer-unreadable',
    `${count} things refer to ${subject} in ${text}; ${most} are read.`,
    {
      likely: 'The same commit was built again and again, or somebody fills the list.',
      next: 'Remove the referrers that are not needed (`oras discover`, `oras manifest delete`), then run again.',
    },
  )
}
