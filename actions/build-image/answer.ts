import { markdownTable, type Outcome } from '../../src/action/index.ts'
import { type BuiltImage, type ImageChange, mb, sizeOf } from '../../src/image/index.ts'
import { formatDuration } from '../../src/release/index.ts'
import type { action } from './action.ts'

export type BuildOutcome = Outcome<keyof (typeof action)['outputs'] & string>

/** More in a summary is not read; the lists of contents have all of it. */
const mostPackages = 20

export function answer(built: BuiltImage): BuildOutcome {
  const { digest, reference, tag, tags, builder, existed, sboms, ms, image, cache, change } = built
  const sizes = Object.fromEntries(
    image.platforms.map(({ platform, layers }) => [platform, layers.map(({ size }) => size)]),
  )
  const platforms = Object.keys(sizes)
  const hits = cache === undefined ? '' : `${cache.hits}/${cache.steps}`
  const data = {
    ...{ version: 1, digest, reference, tag, tags, builder, existed, sboms, platforms, sizes, ms },
    ...(cache && { cache: { ...cache } }),
    ...(change && { change: JSON.parse(JSON.stringify(change)) }),
  }
  return {
    verdict: 'pass',
    reason: existed ? 'nothing-to-do' : 'done',
    message: existed
      ? `The image of ${tag} was built before: ${reference}.`
      : `${reference} was ${builder === 'layout' ? 'pushed from its layout' : `built by ${builder} and pushed`} in ${formatDuration(ms)}.`,
    data,
    outputs: {
      ...{ digest, reference, tag, tags: tags.join('\n'), sbom: sboms.join('\n') },
      ...{ platforms: platforms.join('\n'), sizes: JSON.stringify(sizes) },
      ...{ 'cache-hits': hits, 'duration-ms': String(ms) },
    },
    summary: [
      { title: 'Image', body: imageTable(built, hits) },
      ...(change === undefined ? [] : [{ title: 'Since the live image', body: changeText(change) }]),
    ],
  }
}

function imageTable({ reference, tags, image, ms }: BuiltImage, hits: string): string {
  const rows = image.platforms.map(({ platform, layers }) => [
    platform,
    mb(sizeOf([{ layers }])),
    layers.map(({ size }) => mb(size)).join(' + '),
  ])
  const steps = hits === '' ? '' : `, ${hits} steps from the cache`
  return [
    `\`${reference}\``,
    `Tags ${tags.map((tag) => `\`${tag}\``).join(', ')}; ${formatDuration(ms)}${steps}.`,
    markdownTable(['platform', 'size', 'layers'], rows),
  ].join('\n\n')
}

function changeText({ base, bytes, packages }: ImageChange): string {
  const size = `Size: ${mb(bytes.before)} to ${mb(bytes.after)}.`
  const bases =
    base === undefined ? 'The base is the same.' : `Base: \`${base.before}\` to \`${base.after}\`.`
  if (packages === undefined)
    return [size, bases, 'Packages: one of the two has no list of contents.'].join('\n\n')
  const rows = packages
    .slice(0, mostPackages)
    .map(({ name, before, after }) => [name, before ?? '', after ?? ''])
  const more = packages.length > mostPackages ? [`and ${packages.length - mostPackages} more`] : []
  const table = rows.length === 0 ? 'No package changed.' : markdownTable(['package', 'live', 'this'], rows)
  return [size, bases, table, ...more].join('\n\n')
}
