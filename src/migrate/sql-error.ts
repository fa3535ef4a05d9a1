/** What a failed query says, from the server or from the socket below it. */
export interface SqlError {
  /** SQLSTATE of five characters, or the system's word such as ECONNREFUSED; empty when there is none. */
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** In the text of the statement, from 1. */
  readonly position?: number
  /** False when the server did not answer: what it did with the statement is not known. */
  readonly answered: boolean
}

/** Drivers throw their own classes; only their shape is looked at, so that no driver is loaded for it. */
export function sqlError(error: unknown): SqlError {
  const { code, message, detail, hint, position } = (error ?? {}) as Readonly<Record<string, unknown>>
  const state = typeof code === 'string' ? code : ''
  return {
    code: state,
    message: firstText(message, error),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(typeof position === 'string' && /^\d+$/.test(position) ? { position: Number(position) } : {}),
    // 57P01-57P03: the server ends or is not up; class 08: the connection itself.
    answered: /^[0-9A-Z]{5}$/.test(state) && !/^(57P0|08)/.test(state),
  }
}

/** Another transaction was in the way; nothing of ours was done and the same statement may pass next time. */
export function passes({ code }: SqlError): boolean {
  // lock_not_available, deadlock_detected, serialization_failure, query_canceled
  return ['55P03', '40P01', '40001', '57014'].includes(code)
}

function firstText(message: unknown, error: unknown): string {
  if (typeof message === 'string' && message !== '') return message
  // Happy eyeballs: every address failed, and only the parts say why.
  if (error instanceof AggregateError) return error.errors.map((part) => sqlError(part).message).join('; ')
  return String(error)
}
