import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { build, type Metafile, type Plugin, transform } from 'esbuild'
import { shakeToolkit } from './shake.ts'
import { entryPackages, sharedFolder } from './shipped.ts'

export const target = 'node24'

/** A module that a run loads on demand: name of its shared file (without ending) -> emitted source. */
export type Doors = Map<string, string>

export function actionNames(root: string): readonly string[] {
  const folder = join(root, 'actions')
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'main.ts')))
    .sort()
}

/**
 * Joins what runs before the inputs are known to be good into one file in place, and leaves every `import()` of
 * ours pointing at the shared folder; the doors behind them are collected.
 */
export async function joinEntry(out: string, action: string, doors: Doors): Promise<Metafile> {
  const file = join(out, 'actions', action, 'main.js')
  const { metafile } = await build({
    absWorkingDir: out,
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target,
    legalComments: 'none',
    preserveSymlinks: true,
    metafile: true,
    logLevel: 'error',
    plugins: [collectDoors(out, doors), shakeToolkit],
  })
  refuseHeavy(action, metafile)
  return metafile
}

/** ncc and a minifier over the joined entry: actions/<name>/dist. */
export async function packEntry(out: string, action: string, dist: string): Promise<void> {
  const file = join(out, 'actions', action, 'main.js')
  const ncc: Ncc = createRequire(import.meta.url)('@vercel/ncc')
  hideShared(file)
  const { code, assets } = await ncc(file, { cache: false, minify: false, quiet: true, target: 'es2023' })
  const files = {
    'index.js': code,
    ...Object.fromEntries(Object.entries(assets).map(([k, v]) => [k, v.source])),
  }
  for (const [name, source] of Object.entries(files)) {
    const path = join(dist, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, name.endsWith('.js') ? await minify(String(source)) : source)
  }
}

type Ncc = (
  file: string,
  options: object,
) => Promise<{ code: string; assets: Record<string, { source: string | Buffer }> }>

async function minify(source: string): Promise<string> {
  const options = { minify: true, format: 'esm', target, legalComments: 'none', charset: 'utf8' } as const
  return (await transform(source, options)).code
}

function collectDoors(out: string, doors: Doors): Plugin {
  return {
    name: 'collect-doors',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined
        const source = join(resolveDir, path)
        const name = doorName(relative(out, source))
        doors.set(name, source)
        return { path: `../../${sharedFolder}/${name}.js`, external: true }
      })
    },
  }
}

/** src/config/index.js -> config, src/cluster/client.heavy.js -> cluster-client */
function doorName(path: string): string {
  const folders = dirname(path)
    .split(sep)
    .filter((folder) => folder !== 'src')
  const file = basename(path, '.js').replace(/\.heavy$/, '')
  return [...folders, ...(file === 'index' ? [] : [file])].join('-')
}

/** For webpack inside ncc: these files are not its to find. */
function hideShared(file: string): void {
  const source = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    source.replaceAll(
      `import("../../${sharedFolder}/`,
      `import(/* webpackIgnore: true */ "../../${sharedFolder}/`,
    ),
  )
}

function refuseHeavy(action: string, metafile: Metafile): void {
  const packages = Object.values(metafile.outputs).flatMap(({ inputs }) => packagesOf(Object.keys(inputs)))
  const alien = [...new Set(packages)].filter((name) => !entryPackages.includes(name))
  if (alien.length === 0) return
  throw new Error(
    `actions/${action}: the entry holds ${alien.join(', ')}; load the module that needs it with import() after the inputs are good`,
  )
}

/** Names of the npm packages that the given files belong to. */
export function packagesOf(files: readonly string[]): readonly string[] {
  const names = files.map((file) =>
    /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1]?.replace('\\', '/'),
  )
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
