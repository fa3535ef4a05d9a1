import type { Fault } from '../release/index.ts'
import { faultOutcome, type Outcome } from './outcome.ts'

/** The reason of the signal that a handler gets when the job is cancelled. */
export class Cancelled extends Error {
  constructor() {
    super('the job was cancelled')
    this.name = 'Cancelled'
  }
}

/** What a thrown value comes to. `endState` is what the handler last said would stand. */
export function thrownOutcome(error: unknown, signal: AbortSignal, endState: string | undefined): Outcome {
  if (signal.aborted && (error === signal.reason || nameOf(error) === 'AbortError'))
    return cancelled(endState)
  const fault = faultOf(error)
  return fault === undefined ? defect(describe(error), endState) : faultOutcome(fault)
}

export function cancelled(endState: string | undefined): Outcome {
  return {
    verdict: 'unknown',
    reason: 'cancelled',
    message: `The run was cancelled. ${endState ?? 'It had stated no change.'}`,
    next: 'Run the action again: it reads what stands and goes on from there.',
  }
}

function defect(cause: string, endState: string | undefined): Outcome {
  return faultOutcome({
    blame: 'ours',
    reason: 'internal-error',
    cause: endState === undefined ? cause : `${cause}\n${endState}`,
    next: 'Run the step again with debug logging and report what it prints.',
  })
}

/** First frames of a stack: places, never source lines, which in a bundle are 100,000 characters long. */
export function frames(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return lines.slice(0, 12).map((line) => line.trim().slice(0, 300))
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return `Unexpected: ${text.length > 1_000 ? `${text.slice(0, 1_000)}...` : text}`
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined
}

/** By shape: parts of a bundle that are loaded on demand hold their own copy of the class. */
function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error) || error.name !== 'FaultError' || !('fault' in error)) return undefined
  return error.fault as Fault
}
