import { closeSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { err, ok, type Result } from '../../release/index.ts'
import type { SourceReader } from '../identity/source.ts'
import { reportBounds } from '../json/bounded.ts'
import { pathOutside } from './faults.ts'

/** Generated and bundled files beyond this are not hashed; their findings are known by what the report says. */
const largestSource = 8 * 1024 * 1024

/** The files of a folder, and nothing that a link or `..` leads to outside of it. */
export function folderSource(root: string): SourceReader {
  const base = realpathSync(root)
  return (file) => {
    try {
      const real = realpathSync(join(base, file))
      if (!isWithin(base, real)) return undefined
      const stats = statSync(real)
      if (!stats.isFile() || stats.size > largestSource) return undefined
      return readFileSync(real, 'utf8')
    } catch {
      return undefined
    }
  }
}

export type ReportBytes =
  | { readonly bytes: Uint8Array }
  | { readonly missing: true }
  | { readonly tooLarge: number }

/** A report within the checkout or the temporary folder of the job. What is too large is refused unread. */
export function readReportFile(path: string, workspace: string, temp: string): Result<ReportBytes> {
  const whole = resolve(workspace, path)
  let real: string
  try {
    real = realpathSync(whole)
  } catch {
    const lexically = [workspace, temp].some((root) => isWithin(resolve(root), whole))
    return lexically ? ok({ missing: true }) : err(pathOutside(path))
  }
  const roots = [workspace, temp].flatMap((root) => {
    try {
      return [realpathSync(root)]
    } catch {
      return []
    }
  })
  if (!roots.some((root) => isWithin(root, real))) return err(pathOutside(path))
  const handle = openSync(real, 'r')
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile()) return ok({ missing: true })
    if (stats.size > reportBounds.bytes) return ok({ tooLarge: stats.size })
    return ok({ bytes: readFileSync(handle) })
  } finally {
    closeSync(handle)
  }
}

function isWithin(root: string, path: string): boolean {
  const inside = relative(root, path)
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}
