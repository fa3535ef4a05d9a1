import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Repository {
  readonly folder: string
  /** As RUNNER_TEMP. */
  readonly temp: string
  /** Writes files (undefined deletes) and commits everything; answers the commit. */
  commit(files: Readonly<Record<string, string | undefined>>): string
  git(...args: readonly string[]): string
  remove(): void
}

/** A real repository in a folder of its own. */
export function newRepository(): Repository {
  const root = mkdtempSync(join(tmpdir(), 'findings-'))
  const [folder, temp] = [join(root, 'checkout'), join(root, 'temp')]
  for (const path of [folder, temp]) mkdirSync(path)
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
  const git = (...args: readonly string[]) =>
    execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--initial-branch=main')
  return {
    folder,
    temp,
    git,
    commit(files) {
      for (const [file, text] of Object.entries(files)) {
        const path = join(folder, file)
        mkdirSync(dirname(path), { recursive: true })
        if (text === undefined) rmSync(path)
        else writeFileSync(path, text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', 'change')
      return git('rev-parse', 'HEAD')
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
