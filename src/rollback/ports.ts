import type { Kube } from '../cluster/index.ts'
import type { Config } from '../config/index.ts'
import type { Ledger, NewEvent } from '../ledger/index.ts'
import type { Clock, CommitSha, Digest, Logger, Result } from '../release/index.ts'
import type { PinChange } from '../train/index.ts'

/** What a decision on the ledger wants written. No events: nothing is written. */
export interface Wanted {
  readonly events: readonly NewEvent[]
  readonly pins: readonly PinChange[]
}

/**
 * Read, decide, commit events, pins and the files of their configuration by compare-and-swap; decided anew when
 * somebody else was faster. `src/train` has it (`commitDecision`); only what a rollback needs stands here.
 */
export type Journal = <T extends Wanted>(
  decide: (ledger: Ledger, now: Date) => Promise<Result<T>>,
) => Promise<Result<{ readonly decided: T; readonly ledger: Ledger; readonly commit?: CommitSha }>>

export interface RollbackContext {
  readonly config: Config
  readonly journal: Journal
  /** The cluster of a kubeconfig context, opened once. */
  readonly kube: (context: string) => Promise<Result<Kube>>
  readonly isAncestor: (
    ancestor: CommitSha,
    descendant: CommitSha,
    signal: AbortSignal,
  ) => Promise<Result<boolean>>
  /** Whether the registry holds the image; undefined when it does not say. Absent: nobody is asked. */
  readonly present?: (digest: Digest, signal: AbortSignal) => Promise<boolean | undefined>
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** States what stands if the run were cut off now. */
  readonly endState?: (text: string) => void
  readonly bounds?: Partial<Bounds>
}

export interface Bounds {
  /** From the commit to the controller taking up the old image: Git, Argo CD, API server. */
  readonly observedMs: number
  /** From there to all traffic on ready old pods. */
  readonly servedMs: number
}

export const usualBounds: Bounds = { observedMs: 180_000, servedMs: 300_000 }
