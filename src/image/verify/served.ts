import { type Digest, err, ok, parseDigest, type Result } from '../../release/index.ts'
import { layersIn, parseJson } from '../inspect.ts'
import type { Registry } from '../registry/client.ts'
import type { Repository } from '../repository.ts'
import { notServed, notWhole } from './faults.ts'

/** Whether the registry serves the image whole: its manifests by their digests, and every blob that they name. */
export async function checkServed(
  registry: Registry,
  repository: Repository,
  digest: Digest,
  signal: AbortSignal,
  within?: Digest,
): Promise<Result<void>> {
  const manifest = await registry.manifest(repository, digest, signal)
  if (!manifest.ok) return manifest
  if (manifest.value === undefined) {
    return err(within === undefined ? notServed(repository, digest) : notWhole(repository, within, digest))
  }
  const { manifests, config, layers } = parseJson(manifest.value.bytes)
  for (const child of Array.isArray(manifests) ? manifests : []) {
    const named = parseDigest(String((child as { readonly digest?: unknown } | null)?.digest))
    if (named === undefined) continue
    const served = await checkServed(registry, repository, named, signal, within ?? digest)
    if (!served.ok) return served
  }
  for (const blob of [...layersIn([config]), ...layersIn(layers)]) {
    const present = await registry.hasBlob(repository, blob.digest, signal)
    if (!present.ok) return present
    if (!present.value) return err(notWhole(repository, within ?? digest, blob.digest))
  }
  return ok(undefined)
}
