import type { ReasonCode } from './reasons/index.ts'

/**
 * Something that stopped a run. `blame` says whom the next step belongs to:
 * `user` = the input or the repository, `world` = a cluster, registry or network that may answer later,
 * `ours` = a defect of Tuesday.
 */
export interface Fault {
  readonly blame: 'user' | 'world' | 'ours'
  readonly reason: ReasonCode
  /** What happened, one sentence. */
  readonly cause: string
  /** Why that usually happens, one sentence. */
  readonly likely?: string
  /** What to do now, one sentence. */
  readonly next: string
  /** Where in a file, for an annotation. `line` and `column` count from 1. */
  readonly at?: { readonly file: string; readonly line?: number; readonly column?: number }
}

/** An expected failure is a value: the caller has to look at it. */
export type Result<T, F = Fault> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: F }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function err<F>(fault: F): { readonly ok: false; readonly fault: F } {
  return { ok: false, fault }
}

/** For the places where a fault cannot be handed up as a value; caught once, at the top of an action. */
export class FaultError extends Error {
  readonly fault: Fault
  constructor(fault: Fault, options?: { cause?: unknown }) {
    super(fault.cause, options)
    this.name = 'FaultError'
    this.fault = fault
  }
}

export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new FaultError(result.fault)
}
