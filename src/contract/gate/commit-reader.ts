import { fileAt, type GitContext, git } from '../../findings/index.ts'
import { err, ok, type Result } from '../../release/index.ts'
import { missingFile, tooLarge, unreadable } from '../faults.ts'
import { type FileReader, maxBytes } from '../files.ts'

/** Reads files of a commit, whatever the checkout holds. Links and submodules are no documents. */
export function commitReader(context: GitContext, commit: string): FileReader {
  return {
    async read(path) {
      const size = await sizeAt(context, commit, path)
      if (size === undefined) return err(missingFile(`${path} (at ${commit.slice(0, 12)})`))
      if (size > maxBytes) return err(tooLarge(path, `it has ${size} bytes`))
      const text = await fileAt(context, commit, path)
      if (text === undefined) return err(missingFile(`${path} (at ${commit.slice(0, 12)})`))
      return text.includes('\uFFFD') ? err(unreadable(path, 'it is not text in UTF-8.')) : ok(text)
    },
  }
}

async function sizeAt(context: GitContext, commit: string, path: string): Promise<number | undefined> {
  const listed = await git(context, ['ls-tree', '-z', '--long', commit, '--', `:(literal,top)${path}`])
  const [, size] = /^100\d{3} blob [0-9a-f]+ +(\d+)\t/.exec(listed.code === 0 ? listed.stdout : '') ?? []
  return size === undefined ? undefined : Number(size)
}

export async function hasFile(context: GitContext, commit: string, path: string): Promise<boolean> {
  return (await sizeAt(context, commit, path)) !== undefined
}

/**
 * The commit that a change grew from: what the target branch gained since is none of its removals. An answer of
 * `swapped` is a head that stands in the history of its base.
 */
export async function forkPoint(
  context: GitContext,
  base: string,
): Promise<Result<{ readonly commit: string; readonly swapped: boolean }>> {
  const head = await git(context, ['rev-parse', '--verify', 'HEAD^{commit}'])
  const found = await git(context, ['merge-base', base, 'HEAD'])
  const commit = found.stdout.trim()
  if (found.code !== 0 || commit === '') {
    return err({
      blame: 'user',
      reason: 'contract-base-missing',
      cause: `Git finds no common ancestor of ${base.slice(0, 12)} and the checkout.`,
      likely: 'The clone is shallow: actions/checkout fetches a single commit unless it is told otherwise.',
      next: 'Give the checkout `fetch-depth: 0`.',
    })
  }
  const tip = await git(context, ['rev-parse', '--verify', `${base}^{commit}`])
  const swapped = commit === head.stdout.trim() && tip.stdout.trim() !== commit
  return ok({ commit, swapped })
}
