import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type CommitSha, err, ok, parseCommitSha, type Result } from '../release/index.ts'
import { diskFull, saysDiskFull } from './disk.ts'
import { user } from './faults.ts'
import { ask, type Programs } from './programs.ts'

/** The commit that is built, and when it was made. */
export interface Source {
  readonly dir: string
  readonly commit: CommitSha
  readonly committed: Date
  /** The work tree holds changes; they are not built. */
  readonly dirty: boolean
}

const archiveBoundMs = 5 * 60_000

/** Finds the commit in the clone at `dir`; `revision` is `HEAD` or a full commit id. */
export async function findSource(programs: Programs, dir: string, revision: string): Promise<Result<Source>> {
  const git = (...args: readonly string[]) => ask(programs, 'git', [...anyOwner, ...args], { cwd: dir })
  const inside = await git('rev-parse', '--is-inside-work-tree')
  if (inside?.stdout.trim() !== 'true') return err(noGit(dir, inside?.stderr))
  const found = await git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`)
  const commit = parseCommitSha(found?.stdout.trim() ?? '')
  if (commit === undefined) {
    const shallow = (await git('rev-parse', '--is-shallow-repository'))?.stdout.trim() === 'true'
    return err(noCommit(revision, shallow))
  }
  const time = Number((await git('show', '--no-patch', '--format=%ct', commit))?.stdout.trim() || Number.NaN)
  if (!Number.isInteger(time)) return err(noCommit(revision, false))
  const status = await git('status', '--porcelain', '--untracked-files=no')
  return ok({ dir, commit, committed: new Date(time * 1000), dirty: (status?.stdout ?? '') !== '' })
}

/**
 * Puts the files of the commit into `to`. What lies in the work tree besides (build output, secrets, edits) is not
 * built, and modes and times do not depend on the machine: the umask of the checkout would change the digest.
 */
export async function exportCommit(
  programs: Programs,
  { dir, commit }: Source,
  to: string,
): Promise<Result<void>> {
  await mkdir(to, { recursive: true })
  const file = `${to}.tar`
  const archived = await ask(
    programs,
    'git',
    [...anyOwner, '-c', 'tar.umask=0022', 'archive', '--format=tar', '-o', file, commit],
    { cwd: await topLevel(programs, dir), timeoutMs: archiveBoundMs },
  )
  if (archived?.code !== 0) return err(noArchive(commit, archived?.stderr))
  const unpacked = await ask(programs, 'tar', ['-xpf', file, '-C', to], { timeoutMs: archiveBoundMs })
  return unpacked?.code === 0 ? ok(undefined) : err(noArchive(commit, unpacked?.stderr))
}

/** Path of a folder of the work tree below the top of the repository; '' for the top itself. */
export async function belowTop(programs: Programs, dir: string, folder: string): Promise<string> {
  return path.relative(await topLevel(programs, dir), path.resolve(dir, folder))
}

async function topLevel(programs: Programs, dir: string): Promise<string> {
  const top = await ask(programs, 'git', [...anyOwner, 'rev-parse', '--show-toplevel'], { cwd: dir })
  return top?.stdout.trim() || dir
}

/** The checkout of a container job often belongs to another user; the job itself chose this folder. */
const anyOwner = ['-c', 'safe.directory=*']

function noGit(dir: string, said: string | undefined) {
  return user(
    'git-missing',
    `${dir} is not a Git work tree${said ? `: ${firstLine(said)}` : ', or Git is not installed'}.`,
    {
      likely: 'The repository was not checked out before this step.',
      next: 'Check the repository out with actions/checkout before this step.',
    },
  )
}

function noCommit(revision: string, shallow: boolean) {
  return user('git-commit-missing', `The commit ${revision} is not in the local clone.`, {
    likely: shallow ? 'The clone is shallow and holds another commit.' : 'The commit was not fetched.',
    next: 'Check that commit out with actions/checkout (`ref`), or set fetch-depth: 0.',
  })
}

function noArchive(commit: string, said: string | undefined) {
  if (saysDiskFull([said ?? ''])) return diskFull(`the files of ${commit} found no room`)
  return user(
    'git-commit-missing',
    `The files of ${commit} could not be taken from Git: ${firstLine(said ?? 'git or tar did not run')}.`,
    {
      likely: 'The clone is partial or damaged, or `tar` is not installed.',
      next: 'Check the repository out again without filters.',
    },
  )
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
