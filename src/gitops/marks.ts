import type { CommitSha, Result } from '../release/index.ts'

/**
 * Names beside the branch, kept as `refs/tuesday/<name>`: what was done after a commit of it. Neither Argo CD nor the
 * history of the branch sees them, so they may change at every run.
 */
export interface GitOpsMarks {
  /** Names that begin with `prefix`. */
  marks(prefix: string, signal: AbortSignal): Promise<Result<readonly string[]>>
  /** Sets `name` on a commit of the branch, then drops others. Setting or dropping twice changes nothing. */
  setMark(mark: Mark, signal: AbortSignal): Promise<Result<void>>
}

export interface Mark {
  readonly name: string
  readonly at: CommitSha
  readonly drop: readonly string[]
}

export const markPrefix = 'refs/tuesday/'
