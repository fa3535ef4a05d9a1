import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { requireBanner, shippedAs } from './shipped-as.ts'

const head =
  '#!/usr/bin/env node\n// Apache-2.0. Licenses of what is in here: actions/shared/LICENSES.txt of the suite.\n'

/** The command line as one file that needs nothing beside it but Node: it is there when GitHub is not. */
export async function buildCli(root: string, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile,
    ...shippedAs,
    banner: { js: `${head}${requireBanner}` },
  })
  return metafile
}
