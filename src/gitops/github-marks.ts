import type { GitHubClient } from '../github/index.ts'
import { err, ok } from '../release/index.ts'
import { dig, textOf } from './answers.ts'
import { ofRepo } from './faults.ts'
import { type GitOpsMarks, type Mark, markPrefix } from './marks.ts'

/** Marks through GitHub's API. A new name for each state: a ref that is only ever made and dropped needs no lock. */
export function githubMarks(
  github: GitHubClient,
  at: { readonly owner: string; readonly repo: string },
): GitOpsMarks {
  const inUrl = (name: string) => `${markPrefix}${name}`.slice('refs/'.length)
  return {
    async marks(prefix, signal) {
      const answer = await github.rest(
        'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
        { ...at, ref: inUrl(prefix) },
        signal,
      )
      if (!answer.ok) return err(ofRepo(answer.fault))
      const refs: readonly unknown[] = Array.isArray(answer.value.data) ? answer.value.data : []
      return ok(refs.map((entry) => textOf(dig(entry, 'ref')).slice(markPrefix.length)))
    },
    async setMark({ name, at: sha, drop }: Mark, signal) {
      const made = await github.rest(
        'POST /repos/{owner}/{repo}/git/refs',
        { ...at, ref: `${markPrefix}${name}`, sha },
        signal,
      )
      // 422: another run set it a moment before.
      if (!made.ok && made.fault.status !== 422) return err(ofRepo(made.fault))
      for (const each of drop) {
        const gone = await github.rest(
          'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
          { ...at, ref: inUrl(each) },
          signal,
        )
        if (!gone.ok && gone.fault.status !== 422) return err(ofRepo(gone.fault))
      }
      return ok(undefined)
    },
  }
}
