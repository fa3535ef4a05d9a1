import { err, type Fault, ok, type Result } from '../release/index.ts'
import type { FileChange } from './repo.ts'

/** A path as Git stores it: relative, with slashes, without a way out of the tree or into `.git`. */
export function isSafePath(path: string): boolean {
  if (path === '' || path !== path.toWellFormed() || /[\p{Cc}\\]/u.test(path)) return false
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}

/** What `read` is asked for: files, and folders with a trailing slash. */
export function checkPaths(paths: readonly string[]): Result<readonly string[]> {
  const bad = paths.find((path) => !isSafePath(path.replace(/\/$/, '')))
  return bad === undefined ? ok(paths) : err(badPath(bad, 'it is absolute, empty, or leaves the repository'))
}

/** What `commit` is given: every path safe and named once, and none is a folder of another. */
export function checkChanges(files: readonly FileChange[]): Result<readonly FileChange[]> {
  const bad = files.find(({ path }) => !isSafePath(path))
  if (bad !== undefined) return err(badPath(bad.path, 'it is absolute, empty, or leaves the repository'))
  const written = files.filter((file) => 'text' in file).map(({ path }) => path)
  const all = new Set(files.map(({ path }) => path))
  if (all.size !== files.length) {
    const twice = files.find(({ path }, at) => files.findIndex((file) => file.path === path) !== at)
    return err(badPath(twice?.path ?? '', 'it is changed twice in one commit'))
  }
  const texts = new Set(written)
  const nested = written.find((path) => parentsOf(path).some((parent) => texts.has(parent)))
  if (nested !== undefined)
    return err(badPath(nested, 'one of its folders is written as a file in the same commit'))
  const broken = files.find((file) => 'text' in file && file.text !== file.text.toWellFormed())
  if (broken !== undefined)
    return err(badPath(broken.path, 'its text has half of a surrogate pair and no UTF-8 form'))
  return ok(files)
}

export function parentsOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'))
}

/** Does `path` fall under what was asked for? */
export function isAsked(paths: readonly string[], path: string): boolean {
  return paths.some((asked) => (asked.endsWith('/') ? path.startsWith(asked) : path === asked))
}

function badPath(path: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'gitops-path-invalid',
    cause: `${JSON.stringify(path)} cannot be a path in the GitOps repository: ${why}.`,
    next: 'Correct the paths of gitops in tuesday.yaml; nothing was written.',
  }
}
