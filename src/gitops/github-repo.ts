import type { GitHubClient, GitHubFault } from '../github/index.ts'
import { type CommitSha, err, ok, parseCommitSha, type Result } from '../release/index.ts'
import { dig, textOf, utf8 } from './answers.ts'
import { lostAnswer, missingBranch, noSuchCommits, oddAnswer, ofRepo } from './faults.ts'
import { blobId, type TreeEntry, unreadable } from './git/objects.ts'
import { githubMarks } from './github-marks.ts'
import type { GitOpsMarks } from './marks.ts'
import { checkChanges, checkPaths, isAsked } from './paths.ts'
import type { CommitOutcome, FileChange, GitOpsRepo, Snapshot } from './repo.ts'

export interface GitHubRepoOptions {
  readonly github: GitHubClient
  readonly owner: string
  readonly name: string
  readonly branch: string
}

interface Change {
  readonly parent: CommitSha
  readonly message: string
  readonly files: readonly FileChange[]
}

const createCommit =
  'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }'

/** Requests in flight at once: GitHub's secondary limits count them. */
const parallel = 4

/**
 * The branch through GitHub's API: commits are signed by GitHub and belong to the App. The compare-and-swap is
 * `expectedHeadOid`, which GitHub checks under its own lock.
 */
export function githubRepo({ github, owner, name, branch }: GitHubRepoOptions): GitOpsRepo & GitOpsMarks {
  const at = { owner, repo: name }
  const texts = new Map<string, string>()

  async function headOf(signal: AbortSignal): Promise<Result<CommitSha>> {
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/git/ref/{ref}',
      { ...at, ref: `heads/${branch}` },
      signal,
    )
    if (!answer.ok)
      return err(answer.fault.status === 404 ? missingBranch(owner, name, branch) : ofRepo(answer.fault))
    const head = parseCommitSha(textOf(dig(answer.value.data, 'object', 'sha')))
    return head === undefined ? err(oddAnswer('the ref has no commit')) : ok(head)
  }

  /** The entries under `asked`. One request where the whole tree fits into an answer, else folder by folder. */
  async function listFiles(
    tree: string,
    asked: readonly string[],
    signal: AbortSignal,
    prefix = '',
    whole = true,
  ): Promise<Result<readonly TreeEntry[], GitHubFault>> {
    const recursive = whole ? { recursive: '1' } : {}
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      { ...at, tree_sha: tree, ...recursive },
      signal,
    )
    if (!answer.ok) return answer
    if (whole && dig(answer.value.data, 'truncated') === true)
      return listFiles(tree, asked, signal, prefix, false)
    const listed = dig(answer.value.data, 'tree')
    const found: TreeEntry[] = []
    for (const entry of Array.isArray(listed) ? (listed as readonly unknown[]) : []) {
      const path = prefix + textOf(dig(entry, 'path'))
      const oid = textOf(dig(entry, 'sha'))
      if (dig(entry, 'type') !== 'tree') {
        if (isAsked(asked, path)) found.push({ path, oid, mode: textOf(dig(entry, 'mode')) })
      } else if (!whole && asked.some((wish) => wish.startsWith(`${path}/`) || `${path}/`.startsWith(wish))) {
        const below = await listFiles(oid, asked, signal, `${path}/`, false)
        if (!below.ok) return below
        found.push(...below.value)
      }
    }
    return ok(found)
  }

  async function textAt({ path, oid }: TreeEntry, signal: AbortSignal): Promise<Result<string>> {
    const known = texts.get(oid)
    if (known !== undefined) return ok(known)
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
      { ...at, file_sha: oid },
      signal,
    )
    if (!answer.ok) return err(ofRepo(answer.fault))
    const bytes = Buffer.from(textOf(dig(answer.value.data, 'content')), 'base64')
    if (blobId(bytes) !== oid) return err(oddAnswer(`the content of ${path} does not have the hash ${oid}`))
    const text = utf8(bytes)
    if (text === undefined) return err(unreadable(path, 'not UTF-8 text'))
    texts.set(oid, text)
    return ok(text)
  }

  async function read(paths: readonly string[], signal: AbortSignal): Promise<Result<Snapshot>> {
    const checked = checkPaths(paths)
    if (!checked.ok) return checked
    const head = await headOf(signal)
    if (!head.ok || paths.length === 0) return head.ok ? ok({ head: head.value, files: new Map() }) : head
    const listed = await listFiles(head.value, paths, signal)
    if (!listed.ok) return err(ofRepo(listed.fault))
    const strange = listed.value.find(({ mode }) => !mode.startsWith('100'))
    if (strange !== undefined) {
      return err(unreadable(strange.path, strange.mode === '120000' ? 'a symbolic link' : 'a submodule'))
    }
    const files = new Map<string, string>()
    for (let from = 0; from < listed.value.length; from += parallel) {
      const some = listed.value.slice(from, from + parallel)
      const read = await Promise.all(some.map((entry) => textAt(entry, signal)))
      for (const [index, text] of read.entries()) {
        if (!text.ok) return text
        files.set(some[index]?.path ?? '', text.value)
      }
    }
    return ok({ head: head.value, files })
  }

  async function commit(change: Change, signal: AbortSignal): Promise<Result<CommitOutcome>> {
    const checked = checkChanges(change.files)
    if (!checked.ok) return checked
    const fileChanges = await effective(change, signal)
    if (!fileChanges.ok) {
      // A parent that GitHub does not know is not the head either.
      const head = fileChanges.fault.status === 404 ? await headOf(signal) : undefined
      return head?.ok === true && head.value !== change.parent
        ? ok({ kind: 'conflict', head: head.value })
        : head?.ok === false
          ? head
          : err(ofRepo(fileChanges.fault))
    }
    if (Object.keys(fileChanges.value).length === 0) {
      const head = await headOf(signal)
      if (!head.ok) return head
      return ok(
        head.value === change.parent
          ? { kind: 'committed', commit: head.value }
          : { kind: 'conflict', head: head.value },
      )
    }
    const [headline = '', ...rest] = change.message.trim().split('\n')
    const body = rest.join('\n').trim()
    const input = {
      branch: { repositoryNameWithOwner: `${owner}/${name}`, branchName: branch },
      message: { headline, ...(body === '' ? {} : { body }) },
      expectedHeadOid: change.parent,
      fileChanges: fileChanges.value,
    }
    const answer = await github.graphql(createCommit, { input }, signal)
    if (!answer.ok) return settle(change, answer.fault, signal)
    const made = parseCommitSha(textOf(dig(answer.value, 'createCommitOnBranch', 'commit', 'oid')))
    return made === undefined
      ? settle(change, { ...oddAnswer('it names no commit'), ambiguous: true }, signal)
      : ok({ kind: 'committed', commit: made })
  }

  /** What differs from the parent: GitHub refuses the deletion of an absent file, and empty lists as well. */
  async function effective(
    { parent, files }: Change,
    signal: AbortSignal,
  ): Promise<Result<object, GitHubFault>> {
    const listed = await listFiles(
      parent,
      files.map(({ path }) => path),
      signal,
    )
    if (!listed.ok) return listed
    const present = new Map(listed.value.map(({ path, oid }) => [path, oid]))
    const additions = files.flatMap((file) => {
      if (!('text' in file)) return []
      const bytes = Buffer.from(file.text, 'utf8')
      return present.get(file.path) === blobId(bytes)
        ? []
        : [{ path: file.path, contents: bytes.toString('base64') }]
    })
    const deletions = files.flatMap((file) =>
      'text' in file || !present.has(file.path) ? [] : [{ path: file.path }],
    )
    return ok({
      ...(additions.length === 0 ? {} : { additions }),
      ...(deletions.length === 0 ? {} : { deletions }),
    })
  }

  /** No good answer to a commit: a refusal is certain, anything else is looked up in the history of the branch. */
  async function settle(
    change: Change,
    fault: GitHubFault,
    signal: AbortSignal,
  ): Promise<Result<CommitOutcome>> {
    if (fault.reason === 'cancelled') return err(fault)
    const head = await headOf(signal)
    if (!head.ok) return fault.ambiguous ? err(lostAnswer('The commit', fault.cause, head.fault)) : head
    if (fault.graphql === 'STALE_DATA' && head.value !== change.parent)
      return ok({ kind: 'conflict', head: head.value })
    if (!fault.ambiguous || head.value === change.parent) return err(ofRepo(fault))
    const basehead = `${change.parent}...${head.value}`
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      { ...at, basehead },
      signal,
    )
    if (!answer.ok) return err(lostAnswer('The commit', fault.cause, answer.fault))
    const commits = dig(answer.value.data, 'commits')
    const ours = (Array.isArray(commits) ? (commits as readonly unknown[]) : []).find(
      (commit) =>
        textOf(dig(commit, 'parents', 0, 'sha')) === change.parent &&
        textOf(dig(commit, 'commit', 'message')).trim() === change.message.trim(),
    )
    const made = parseCommitSha(textOf(dig(ours, 'sha')))
    return ok(
      made === undefined ? { kind: 'conflict', head: head.value } : { kind: 'committed', commit: made },
    )
  }

  async function isAncestor(
    ancestor: CommitSha,
    descendant: CommitSha,
    signal: AbortSignal,
  ): Promise<Result<boolean>> {
    if (ancestor === descendant) return ok(true)
    const basehead = `${ancestor}...${descendant}`
    const answer = await github.rest(
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      { ...at, basehead },
      signal,
    )
    if (!answer.ok)
      return err(
        answer.fault.status === 404
          ? noSuchCommits(`${owner}/${name}`, [ancestor, descendant])
          : ofRepo(answer.fault),
      )
    const status = textOf(dig(answer.value.data, 'status'))
    if (!['ahead', 'identical', 'behind', 'diverged'].includes(status))
      return err(oddAnswer('a comparison without a status'))
    return ok(status === 'ahead' || status === 'identical')
  }

  return { read, commit, isAncestor, ...githubMarks(github, at) }
}
