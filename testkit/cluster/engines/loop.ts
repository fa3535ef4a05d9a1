import type { SimClock } from '../../http/index.ts'
import { StatusError } from '../faults.ts'
import type { Store, StoreEvent } from '../store.ts'

/** A controller: which objects an event concerns, and how one of them is brought forward. */
export interface Controller {
  readonly name: string
  /** Keys of the objects to look at after this event. */
  readonly concerns: (event: StoreEvent) => readonly string[]
  /** One pass over one object. Returns after how many milliseconds to look again without an event. */
  readonly reconcile: (key: string) => number | undefined | Promise<number | undefined>
}

export interface Loop {
  enqueue(key: string): void
  /** Starts no further pass; resolves when the ones under way are through. */
  stop(): Promise<void>
}

/**
 * Runs a controller on the events of the store. An object waits `delayMs` in the queue, so that the
 * writes of one moment are seen together, as with the work queues of the real controllers.
 */
export function runController(
  clock: SimClock,
  store: Store,
  controller: Controller,
  delayMs: number,
  onDefect: (error: unknown) => void,
): Loop {
  const queued = new Map<string, () => void>()
  const wakes = new Map<string, () => void>()
  const running = new Map<string, Promise<void>>()
  let stopped = false

  const enqueue = (key: string) => {
    if (stopped || queued.has(key)) return
    queued.set(
      key,
      clock.after(delayMs, () => pass(key)),
    )
  }
  const pass = (key: string) => {
    queued.delete(key)
    // One object is in the hands of one worker at a time.
    if (running.has(key)) return enqueue(key)
    wakes.get(key)?.()
    wakes.delete(key)
    running.set(
      key,
      work(key).finally(() => running.delete(key)),
    )
  }
  const work = async (key: string): Promise<void> => {
    try {
      const again = await controller.reconcile(key)
      if (again !== undefined && !stopped)
        wakes.set(
          key,
          clock.after(again, () => enqueue(key)),
        )
    } catch (error) {
      // Somebody wrote in between: look again. Everything else is a defect of the stand-in.
      if (error instanceof StatusError && (error.code === 409 || error.code === 404)) enqueue(key)
      else onDefect(error)
    }
  }
  const unsubscribe = store.subscribe((event) => {
    for (const key of controller.concerns(event)) enqueue(key)
  })
  return {
    enqueue,
    async stop() {
      stopped = true
      unsubscribe()
      for (const cancel of [...queued.values(), ...wakes.values()]) cancel()
      await Promise.all(running.values())
    },
  }
}

export const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
