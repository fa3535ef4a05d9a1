import { err, ok, type Result } from '../../release/index.ts'
import { type GitOpsMarks, type Mark, markPrefix } from '../marks.ts'
import { gitFailure, gitFault } from './faults.ts'
import type { Git } from './run.ts'

/** Marks by plain Git. `at` of a mark is a commit that was read or made in the folder of `run`. */
export function gitMarks(run: Git, url: string): GitOpsMarks {
  async function git(what: string, args: readonly string[], signal: AbortSignal): Promise<Result<string>> {
    const answer = await run(args, { signal })
    if (!answer.ok) return answer
    return answer.value.code === 0
      ? ok(answer.value.stdout)
      : err(gitFault(what, gitFailure(answer.value), answer.value))
  }

  return {
    async marks(prefix, signal) {
      const listed = await git(
        `Reading the marks of ${url}`,
        ['ls-remote', url, `${markPrefix}${prefix}*`],
        signal,
      )
      if (!listed.ok) return listed
      const refs = listed.value.split('\n').flatMap((line) => line.split('\t')[1] ?? [])
      return ok(refs.map((ref) => ref.slice(markPrefix.length)))
    },
    async setMark({ name, at, drop }: Mark, signal) {
      const set = await git(`Setting a mark of ${url}`, [...push, url, `${at}:${markPrefix}${name}`], signal)
      if (!set.ok || drop.length === 0) return set.ok ? ok(undefined) : set
      // What another run dropped a moment before is no fault; any other refusal leaves an old mark, which is dropped later.
      const gone = await run([...push, url, ...drop.map((each) => `:${markPrefix}${each}`)], { signal })
      return gone.ok ? ok(undefined) : gone
    },
  }
}

const push = ['push', '--porcelain', '--force', '--no-verify', '--no-signed'] as const
