import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import type { Doors } from './entries.ts'
import { assets } from './shipped.ts'
import { requireBanner, shippedAs } from './shipped-as.ts'

/** Builds all doors together: what two of them need stands once, in a chunk that both import. */
export async function buildShared(
  root: string,
  out: string,
  folder: string,
  doors: Doors,
): Promise<Metafile> {
  if (doors.size === 0) return { inputs: {}, outputs: {} }
  const { metafile } = await build({
    absWorkingDir: out,
    entryPoints: Object.fromEntries([...doors].sort(([left], [right]) => (left < right ? -1 : 1))),
    outdir: folder,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    ...shippedAs,
    banner: { js: requireBanner },
  })
  mkdirSync(folder, { recursive: true })
  for (const { from, to } of assets) copyFileSync(join(root, 'node_modules', from), join(folder, to))
  return metafile
}
