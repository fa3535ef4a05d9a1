import type { CommitSha, Fault, Result } from '../release/index.ts'

/** The repository of the service, as far as its policy needs it. */
export interface PolicySource {
  /** The commit of a branch, tag or commit id. */
  resolve(ref: string, signal: AbortSignal): Promise<Result<CommitSha>>
  /** Undefined when the commit has no such file. */
  file(commit: CommitSha, path: string, signal: AbortSignal): Promise<Result<string | undefined>>
  /** Paths in which two commits differ, with those that were moved away from. */
  changed(base: CommitSha, head: CommitSha, signal: AbortSignal): Promise<Result<readonly string[]>>
}

export function policyUnreadable(cause: string, next: string, blame: Fault['blame'] = 'user'): Fault {
  return {
    blame,
    reason: 'policy-unreadable',
    cause,
    likely:
      'The branch that has tuesday.yaml was not fetched by the checkout, or the token may not read the repository.',
    next,
  }
}
