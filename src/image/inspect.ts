import { readFile } from 'node:fs/promises'
import { type Digest, parseDigest } from '../release/index.ts'
import type { LayoutImage } from './read-layout.ts'

export interface Layer {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
}

/** What an image says of itself (OCI image specification 1.1, config). */
export interface ImageConfig {
  readonly user: string
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** One line a step, as the builder wrote it down. */
  readonly history: readonly string[]
}

/** An image for one platform: a multi-platform image has several. */
export interface PlatformImage {
  readonly platform: string
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly layers: readonly Layer[]
  readonly config: ImageConfig
}

/** The images of a layout with their own words. Attestations that a builder put into the index are none. */
export async function inspectLayout(image: LayoutImage): Promise<readonly PlatformImage[]> {
  const files = new Map(image.blobs.map(({ digest, file }) => [digest, file]))
  const images: PlatformImage[] = []
  for (const { digest, mediaType, bytes } of image.manifests) {
    const { config, layers } = parseJson(bytes)
    const file = files.get(digestIn(config) as Digest)
    if (file === undefined) continue
    const found = readImageConfig(await readFile(file))
    if (found === undefined) continue
    images.push({ ...found, mediaType, digest, size: bytes.length, layers: layersIn(layers) })
  }
  return images
}

export function layersIn(value: unknown): readonly Layer[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown) => {
    const digest = digestIn(entry)
    const { mediaType, size } = record(entry)
    return digest !== undefined && typeof mediaType === 'string' && typeof size === 'number'
      ? [{ digest, mediaType, size }]
      : []
  })
}

/** Undefined for what is no config of an image. */
export function readImageConfig(
  bytes: Uint8Array,
): { readonly platform: string; readonly config: ImageConfig } | undefined {
  const { os, architecture, variant, config, history } = parseJson(bytes)
  // BuildKit writes unknown/unknown for what is an attestation.
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') return undefined
  const { User, Env, Labels } = record(config)
  const steps = Array.isArray(history) ? history : []
  return {
    platform: [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join(
      '/',
    ),
    config: {
      user: typeof User === 'string' ? User : '',
      env: texts(Env),
      labels: Object.fromEntries(
        Object.entries(record(Labels)).filter(
          (pair): pair is [string, string] => typeof pair[1] === 'string',
        ),
      ),
      history: texts(steps.map((step) => record(step).created_by)),
    },
  }
}

function digestIn(value: unknown): Digest | undefined {
  const { digest } = record(value)
  return typeof digest === 'string' ? parseDigest(digest) : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

export function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return {}
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
