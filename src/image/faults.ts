import type { Fault, ReasonCode } from '../release/index.ts'

type Words = { readonly likely?: string; readonly next: string }

export function user(reason: ReasonCode, cause: string, words: Words): Fault {
  return { blame: 'user', reason, cause, ...words }
}

export function world(reason: ReasonCode, cause: string, words: Words): Fault {
  return { blame: 'world', reason, cause, ...words }
}
