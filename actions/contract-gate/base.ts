import { commitsOf, type GitContext, git } from '../../src/findings/index.ts'
import { err, ok, type Result } from '../../src/release/index.ts'

/** The commit that is meant by `base`: of the inputs, of the pull request or merge queue, or where the push began. */
export async function baseOf(
  context: GitContext,
  event: string,
  payload: unknown,
  input: string | undefined,
): Promise<Result<string | undefined>> {
  const named = input ?? commitsOf(event, payload, '').base ?? beforeOf(event, payload)
  if (named === undefined || /^[0-9a-f]{40}$/.test(named)) return ok(named)
  // A branch is what the remote has of it; a clone of one branch knows it by that name only.
  for (const name of [named, `refs/remotes/origin/${named}`]) {
    const found = await git(context, [
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{commit}`,
    ])
    if (found.code === 0) return ok(found.stdout.trim())
  }
  return err({
    blame: 'user',
    reason: 'contract-base-missing',
    cause: `\`base\` is ${named}, and the checkout has no branch, tag or commit of that name.`,
    likely: 'actions/checkout fetches a single commit unless it is told otherwise.',
    next: 'Give the checkout `fetch-depth: 0`, or `base` a name that the clone has.',
  })
}

function beforeOf(event: string, payload: unknown): string | undefined {
  if (event !== 'push' || typeof payload !== 'object' || payload === null || !('before' in payload))
    return undefined
  const { before } = payload
  // A branch that is new was pushed from nowhere.
  return typeof before === 'string' && /^[0-9a-f]{40}$/.test(before) && !/^0+$/.test(before)
    ? before
    : undefined
}
