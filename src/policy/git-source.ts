import { type Exec, type ExecResult, err, ok, parseCommitSha, type Result } from '../release/index.ts'
import { type PolicySource, policyUnreadable } from './source.ts'

export interface GitSourceOptions {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string>>
  /** The checkout of the job: its objects are read, never its work tree. */
  readonly dir: string
  readonly timeoutMs?: number
}

/** The policy out of a local clone. A branch is what `origin` was last seen to have, never a local branch. */
export function gitPolicySource({ exec, env, dir, timeoutMs = 60_000 }: GitSourceOptions): PolicySource {
  async function git(args: readonly string[], signal: AbortSignal): Promise<Result<ExecResult>> {
    const quiet = { ...env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
    try {
      return ok(await exec('git', ['-C', dir, ...args], { env: quiet, timeoutMs, signal }))
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      return err(
        policyUnreadable(`git could not be run in ${dir}: ${why}.`, 'Install git on the runner.', 'world'),
      )
    }
  }

  return {
    async resolve(ref, signal) {
      const names =
        parseCommitSha(ref) === undefined ? [`refs/remotes/origin/${ref}`, `refs/tags/${ref}`] : [ref]
      for (const name of names) {
        const found = await git(
          ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
          signal,
        )
        if (!found.ok) return found
        const sha = parseCommitSha(found.value.stdout.trim())
        if (sha !== undefined) return ok(sha)
      }
      const cause = `The clone in ${dir} does not have ${ref} of origin.`
      return err(
        policyUnreadable(
          cause,
          `Fetch it first: git fetch origin ${ref}, or set fetch-depth: 0 on the checkout.`,
        ),
      )
    },
    async file(commit, path, signal) {
      const listed = await git(['ls-tree', '-z', '--full-tree', commit, '--', path], signal)
      if (!listed.ok) return listed
      if (listed.value.code !== 0) {
        return err(
          policyUnreadable(
            `${commit} could not be read: ${listed.value.stderr.trim()}.`,
            'Fetch the commit first.',
          ),
        )
      }
      const [, kind, blob] = /^\d+ (\w+) ([0-9a-f]{40})\t/.exec(listed.value.stdout) ?? []
      if (blob === undefined || kind !== 'blob') return ok(undefined)
      const shown = await git(['cat-file', 'blob', blob], signal)
      if (!shown.ok) return shown
      if (shown.value.code === 0) return ok(shown.value.stdout)
      return err(
        policyUnreadable(`${path} of ${commit} could not be read.`, 'Fetch the commit with its files first.'),
      )
    },
    async changed(base, head, signal) {
      const compared = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', base, head], signal)
      if (!compared.ok) return compared
      if (compared.value.code === 0)
        return ok(compared.value.stdout.split('\0').filter((path) => path !== ''))
      const cause = `${base} and ${head} could not be compared: ${compared.value.stderr.trim()}.`
      return err(policyUnreadable(cause, 'Set fetch-depth: 0 on the checkout.'))
    },
  }
}
