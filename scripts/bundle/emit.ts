import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Checks the types of all that is shipped and writes it as JavaScript to `out`, in the same folders. */
export function emit(root: string, out: string): void {
  // ncc tells ESM from CommonJS by the nearest package.json.
  writeFileSync(join(out, 'package.json'), '{"type":"module"}\n')
  const project = join(out, 'tsconfig.json')
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: root,
      outDir: out,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    // Ambient declarations are imported by nobody.
    include: [join(root, 'actions/*/main.ts'), join(root, 'src/**/*.d.ts')],
    exclude: [],
  }
  writeFileSync(project, JSON.stringify(config))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('the types do not check; nothing was written to actions/')
}
