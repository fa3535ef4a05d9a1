import os from 'node:os'
import path from 'node:path'

export const rigDir = import.meta.dirname
export const repositoryDir = path.dirname(rigDir)

/** Built parts, outside the tree: they survive a fresh checkout. */
export function cacheDir(): string {
  return process.env.TUESDAY_RIG_CACHE ?? path.join(os.homedir(), '.cache', 'tuesday-rig')
}

/** One folder per running rig. Kept short: Unix socket paths end at 107 bytes. */
export function runsDir(): string {
  return path.join(os.tmpdir(), `tuesday-rig-${process.getuid?.() ?? 0}`)
}
