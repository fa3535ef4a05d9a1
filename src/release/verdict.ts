import type { ReasonCode } from './reasons/index.ts'

/** What every action answers. `unknown` is never good: it stops a forward move and is no alarm either. */
export type Verdict = 'pass' | 'wait' | 'fail' | 'unknown'

/**
 * The answer of one gate. `off` = tuesday.yaml does not ask for it; it stands so in the checklist.
 * `until` is the earliest moment at which asking again can give another answer, where that is known.
 */
export type GateResult =
  | { readonly verdict: 'pass'; readonly why: string }
  | { readonly verdict: 'wait'; readonly reason: ReasonCode; readonly why: string; readonly until?: Date }
  | { readonly verdict: 'fail'; readonly reason: ReasonCode; readonly why: string }
  | { readonly verdict: 'unknown'; readonly reason: ReasonCode; readonly why: string }
  | { readonly verdict: 'off'; readonly why: string }
