import { type Digest, ok, type Result } from '../release/index.ts'
import type { BuildRequest, BuiltImage } from './build.ts'
import { compareImages } from './compare.ts'
import { describeImage, packagesOf } from './describe.ts'
import { inspectLayout } from './inspect.ts'
import { checkQuality, sizeOf } from './quality/quality.ts'
import { readLayout } from './read-layout.ts'

/** What is served, and what is different from the image that is live. */
export async function tell(
  { registry, repository, live, programs: { signal } }: BuildRequest,
  digest: Digest,
): Promise<Result<Pick<BuiltImage, 'image' | 'change'>>> {
  const image = await describeImage(registry, repository, digest, signal)
  if (!image.ok) return image
  const served = image.value ?? { platforms: [] }
  if (live === undefined) return ok({ image: served })
  const before = await describeImage(registry, repository, live, signal)
  if (!before.ok) return before
  if (before.value === undefined) return ok({ image: served })
  const packages: (ReadonlyMap<string, string> | undefined)[] = []
  for (const one of [live, digest]) {
    const found = await packagesOf(registry, repository, one, signal)
    if (!found.ok) return found
    packages.push(found.value)
  }
  const change = compareImages(
    { image: before.value, packages: packages[0] },
    { image: served, packages: packages[1] },
  )
  return ok({ image: served, change })
}

/** Looked at before anything is pushed: what is in a registry is read by others at once. */
export async function looksGood(request: BuildRequest, layoutDir: string): Promise<Result<void>> {
  const { quality, registry, repository, live, dockerfile, programs, logger } = request
  if (quality === undefined) return ok(undefined)
  const layout = await readLayout(layoutDir)
  if (!layout.ok) return layout
  const images = await inspectLayout(layout.value)
  const seen = new Set<Digest>()
  for (const { digest } of images.flatMap((image) => image.layers)) {
    const present = await registry.hasBlob(repository, digest, programs.signal)
    if (!present.ok) return present
    if (present.value) seen.add(digest)
  }
  const before =
    live === undefined ? ok(undefined) : await describeImage(registry, repository, live, programs.signal)
  if (!before.ok) return before
  const liveBytes = before.value === undefined ? undefined : sizeOf(before.value.platforms)
  const rules = { ...quality, ...(liveBytes === undefined ? {} : { liveBytes }) }
  return checkQuality({ ...rules, images, layoutDir, dockerfile, seen }, logger)
}
