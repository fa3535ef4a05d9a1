import { type Digest, ok, parseDigest, type Result } from '../release/index.ts'
import { spdxType } from './evidence/sbom.ts'
import { type ImageConfig, type Layer, layersIn, parseJson, readImageConfig } from './inspect.ts'
import { readArtifacts } from './registry/artifact.ts'
import type { Registry } from './registry/client.ts'
import type { Repository } from './repository.ts'

/** An image as the registry serves it. */
export interface ServedImage {
  readonly platforms: readonly ServedPlatform[]
  /** Name or digest of the base, where the builder wrote it down. */
  readonly base?: string
}

export interface ServedPlatform {
  readonly platform: string
  readonly layers: readonly Layer[]
  readonly config: ImageConfig
}

/** Undefined when the registry has no such image. */
export async function describeImage(
  registry: Registry,
  repository: Repository,
  digest: Digest,
  signal: AbortSignal,
): Promise<Result<ServedImage | undefined>> {
  const manifest = await registry.manifest(repository, digest, signal)
  if (!manifest.ok) return manifest
  if (manifest.value === undefined) return ok(undefined)
  const { manifests, config, layers, annotations } = parseJson(manifest.value.bytes)
  if (Array.isArray(manifests)) {
    const platforms: ServedPlatform[] = []
    let base = baseOf(annotations)
    for (const child of manifests) {
      const named = parseDigest(String((child as { readonly digest?: unknown } | null)?.digest))
      const one =
        named === undefined ? ok(undefined) : await describeImage(registry, repository, named, signal)
      if (!one.ok) return one
      platforms.push(...(one.value?.platforms ?? []))
      base ??= one.value?.base
    }
    return ok({ platforms, ...(base === undefined ? {} : { base }) })
  }
  const [descriptor] = layersIn([config])
  if (descriptor === undefined) return ok({ platforms: [] })
  const bytes = await registry.blob(repository, descriptor.digest, signal)
  if (!bytes.ok) return bytes
  const read = readImageConfig(bytes.value)
  const base = baseOf(annotations) ?? baseOf(read?.config.labels)
  const platforms = read === undefined ? [] : [{ ...read, layers: layersIn(layers) }]
  return ok({ platforms, ...(base === undefined ? {} : { base }) })
}

/** OCI image specification 1.1, "Pre-Defined Annotation Keys"; buildah writes them, and Dockerfiles as labels. */
function baseOf(value: unknown): string | undefined {
  const texts = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >
  const [name, digest] = [
    texts['org.opencontainers.image.base.name'],
    texts['org.opencontainers.image.base.digest'],
  ]
  const parts = [name, digest].filter((part): part is string => typeof part === 'string' && part !== '')
  return parts.length === 0 ? undefined : parts.join('@')
}

/** Name to version, from the lists of contents that are attached to an image; undefined when none is. */
export async function packagesOf(
  registry: Registry,
  repository: Repository,
  digest: Digest,
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, string> | undefined>> {
  const artifacts = await readArtifacts(registry, repository, digest, signal)
  if (!artifacts.ok) return artifacts
  const list = artifacts.value.find(({ artifactType }) => artifactType === spdxType)
  const [layer] = list?.layers ?? []
  if (layer === undefined) return ok(undefined)
  const bytes = await registry.blob(repository, layer.digest, signal)
  return bytes.ok ? ok(readPackages(bytes.value)) : bytes
}

/** Of an SPDX 2.3 document: what has a version. */
export function readPackages(bytes: Uint8Array): ReadonlyMap<string, string> {
  const { packages } = parseJson(bytes)
  const found = new Map<string, Set<string>>()
  for (const entry of Array.isArray(packages) ? packages : []) {
    const { name, versionInfo, primaryPackagePurpose } = (entry ?? {}) as Readonly<Record<string, unknown>>
    // The image itself stands in the list, too.
    if (typeof name !== 'string' || typeof versionInfo !== 'string') continue
    if (primaryPackagePurpose === 'CONTAINER') continue
    found.set(name, (found.get(name) ?? new Set()).add(versionInfo))
  }
  return new Map([...found].map(([name, versions]) => [name, [...versions].sort().join(', ')]))
}
