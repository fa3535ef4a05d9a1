import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, err, ok, type Result } from '../../release/index.ts'
import { digestOf } from '../digest.ts'
import { diskFull, saysDiskFull } from '../disk.ts'
import { world } from '../faults.ts'
import type { PlatformImage } from '../inspect.ts'
import { ask, type Programs } from '../programs.ts'

export const spdxType = 'application/spdx+json'
export const cyclonedxType = 'application/vnd.cyclonedx+json'

/** One list of what is in an image, as a file. */
export interface Sbom {
  readonly name: string
  readonly mediaType: string
  readonly digest: Digest
  readonly file: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const boundMs = 10 * 60_000

/** Both forms for each platform, read from the layout: what is listed is what is pushed. */
export async function makeSboms(
  programs: Programs,
  syft: string,
  layoutDir: string,
  images: readonly PlatformImage[],
  outDir: string,
): Promise<Result<readonly Sbom[]>> {
  const sboms: Sbom[] = []
  for (const image of images) {
    const slug = image.platform.replaceAll('/', '-')
    const one = await soleLayout(layoutDir, image, path.join(outDir, `layout-${slug}`))
    const files = { [spdxType]: `sbom-${slug}.spdx.json`, [cyclonedxType]: `sbom-${slug}.cdx.json` }
    const spdx = path.join(outDir, files[spdxType] ?? '')
    const cyclonedx = path.join(outDir, files[cyclonedxType] ?? '')
    const outputs = ['-o', `spdx-json=${spdx}`, '-o', `cyclonedx-json=${cyclonedx}`]
    const scanned = await ask(
      { ...programs, env: { ...programs.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' } },
      syft,
      ['scan', `oci-dir:${one}`, '--quiet', '--source-name', image.digest, ...outputs],
      { timeoutMs: boundMs },
    )
    if (scanned?.code !== 0) return err(failed(scanned?.stderr))
    for (const [mediaType, name] of Object.entries(files)) {
      const file = path.join(outDir, name)
      const bytes = new Uint8Array(await readFile(file))
      sboms.push({ name, mediaType, digest: digestOf(bytes), file, bytes })
    }
  }
  return ok(sboms)
}

/** A layout with this image alone, over the same blobs: an index of several says nothing of which one is meant. */
async function soleLayout(layoutDir: string, image: PlatformImage, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true })
  await symlink(path.resolve(layoutDir, 'blobs'), path.join(dir, 'blobs'))
  const { mediaType, digest, size } = image
  await writeFile(path.join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(
    path.join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size }] }),
  )
  return dir
}

function failed(said: string | undefined) {
  const last = said?.trim().split('\n').slice(-5).join('\n') ?? 'it could not be started or took too long'
  if (saysDiskFull([last])) return diskFull('the list of packages found no room')
  return world('sbom-failed', `syft did not list what is in the image: ${last}.`, {
    likely: 'A layer is damaged, or syft is of a version that knows these options under other names.',
    next: 'Run `syft scan` on the image by hand to see more; the tag was not set.',
  })
}
