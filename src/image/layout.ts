import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Digest } from '../release/index.ts'
import { digestOf } from './digest.ts'
import { type TarFile, tar } from './tar.ts'

/** What the image says of itself and how it starts (OCI image specification 1.1, config). */
export interface ImageSettings {
  readonly entrypoint?: readonly string[]
  readonly workingDir?: string
  readonly user?: string
  readonly env?: readonly string[]
  readonly exposedPorts?: readonly string[]
}

export interface LayoutRequest {
  /** Where the layout is written; made when absent. */
  readonly dir: string
  readonly files: readonly TarFile[]
  /** Time of all files and of the image: the commit's. */
  readonly created: Date
  readonly labels: Readonly<Record<string, string>>
  readonly settings?: ImageSettings
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
/** Not compressed: the bytes of gzip differ between versions of zlib, and with them would the digest. */
const layerType = 'application/vnd.oci.image.layer.v1.tar'

/** Writes an OCI layout with one image of one layer. The same files and time give the same digest everywhere. */
export async function assembleLayout(request: LayoutRequest): Promise<Digest> {
  const { dir, created, labels, settings = {}, platform = { os: 'linux', architecture: 'amd64' } } = request
  await mkdir(path.join(dir, 'blobs/sha256'), { recursive: true })
  const layer = await writeBlob(dir, tar(request.files, created))
  const time = created.toISOString()
  const config = await writeBlob(
    dir,
    json({
      created: time,
      architecture: platform.architecture,
      os: platform.os,
      config: {
        ...(settings.user === undefined ? {} : { User: settings.user }),
        ...(settings.exposedPorts === undefined
          ? {}
          : { ExposedPorts: Object.fromEntries(settings.exposedPorts.map((port) => [port, {}])) }),
        ...(settings.env === undefined ? {} : { Env: settings.env }),
        ...(settings.entrypoint === undefined ? {} : { Entrypoint: settings.entrypoint }),
        ...(settings.workingDir === undefined ? {} : { WorkingDir: settings.workingDir }),
        Labels: sorted(labels),
      },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created: time, created_by: 'tuesday: files of the commit' }],
    }),
  )
  const manifest = await writeBlob(
    dir,
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, ...config },
      layers: [{ mediaType: layerType, ...layer }],
      annotations: sorted(labels),
    }),
  )
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifestType, ...manifest, platform }] }
  await writeFile(path.join(dir, 'index.json'), json(index))
  await writeFile(path.join(dir, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  return manifest.digest
}

/** The files of a folder for a layer, below `prefix`; folders named in `without` are left out. */
export async function folderFiles(
  folder: string,
  { prefix = '', without = [] }: { readonly prefix?: string; readonly without?: readonly string[] } = {},
): Promise<readonly TarFile[]> {
  const files: TarFile[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (without.includes(entry.name)) continue
    const from = path.join(folder, entry.name)
    const to = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (entry.isDirectory()) files.push(...(await folderFiles(from, { prefix: to, without })))
    else if (entry.isFile()) {
      const executable = ((await stat(from)).mode & 0o100) !== 0
      files.push({ path: to, bytes: await readFile(from), executable })
    }
  }
  return files
}

async function writeBlob(
  dir: string,
  bytes: Buffer,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const digest = digestOf(bytes)
  await writeFile(path.join(dir, 'blobs/sha256', digest.slice('sha256:'.length)), bytes)
  return { digest, size: bytes.length }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
