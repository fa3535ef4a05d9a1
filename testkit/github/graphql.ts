import { objectType, swapRef, type TreeEntry, writeTree } from './git.ts'
import type { Repository } from './shapes.ts'

type Json = Record<string, unknown>

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(record) : [])

/** GitHub answers a refused mutation with status 200, a null field and an error that names its type. */
function refused(query: string, type: string, message: string): Json {
  const before = query.slice(0, query.indexOf('createCommitOnBranch(')).split('\n')
  const location = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  return {
    data: { createCommitOnBranch: null },
    errors: [{ type, path: ['createCommitOnBranch'], locations: [location], message }],
  }
}

/**
 * `createCommitOnBranch(input: $input) { commit { oid url } }`: all changes in one commit, or none when
 * the branch is no longer at `expectedHeadOid`. Undefined for every other document.
 */
export async function createCommitOnBranch(
  find: (nameWithOwner: string) => Repository | undefined,
  query: string,
  variables: Json,
  now: Date,
): Promise<Json | undefined> {
  if (
    !/^\s*mutation\b[^{]*\{\s*createCommitOnBranch\(\s*input:\s*\$input\s*\)\s*\{\s*commit\s*\{[\s\w]*\}\s*\}\s*\}\s*$/.test(
      query,
    )
  ) {
    return undefined
  }
  const input = record(variables.input)
  const branch = record(input.branch)
  const repo = find(String(branch.repositoryNameWithOwner))
  if (repo === undefined) {
    return refused(
      query,
      'NOT_FOUND',
      `Could not resolve to a Repository with the name '${branch.repositoryNameWithOwner}'.`,
    )
  }
  const { git } = repo
  const ref = `refs/heads/${String(branch.branchName).replace(/^refs\/heads\//, '')}`
  const expected = String(input.expectedHeadOid)
  const head = await git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', ref])
  if (head === undefined) return refused(query, 'NOT_FOUND', `No such branch: ${ref}`)
  // The two spaces are GitHub's.
  const stale = () =>
    refused(
      query,
      'STALE_DATA',
      `Expected branch to point to "${expected}" but it did not.  Pull and try again.`,
    )
  if (head !== expected) return stale()

  const changes = record(input.fileChanges)
  const entries: TreeEntry[] = []
  for (const addition of list(changes.additions)) {
    const bytes = Buffer.from(String(addition.contents), 'base64')
    entries.push({
      path: String(addition.path),
      sha: await git.text(['hash-object', '-w', '--stdin'], { input: bytes }),
    })
  }
  for (const deletion of list(changes.deletions)) {
    const path = String(deletion.path)
    const blob = await git.maybe(['rev-parse', '-q', '--verify', '--end-of-options', `${head}:${path}`])
    if ((await objectType(git, blob)) === undefined) {
      const message = `A path was requested for deletion which does not exist as of commit oid \`${head}\``
      return refused(query, 'UNPROCESSABLE', message)
    }
    entries.push({ path, sha: null })
  }
  const tree = await writeTree(git, head, entries)
  const message = record(input.message)
  const text = [message.headline, message.body]
    .filter((part) => typeof part === 'string' && part !== '')
    .join('\n\n')
  const date = now.toISOString()
  const oid = await git.text(['commit-tree', tree, '-p', head], {
    input: text,
    env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  })
  if (!(await swapRef(git, ref, oid, head))) return stale()
  return { data: { createCommitOnBranch: { commit: { oid, url: `${repo.html}/commit/${oid}` } } } }
}
