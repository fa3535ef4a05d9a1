import type { FileChange, GitOpsRepo, Snapshot } from '../gitops/index.ts'
import type { CommitSha, Result } from '../release/index.ts'
import { ok } from '../release/index.ts'
import type { Author, NewEvent } from './events.ts'
import { extendLog, ledgerPaths, type VerifiedLog, verifyLog } from './log.ts'
import { ledgerMessage } from './message.ts'

/** A verified ledger and the commit it was read from; `snapshot` also holds the other files that were asked for. */
export interface Ledger extends VerifiedLog {
  readonly snapshot: Snapshot
}

export type AppendOutcome =
  | { readonly kind: 'committed'; readonly commit: CommitSha; readonly ledger: Ledger }
  /** Somebody else moved the branch: throw the decision away, read again, decide again. */
  | { readonly kind: 'conflict'; readonly head: CommitSha }

/** Reads the ledger of a service, and `paths` of the same commit, and verifies it. */
export async function readLedger(
  repo: GitOpsRepo,
  service: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Result<Ledger>> {
  const snapshot = await repo.read([ledgerPaths(service).folder, ...paths], signal)
  if (!snapshot.ok) return snapshot
  const log = verifyLog(service, snapshot.value.files)
  return log.ok ? ok({ ...log.value, snapshot: snapshot.value }) : log
}

export interface Append {
  readonly events: readonly NewEvent[]
  readonly author: Author
  /** Changes of pins and configuration that stand or fall with the events. */
  readonly files?: readonly FileChange[]
  /** First line of the commit message; made from the events when it is absent. */
  readonly subject?: string
}

/** Commits events, the new state.json and `files` in one commit on the head that the ledger was read from. */
export async function appendEvents(
  repo: GitOpsRepo,
  ledger: Ledger,
  append: Append,
  signal: AbortSignal,
): Promise<Result<AppendOutcome>> {
  const { files, after } = extendLog(ledger, append.events, append.author)
  const changes: FileChange[] = [...(append.files ?? [])]
  for (const [path, text] of files) changes.push({ path, text })
  const added = after.events.slice(ledger.events.length)
  const message = ledgerMessage(ledger.state.service, added, append.subject)
  const outcome = await repo.commit({ parent: ledger.snapshot.head, message, files: changes }, signal)
  if (!outcome.ok) return outcome
  if (outcome.value.kind === 'conflict') return ok(outcome.value)
  const written = new Map(ledger.snapshot.files)
  for (const change of changes) {
    if ('text' in change) written.set(change.path, change.text)
    else written.delete(change.path)
  }
  const snapshot = { head: outcome.value.commit, files: written }
  return ok({ kind: 'committed', commit: outcome.value.commit, ledger: { ...after, snapshot } })
}
