import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A migration as it lies in the folder. */
export interface ReviewFile {
  /** Name in the folder; of a paired migration with its subfolder. */
  readonly name: string
  /** From the digits at the start of its name; 0 without. */
  readonly number: number
  readonly bytes: number
  /** Absent where it is too large to be read. */
  readonly text?: string
}

/**
 * A parse tree is many times the size of its text, and a review holds one a version: beyond this a file is told, not
 * parsed. Hand-written migrations are a thousandth of it.
 */
export const largestFile = 2_000_000

/** The .sql files of a folder in the order of their names; subfolders are not migrations. */
export async function readReviewFiles(folder: string): Promise<readonly ReviewFile[]> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.sql'))
    .map(({ name }) => name)
    .sort()
  const files: ReviewFile[] = []
  for (const name of names) files.push(await readReviewFile(folder, name))
  return files
}

/** Rejects where there is no such file. */
export async function readReviewFile(folder: string, name: string): Promise<ReviewFile> {
  const path = join(folder, name)
  const bytes = (await stat(path)).size
  const number = Number(/^(\d+)/.exec(name.split('/').at(-1) ?? '')?.[1] ?? 0)
  if (bytes > largestFile) return { name, number, bytes }
  return { name, number, bytes, text: (await readFile(path, 'utf8')).replace(/^\ufeff/, '') }
}
