import type { Fault } from '../release/index.ts'
import { world } from './faults.ts'

/** As the C library, Go and the tools around them put it; EDQUOT is a full quota. */
const words = /no space left on device|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/i

export function saysDiskFull(lines: readonly string[]): boolean {
  return lines.some((line) => words.test(line))
}

export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** `doing` ends the sentence "The disk is full: …". */
export function diskFull(doing: string): Fault {
  return world('disk-full', `The disk of the runner is full: ${doing}.`, {
    likely: 'Images, caches or earlier jobs fill the disk of this runner.',
    next: 'Free space (`docker system prune`, `buildah prune`) or take a larger runner, then run again; no tag was set.',
  })
}
