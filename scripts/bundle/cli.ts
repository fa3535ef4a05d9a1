import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { target } from './entries.ts'
import { shakeToolkit } from './shake.ts'
import { absentPackages } from './shipped.ts'

/** CommonJS packages call `require` for parts of Node itself. */
const banner = {
  js: "#!/usr/bin/env node\n// Apache-2.0. Licenses of what is in here: actions/shared/LICENSES.txt of the suite.\nimport{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);",
}

/** The command line as one file that needs nothing beside it but Node: it is there when GitHub is not. */
export async function buildCli(root: string, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile,
    // The names of modules follow from paths: a linked node_modules must not show as another place.
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
    logLevel: 'error',
    metafile: true,
    plugins: [shakeToolkit],
  })
  return metafile
}
