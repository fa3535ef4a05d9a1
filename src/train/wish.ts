import type { Artifact, NewEvent } from '../ledger/index.ts'
import { type Fault, type ReasonCode, shortDigest } from '../release/index.ts'

/** What a person's wish adds to the ledger; no events when it was so before. */
export interface Wish {
  readonly events: readonly NewEvent[]
  readonly why: string
}

export function vetoed(artifact: Artifact, why: string): Fault {
  return refusal(
    'digest-vetoed',
    `${shortDigest(artifact.digest)} was found bad before: ${why}`,
    'Fix it in a new commit; that builds a new digest.',
  )
}

export function refusal(reason: ReasonCode, cause: string, next: string): Fault {
  return { blame: 'user', reason, cause, next }
}
