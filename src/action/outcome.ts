import type { Fault, ReasonCode, Verdict } from '../release/index.ts'
import type { Json } from './json.ts'

export type AnnotationLevel = 'error' | 'warning' | 'notice'

/** A mark on a line of a file, or on the run. Most important first: the runner keeps ten a level. */
export interface Annotation {
  readonly level: AnnotationLevel
  readonly message: string
  readonly title?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** A part of the job summary, as Markdown. Most important first: the last ones are shortened first. */
export interface SummarySection {
  readonly title: string
  readonly body: string
}

/**
 * What a run of an action comes to. `message` is one sentence: what happened, with the evidence.
 * Exit code: 0 for pass and wait, 1 for fail and unknown; `fail-on: wait` turns wait into 1.
 */
export interface Outcome<OutputName extends string = string> {
  readonly verdict: Verdict
  readonly reason: ReasonCode
  readonly message: string
  /** Whom the next step belongs to; says how the text is introduced. Only for fail and unknown. */
  readonly blame?: Fault['blame']
  /** Why that usually happens. */
  readonly likely?: string
  /** What a person does now. */
  readonly next?: string
  /** Earliest moment at which asking again can give another answer. */
  readonly until?: Date
  /** The domain's own versioned record; stands as `data` in the output `result`. */
  readonly data?: Json
  /** The action's own outputs; one that is absent is written as an empty string. */
  readonly outputs?: Readonly<Partial<Record<OutputName, Json>>>
  readonly summary?: readonly SummarySection[]
  readonly annotations?: readonly Annotation[]
}

/** A fault as an outcome: the user's is a `fail`; the world's and ours say nothing of the release. */
export function faultOutcome<OutputName extends string = never>(
  fault: Fault,
  extra: Pick<Outcome<OutputName>, 'data' | 'outputs' | 'summary'> = {},
): Outcome<OutputName> {
  const { blame, reason, cause, likely, next, at } = fault
  return {
    verdict: blame === 'user' ? 'fail' : 'unknown',
    reason,
    message: cause,
    blame,
    ...(likely === undefined ? {} : { likely }),
    next,
    ...(at === undefined ? {} : { annotations: [{ level: 'error', message: cause, ...at }] }),
    ...extra,
  }
}
