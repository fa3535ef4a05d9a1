import path from 'node:path'
import { type Digest, err, type Fault, type Logger, ok, type Result } from '../../release/index.ts'
import { user } from '../faults.ts'
import type { Layer, PlatformImage } from '../inspect.ts'
import { layerFiles } from './layer-files.ts'
import { fileScanner, type KnownSecret, secretsInLine } from './secrets.ts'

export interface QualityRules {
  /** Values that must not be in the image. */
  readonly secrets: readonly KnownSecret[]
  /** Compressed bytes of all layers of the image that is live; absent: growth is not looked at. */
  readonly liveBytes?: number
  readonly maxGrowthPercent: number
  /** The reviewed file of waivers, when there is one. */
  readonly waivers?: { readonly file: string; readonly text: string }
  /** `2027-01-31` */
  readonly today: string
}

export type QualityRule = 'root-user' | 'secret-in-layer' | 'secret-in-history' | 'size-growth'

export interface QualityFinding {
  readonly rule: QualityRule
  /** The Dockerfile: what a waiver names. */
  readonly file: string
  readonly what: string
  readonly waived?: { readonly owner: string; readonly reason: string; readonly expires: string }
}

const reasons = {
  'root-user': 'image-root-user',
  'secret-in-layer': 'image-secret',
  'secret-in-history': 'image-secret',
  'size-growth': 'image-grown',
} as const

export interface QualityRequest extends QualityRules {
  readonly images: readonly PlatformImage[]
  readonly layoutDir: string
  readonly dockerfile: string
  /** Layers that were looked at before, when they were pushed. */
  readonly seen: ReadonlySet<Digest>
}

/** Everything that is wrong with an image, in one answer; what a waiver holds for is told and does not block. */
export async function checkQuality(request: QualityRequest, logger: Logger): Promise<Result<void>> {
  const file = path.basename(request.dockerfile)
  const found = [
    ...request.images.flatMap((image) => ofConfig(image, request.secrets)),
    ...(await ofLayers(request)),
    ...ofSize(request),
  ].map((finding) => ({ ...finding, file }))
  const marked = await waive(found, request)
  if (!marked.ok) return marked
  const blocking = marked.value.filter(({ waived }) => waived === undefined)
  for (const { rule, what, waived } of marked.value) {
    if (waived !== undefined)
      logger.notice(`${rule}: ${what}. Waived by ${waived.owner} until ${waived.expires}: ${waived.reason}`)
  }
  const [first] = blocking
  return first === undefined ? ok(undefined) : err(refusal(first.rule, blocking))
}

type Found = Omit<QualityFinding, 'file' | 'waived'>

function ofConfig({ platform, config }: PlatformImage, known: readonly KnownSecret[]): readonly Found[] {
  const user = config.user.split(':')[0] ?? ''
  const root = user === '' || user === 'root' || user === '0'
  const named = user === '' ? 'no USER' : `USER ${config.user}`
  const lines = [
    ...config.history.map((line) => ['a step of its history', line] as const),
    ...config.env.map((line) => [`ENV ${line.split('=')[0]}`, line] as const),
    ...Object.entries(config.labels).map(([key, value]) => [`the label ${key}`, value] as const),
  ]
  return [
    ...(root ? [{ rule: 'root-user' as const, what: `${platform} has ${named} and runs as root` }] : []),
    ...lines.flatMap(([where, line]) =>
      secretsInLine(line, known).map((what) => ({
        rule: 'secret-in-history' as const,
        what: `${where} of ${platform} holds ${what}`,
      })),
    ),
  ]
}

async function ofLayers({ images, layoutDir, seen, secrets }: QualityRequest): Promise<readonly Found[]> {
  const layers = new Map<Digest, Layer>(
    images.flatMap((image) => image.layers).map((layer) => [layer.digest, layer] as const),
  )
  const found: Found[] = []
  for (const [digest, layer] of layers) {
    if (seen.has(digest)) continue
    const blob = path.join(layoutDir, 'blobs/sha256', digest.slice('sha256:'.length))
    const scanner = fileScanner(secrets)
    let current = ''
    const close = () => {
      for (const what of scanner.end())
        found.push({ rule: 'secret-in-layer', what: `/${current.replace(/^\.?\//, '')} holds ${what}` })
    }
    for await (const { path: name, first, bytes } of layerFiles(blob, layer)) {
      if (first) close()
      current = name
      scanner.add(bytes)
    }
    close()
  }
  return found
}

function ofSize({ images, liveBytes, maxGrowthPercent }: QualityRequest): readonly Found[] {
  if (liveBytes === undefined || liveBytes === 0) return []
  const bytes = sizeOf(images)
  const percent = Math.round((100 * (bytes - liveBytes)) / liveBytes)
  if (percent <= maxGrowthPercent) return []
  const what = `it grew by ${percent} % over the live image, ${mb(liveBytes)} to ${mb(bytes)}; ${maxGrowthPercent} % is the limit`
  return [{ rule: 'size-growth', what }]
}

/** Compressed bytes of the layers of all platforms, each once. */
export function sizeOf(images: readonly { readonly layers: readonly Layer[] }[]): number {
  const layers = new Map(images.flatMap((image) => image.layers).map(({ digest, size }) => [digest, size]))
  return [...layers.values()].reduce((sum, size) => sum + size, 0)
}

export function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** The form and the rules of waivers are those of the schema's: file, rule, reason, owner, and a day on which they end. */
async function waive(
  found: readonly QualityFinding[],
  { waivers, today }: QualityRequest,
): Promise<Result<readonly QualityFinding[]>> {
  if (waivers === undefined || found.length === 0) return ok(found)
  const { applyWaivers, parseWaivers } = await import('../../schema/index.ts')
  const parsed = parseWaivers(waivers.text, waivers.file, 'image-waivers-invalid')
  return parsed.ok ? ok(applyWaivers(found, parsed.value, today).findings) : parsed
}

function refusal(rule: QualityRule, blocking: readonly QualityFinding[]): Fault {
  const lines = blocking.slice(0, 20).map((finding) => `${finding.rule}: ${finding.what}`)
  const more = blocking.length > 20 ? [`and ${blocking.length - 20} more`] : []
  return user(reasons[rule], ['The image is not pushed:', ...lines, ...more].join('\n  '), {
    likely: {
      'root-user': 'The Dockerfile ends without USER.',
      'secret-in-layer':
        'A file with a secret was copied in, or a step wrote one; a later RUN rm leaves it in its layer.',
      'secret-in-history':
        'A secret was given as a build argument or with ENV, which stay readable in the image.',
      'size-growth': 'Build tools, caches or test files are in the last stage.',
    }[rule],
    next: 'Mend the Dockerfile (USER, RUN --mount=type=secret, a smaller last stage), renew a secret that was pushed before, or have a waiver reviewed: `waivers` with file, rule, reason, owner and expires.',
  })
}
