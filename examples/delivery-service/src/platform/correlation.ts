import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

const current = new AsyncLocalStorage<string>()

/** Ties the log lines and events of one request together, across processes. */
export function correlationId(): string | undefined {
  return current.getStore()
}

export function withCorrelation<T>(id: string, body: () => T): T {
  return current.run(id, body)
}

/** Takes an id from outside only in a form that cannot forge a log line; else makes one. */
export function acceptCorrelation(header: string | undefined): string {
  return header !== undefined && /^[A-Za-z0-9._-]{8,64}$/.test(header) ? header : randomUUID()
}
