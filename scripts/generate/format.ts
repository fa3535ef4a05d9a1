import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const biome = join(
  dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')),
  'bin',
  'biome',
)

/** As the formatter of the repository leaves it, so that generating and formatting do not undo each other. */
export async function formatted(root: string, path: string, text: string): Promise<string> {
  const running = promisify(execFile)(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    cwd: root,
  })
  running.child.stdin?.end(text)
  return (await running).stdout
}
