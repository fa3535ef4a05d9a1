import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { err, ok, type Result } from '../release/index.ts'
import { type MigrationText, parseMigrations } from './folder.ts'
import type { Migration } from './types.ts'

/** Reads the .sql files of a folder; `shown` is its path as tuesday.yaml has it. Other files do not count. */
export async function readMigrations(folder: string, shown: string): Promise<Result<readonly Migration[]>> {
  const texts: MigrationText[] = []
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.toLowerCase().endsWith('.sql')) continue
      texts.push({ file: entry.name, text: await readFile(path.join(folder, entry.name), 'utf8') })
    }
  } catch (error) {
    return err({
      blame: 'user',
      reason: 'migrations-folder-missing',
      cause: `The folder ${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      likely:
        'The repository was not checked out before this step, or `migrations.folder` names another place.',
      next: 'Check the repository out first, and set `migrations.folder` in tuesday.yaml to the folder of the .sql files.',
    })
  }
  if (texts.length === 0) {
    return err({
      blame: 'user',
      reason: 'migrations-folder-missing',
      cause: `The folder ${shown} has no .sql file.`,
      next: 'Add the first migration as 0001_what_it_does.sql, or take `migrations` out of tuesday.yaml.',
    })
  }
  const parsed = parseMigrations(shown, texts)
  return parsed.ok ? ok(parsed.value) : parsed
}
