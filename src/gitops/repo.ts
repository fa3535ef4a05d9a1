import type { CommitSha, Fault, Result } from '../release/index.ts'

/** One commit of the GitOps branch and the files that were asked for. A path that does not exist is absent. */
export interface Snapshot {
  readonly head: CommitSha
  readonly files: ReadonlyMap<string, string>
}

export type FileChange =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly delete: true }

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly commit: CommitSha }
  /** Someone else moved the branch. The decision is thrown away and made anew from a fresh snapshot. */
  | { readonly kind: 'conflict'; readonly head: CommitSha }

/**
 * The branch that Argo CD reads and that holds the ledger. Every write is a compare-and-swap on the
 * branch head: pins and ledger lines of one decision stand in one commit or in none.
 */
export interface GitOpsRepo {
  /** `paths` are files, or folders with a trailing slash (read recursively). */
  read(paths: readonly string[], signal: AbortSignal): Promise<Result<Snapshot>>
  commit(
    change: { readonly parent: CommitSha; readonly message: string; readonly files: readonly FileChange[] },
    signal: AbortSignal,
  ): Promise<Result<CommitOutcome, Fault>>
  /** True when `ancestor` is `descendant` or stands in its history. */
  isAncestor(ancestor: CommitSha, descendant: CommitSha, signal: AbortSignal): Promise<Result<boolean>>
}
