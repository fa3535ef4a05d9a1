import type { NewEvent, Pins } from '../ledger/index.ts'
import type { ReasonCode, Verdict } from '../release/index.ts'
import type { Gate } from './gates.ts'

/** What the caller runs next, and answers with `record`. `pin` is done by the commit itself: look again. */
export type Step =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'migrate' | 'pin' | 'canary' | 'bake'
      readonly region: string
      readonly transition: string
    }

export const noStep: Step = { kind: 'none' }

/** A change of one environment's pins file that stands in the same commit as the events. */
export interface PinChange {
  readonly region: string
  readonly pins: Pins
}

/** At most one forward transition, or moves back. Nothing has happened yet: the caller commits it, then acts. */
export interface Decision {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly why: string
  /** Asking again before this gives the same answer. */
  readonly until?: Date
  readonly step: Step
  readonly events: readonly NewEvent[]
  readonly pins: readonly PinChange[]
  /** The checklist behind the answer. */
  readonly gates: readonly Gate[]
}
