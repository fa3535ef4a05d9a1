import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cliFile, sharedFolder } from './shipped.ts'

/** Whether a path from the root is built: the command line, or what is or stands in one of the built folders. */
export function isShipped(path: string): boolean {
  const [first, second, third] = path.split(/[\\/]/)
  return path === cliFile || (first === 'actions' && (second === sharedFolder || third === 'dist'))
}

/** Everything that is built, as paths from the root with `/`. */
export function shippedFiles(root: string): readonly string[] {
  const found = globSync([`actions/*/dist/**`, `actions/${sharedFolder}/**`, cliFile], { cwd: root })
  return found
    .filter((path) => statSync(join(root, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

export function bytesOf(root: string, path: string): number {
  return statSync(join(root, path)).size
}

export interface Difference {
  readonly path: string
  readonly what: 'missing' | 'left over' | 'different'
}

/** How the shipped files of `here` differ from a fresh build in `fresh`. */
export function compareShipped(here: string, fresh: string): readonly Difference[] {
  const paths = [...new Set([...shippedFiles(here), ...shippedFiles(fresh)])].sort()
  return paths.flatMap((path): Difference[] => {
    if (!existsSync(join(here, path))) return [{ path, what: 'missing' }]
    if (!existsSync(join(fresh, path))) return [{ path, what: 'left over' }]
    const same = readFileSync(join(here, path)).equals(readFileSync(join(fresh, path)))
    return same ? [] : [{ path, what: 'different' }]
  })
}
