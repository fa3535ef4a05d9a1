import type { Clock, Fault } from '../../release/index.ts'
import type { WorkloadRef } from '../facts.ts'
import type { Kube } from '../kube.ts'

export interface RolloutTarget {
  /** Default: Rollout. */
  readonly kind?: WorkloadRef['kind']
  readonly namespace: string
  readonly name: string
  readonly container: string
}

export interface MoveContext {
  readonly kube: Kube
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** One write and what it was for: the log of a move shows every one that was sent. */
export interface Sent {
  readonly at: string
  readonly what: string
}

/** `seconds` counts from the first write to the effect being read back. */
export interface Moved {
  readonly sent: readonly Sent[]
  readonly seconds: number
  readonly seen: string
}

export interface MoveFault extends Fault {
  /** What was sent before it failed: the next run, and the reader of the log, should know. */
  readonly sent?: readonly Sent[]
}

export function sendLog(clock: Clock): {
  readonly sent: Sent[]
  note(what: string): void
  seconds(): number
} {
  const sent: Sent[] = []
  let first: number | undefined
  return {
    sent,
    note(what) {
      const now = clock.now()
      first ??= now.getTime()
      sent.push({ at: now.toISOString(), what })
    },
    seconds: () => (first === undefined ? 0 : (clock.now().getTime() - first) / 1000),
  }
}

/**
 * Rollouts 1.9 can overwrite what it was just told in its own cache (upstream #4694; PR 4786 in 1.10): the API has
 * it, the controller does not, and the same patch again is no change that would be told to it. A message is one.
 */
export function again(sent: readonly Sent[]): { readonly message?: string } {
  return writtenTimes(sent.length)
}

export function writtenTimes(before: number): { readonly message?: string } {
  return before === 0 ? {} : { message: `waiting for the controller (${before})` }
}
