import type { RunContext } from './run-context.ts'
import { cancelWork } from './watch.ts'

const againMs = 250

/** For what has not been sent yet when the job is cancelled. */
export class Interrupted extends Error {}

/**
 * Sends a statement that a cancelled job takes back at once. The server ignores a cancellation that arrives before the
 * statement, so it is repeated until the statement has ended.
 */
export async function interruptible<T>(context: RunContext, send: () => Promise<T>): Promise<T> {
  const { signal } = context
  if (signal.aborted) throw new Interrupted('cancelled')
  let timer: NodeJS.Timeout | undefined
  let ended = false
  let asked: Promise<void> = Promise.resolve()
  const cancel = () => {
    if (ended) return
    asked = cancelWork(context).catch(() => {})
    timer = setTimeout(cancel, againMs)
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await send()
  } finally {
    ended = true
    signal.removeEventListener('abort', cancel)
    clearTimeout(timer)
    await asked
  }
}
