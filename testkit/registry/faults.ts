import type { HttpRequest, Reply } from '../http/index.ts'

/** What a registry does when it has a bad day. */
export type FaultKind =
  /** 429 with Retry-After. */
  | 'too-many-requests'
  | 'server-error'
  /** The connection breaks in the middle of a blob. */
  | 'drop-in-blob'
  /** A manifest is served under another digest than its own. */
  | 'wrong-digest'

export interface FaultSwitch {
  /** The next request that fits answers so; `times` requests, 1 when absent. */
  next(kind: FaultKind, options?: { readonly match?: RegExp; readonly times?: number }): void
  clear(): void
}

interface Armed {
  readonly kind: FaultKind
  readonly match: RegExp
  left: number
}

export interface Faults extends FaultSwitch {
  take(kinds: readonly FaultKind[], request: HttpRequest): FaultKind | undefined
}

export function createFaults(): Faults {
  let armed: Armed[] = []
  return {
    next(kind, options = {}) {
      armed.push({ kind, match: options.match ?? /^/, left: options.times ?? 1 })
    },
    clear() {
      armed = []
    },
    take(kinds, request) {
      const found = armed.find(
        (fault) => kinds.includes(fault.kind) && fault.match.test(`${request.method} ${request.path}`),
      )
      if (found === undefined) return undefined
      found.left--
      if (found.left === 0) armed = armed.filter((fault) => fault !== found)
      return found.kind
    },
  }
}

export function refusal(kind: 'too-many-requests' | 'server-error'): Reply {
  return kind === 'too-many-requests'
    ? { status: 429, headers: { 'retry-after': '1' }, body: errors('TOOMANYREQUESTS', 'too many requests') }
    : { status: 500, body: errors('UNKNOWN', 'unknown error') }
}

export const errors = (code: string, message: string, detail?: unknown): object => ({
  errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }],
})
