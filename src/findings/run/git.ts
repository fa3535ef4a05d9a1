import { type Exec, err, ok, type Result } from '../../release/index.ts'
import { changedFiles, type FileChange, hunksOf, type LineMap, lineMapOf, noLineMap } from '../match/lines.ts'
import { noRepository } from './faults.ts'

export interface GitContext {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly folder: string
}

/** A repository that was checked out for somebody else's code: no hooks, no monitors, no pager, no prompts. */
const settings = [
  ...['-c', 'safe.directory=*', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'],
  ...['-c', 'core.quotePath=false', '-c', 'core.symlinks=false'],
]

export async function git(
  context: GitContext,
  args: readonly string[],
  more: { stdin?: string; index?: string } = {},
) {
  const { PATH = '', HOME = '' } = context.env
  const index = more.index === undefined ? {} : { GIT_INDEX_FILE: more.index }
  return context.exec('git', [...settings, ...args], {
    cwd: context.folder,
    env: { PATH, HOME, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', ...index },
    ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
    timeoutMs: 120_000,
    signal: context.signal,
  })
}

/** Commit of the checkout and every file of it. */
export async function headOf(
  context: GitContext,
): Promise<Result<{ readonly commit: string; readonly tree: readonly string[] }>> {
  const head = await git(context, ['rev-parse', '--verify', 'HEAD^{commit}'])
  if (head.code !== 0) return err(noRepository(head.stderr.trim().slice(0, 300)))
  const files = await git(context, ['ls-files', '-z'])
  if (files.code !== 0) return err(noRepository(files.stderr.trim().slice(0, 300)))
  return ok({ commit: head.stdout.trim(), tree: files.stdout.split('\0').filter((file) => file !== '') })
}

export async function hasCommit(context: GitContext, commit: string): Promise<boolean> {
  return (await git(context, ['cat-file', '-e', `${commit}^{commit}`])).code === 0
}

/** A file of a commit; undefined when the commit does not have it. */
export async function fileAt(context: GitContext, commit: string, file: string): Promise<string | undefined> {
  const found = await git(context, ['ls-tree', '-z', commit, '--', `:(literal,top)${file}`])
  // A link or a submodule is no file to read a policy from.
  if (found.code !== 0 || !/^100\d{3} blob /.test(found.stdout)) return undefined
  const text = await git(context, ['cat-file', 'blob', `${commit}:${file}`])
  return text.code === 0 ? text.stdout : undefined
}

/** Writes files of a commit below `folder`, whatever the checkout holds; links become plain files. */
export async function writeFilesOf(
  context: GitContext,
  commit: string,
  files: readonly string[],
  folder: string,
): Promise<boolean> {
  const index = `${folder}.index`
  const read = await git(context, ['read-tree', commit], { index })
  if (read.code !== 0) return false
  const args = ['checkout-index', '--quiet', '--force', `--prefix=${folder}/`, '-z', '--stdin']
  // Files that the commit does not have make it answer 1; the others are written all the same.
  await git(context, args, { index, stdin: files.map((file) => `${file}\0`).join('') })
  return true
}

/** How the commit differs from the checkout, with the edits of the files that findings lie in. */
export async function lineMapFrom(
  context: GitContext,
  commit: string,
  interesting: ReadonlySet<string>,
): Promise<LineMap> {
  const names = await git(context, ['diff', '-z', '--name-status', '-M', '--no-ext-diff', commit, '--'])
  if (names.code !== 0) return noLineMap
  const changes = changedFiles(names.stdout)
  const wanted = changes.filter(
    ({ before, now }) =>
      (before !== undefined && interesting.has(before)) || (now !== undefined && interesting.has(now)),
  )
  const hunks = new Map<string, readonly { from: number; removed: number; to: number; added: number }[]>()
  for (let from = 0; from < wanted.length; from += 200) {
    const paths = wanted
      .slice(from, from + 200)
      .flatMap(({ before, now }) => [before, now])
      .filter((path) => path !== undefined)
    const flags = [
      '-U0',
      '-M',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      '--src-prefix=a/',
      '--dst-prefix=b/',
    ]
    const args = [
      'diff',
      ...flags,
      commit,
      '--',
      ...[...new Set(paths)].map((path) => `:(literal,top)${path}`),
    ]
    // Over its bound of output the program is stopped; then nothing is known of these lines, and nothing excused.
    const diff = await git(context, args).catch(() => undefined)
    context.signal.throwIfAborted()
    if (diff?.code === 0) for (const [file, edits] of hunksOf(diff.stdout)) hunks.set(file, edits)
  }
  return lineMapOf(changes.map((change): FileChange => withHunks(change, hunks)))
}

/** A pure rename has no hunks and no header of a text; it is told by its being absent and both names there. */
function withHunks(
  change: FileChange,
  hunks: ReadonlyMap<string, NonNullable<FileChange['hunks']>>,
): FileChange {
  const found = change.now === undefined ? undefined : hunks.get(change.now)
  if (found !== undefined) return { ...change, hunks: found }
  const renamed = change.before !== undefined && change.now !== undefined && change.before !== change.now
  return renamed ? { ...change, hunks: [] } : change
}
