import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { err, ok, type Result } from '../release/index.ts'
import { missingFile, outside, tooLarge } from './faults.ts'

/** Documents larger than this are refused unread. */
export const maxBytes = 64 * 1024 * 1024

/** Where contract documents are read from: a folder, or a commit. Paths have `/` and never leave the root. */
export interface FileReader {
  read(path: string): Promise<Result<string>>
}

/** Reads a folder. A link that leads out of it is refused like a path that does. */
export function folderReader(root: string): FileReader {
  return {
    async read(path) {
      let real: string
      try {
        const base = await realpath(root)
        real = await realpath(join(base, path))
        const inside = relative(base, real)
        if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return err(outside(path))
        const { size } = await stat(real)
        if (size > maxBytes) return err(tooLarge(path, `it has ${size} bytes`))
      } catch {
        return err(missingFile(path))
      }
      try {
        return ok(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(real)))
      } catch (error) {
        return err({
          blame: 'user',
          reason: 'contract-unreadable',
          cause: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          next: 'Give the path of a JSON or YAML file in UTF-8.',
          at: { file: path },
        })
      }
    },
  }
}
