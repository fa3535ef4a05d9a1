import type { GitHubClient } from '../github/index.ts'
import { err, ok, parseCommitSha, type Result } from '../release/index.ts'
import { type PolicySource, policyUnreadable } from './source.ts'

export interface GitHubSourceOptions {
  readonly github: GitHubClient
  /** `owner/name` */
  readonly repository: string
}

/** More files than a tree listing carries whole would hide one that differs. */
type Tree = ReadonlyMap<string, string>

/** The policy over GitHub's API: needs `contents: read`, and no checkout. */
export function githubPolicySource({ github, repository }: GitHubSourceOptions): PolicySource {
  const [owner = '', repo = ''] = repository.split('/')
  const at = { owner, repo }

  async function tree(commit: string, signal: AbortSignal): Promise<Result<Tree>> {
    const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}'
    const answer = await github.rest(route, { ...at, tree_sha: commit, recursive: '1' }, signal)
    if (!answer.ok) return answer
    const data = answer.value.data as { tree?: unknown; truncated?: unknown } | null
    if (data?.truncated === true || !Array.isArray(data?.tree)) {
      const cause = `GitHub does not list all files of ${commit}.`
      return err(
        policyUnreadable(cause, 'Use `policy-from: git` with a checkout of the whole history.', 'world'),
      )
    }
    const entries = data.tree as readonly { path?: unknown; sha?: unknown; type?: unknown }[]
    return ok(
      new Map(
        entries.filter(({ type }) => type !== 'tree').map(({ path, sha }) => [String(path), String(sha)]),
      ),
    )
  }

  return {
    async resolve(ref, signal) {
      const accept = { accept: 'application/vnd.github.sha' }
      const answer = await github.rest(
        'GET /repos/{owner}/{repo}/commits/{ref}',
        { ...at, ref, headers: accept },
        signal,
      )
      if (!answer.ok) return answer
      const sha = parseCommitSha(String(answer.value.data).trim())
      if (sha !== undefined) return ok(sha)
      return err(policyUnreadable(`GitHub named no commit for ${ref}.`, 'Check `policy-ref`.', 'world'))
    },
    async file(commit, path, signal) {
      const listed = await tree(commit, signal)
      if (!listed.ok) return listed
      const blob = listed.value.get(path)
      if (blob === undefined) return ok(undefined)
      const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}'
      const answer = await github.rest(route, { ...at, file_sha: blob }, signal)
      if (!answer.ok) return answer
      const { content, encoding } = (answer.value.data ?? {}) as { content?: unknown; encoding?: unknown }
      if (typeof content === 'string' && encoding === 'base64')
        return ok(Buffer.from(content, 'base64').toString('utf8'))
      return err(policyUnreadable(`GitHub did not hand over ${path} of ${commit}.`, 'Run it again.', 'world'))
    },
    async changed(base, head, signal) {
      const [left, right] = [await tree(base, signal), await tree(head, signal)]
      if (!left.ok) return left
      if (!right.ok) return right
      const paths = new Set([...left.value.keys(), ...right.value.keys()])
      return ok([...paths].filter((path) => left.value.get(path) !== right.value.get(path)))
    },
  }
}
