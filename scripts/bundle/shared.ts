import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { type Doors, target } from './entries.ts'
import { shakeToolkit } from './shake.ts'
import { absentPackages, assets } from './shipped.ts'

/** CommonJS packages call `require` for parts of Node itself. */
const banner = {
  js: "import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);",
}

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
    // The names of chunks follow from paths: a linked node_modules must not show as another place.
    preserveSymlinks: true,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target,
    charset: 'utf8',
    legalComments: 'none',
    external: [...absentPackages],
    banner,
    metafile: true,
    logLevel: 'error',
    plugins: [shakeToolkit],
  })
  mkdirSync(folder, { recursive: true })
  for (const { from, to } of assets) copyFileSync(join(root, 'node_modules', from), join(folder, to))
  return metafile
}
