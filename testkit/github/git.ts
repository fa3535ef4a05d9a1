import { execFile, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** One bare repository, worked on with git's own plumbing: its locks and checks are the real ones. */
export interface GitDir {
  readonly path: string
  /** Output of git without the trailing newline; rejects when git fails. */
  text(args: readonly string[], options?: GitOptions): Promise<string>
  bytes(args: readonly string[], options?: GitOptions): Promise<Buffer>
  /** Undefined when git fails: for "does this exist" questions. */
  maybe(args: readonly string[], options?: GitOptions): Promise<string | undefined>
}

export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Nothing of the machine's or the person's Git configuration reaches the stand-in. */
export const isolatedEnv = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'release-bot[bot]',
  GIT_AUTHOR_EMAIL: 'release-bot[bot]@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
})

export function openGitDir(path: string): GitDir {
  const bytes: GitDir['bytes'] = (args, options = {}) =>
    new Promise((resolve, reject) => {
      const env = { ...isolatedEnv(), GIT_DIR: path, ...options.env }
      const child = execFile(
        'git',
        args,
        { env, encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      )
      // git may exit before it has read its input; its exit code tells the story.
      child.stdin?.on('error', () => {})
      child.stdin?.end(options.input ?? '')
    })
  const text: GitDir['text'] = async (args, options) =>
    (await bytes(args, options)).toString('utf8').replace(/\n$/, '')
  return {
    path,
    bytes,
    text,
    maybe: (args, options) => text(args, options).catch(() => undefined),
  }
}

/** A bare repository whose `main` holds one empty commit. */
export async function createBare(path: string): Promise<GitDir> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn('git', ['init', '-q', '--bare', '-b', 'main', path], {
      env: isolatedEnv(),
      stdio: 'ignore',
    })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`git init ended with ${code}`))))
  })
  const git = openGitDir(path)
  const tree = await git.text(['mktree'], { input: '' })
  const root = await git.text(['commit-tree', tree], { input: 'Initial commit\n' })
  await git.text(['update-ref', 'refs/heads/main', root])
  return git
}

export interface TreeEntry {
  readonly path: string
  readonly mode?: string
  /** Null removes the path. */
  readonly sha: string | null
}

let indexCount = 0

/** Writes the tree that `base` becomes with these entries, through an index of its own. */
export async function writeTree(
  git: GitDir,
  base: string | undefined,
  entries: readonly TreeEntry[],
): Promise<string> {
  const index = join(git.path, `index-${process.pid}-${indexCount++}`)
  const env = { GIT_INDEX_FILE: index }
  try {
    await git.text(base === undefined ? ['read-tree', '--empty'] : ['read-tree', base], { env })
    const lines = entries.map((entry) =>
      entry.sha === null
        ? `0 ${'0'.repeat(40)}\t${entry.path}`
        : `${entry.mode ?? '100644'} ${entry.sha}\t${entry.path}`,
    )
    await git.text(['update-index', '-z', '--index-info'], {
      env,
      input: lines.map((line) => `${line}\0`).join(''),
    })
    return await git.text(['write-tree'], { env })
  } finally {
    await rm(index, { force: true })
  }
}

/** Compare-and-swap by git's own ref lock; false when the ref is no longer `expected`. */
export async function swapRef(git: GitDir, ref: string, next: string, expected: string): Promise<boolean> {
  return (await git.maybe(['update-ref', ref, next, expected])) !== undefined
}

export const noObject = '0'.repeat(40)

/** Undefined when the ref or object does not exist. */
export function resolveCommit(git: GitDir, revision: string): Promise<string | undefined> {
  return git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', `${revision}^{commit}`])
}

/** Type of an object named by its full id. */
export async function objectType(git: GitDir, id: unknown): Promise<string | undefined> {
  return typeof id === 'string' && /^[0-9a-f]{40}$/.test(id) ? git.maybe(['cat-file', '-t', id]) : undefined
}

export async function isAncestor(git: GitDir, ancestor: string, descendant: string): Promise<boolean> {
  return (await git.maybe(['merge-base', '--is-ancestor', ancestor, descendant])) !== undefined
}
