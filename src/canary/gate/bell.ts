import type { Kube, Rollout, RolloutTarget } from '../../cluster/index.ts'
import { paths } from '../../cluster/index.ts'
import type { Clock } from '../../release/index.ts'

/** Ends a wait early: what a watch reports is looked at now and not at the next tick. */
export interface Bell {
  ring(): void
  /** Until the bell rings or the time is over. */
  wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void>
}

export function bell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async wait(ms, clock, signal) {
      signal.throwIfAborted()
      if (!rung) {
        const early = new AbortController()
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        const slept = clock.sleep(ms, AbortSignal.any([signal, early.signal])).catch((error: unknown) => {
          if (!early.signal.aborted) throw error
        })
        try {
          await Promise.race([woken, slept])
        } finally {
          early.abort()
          wake = undefined
        }
      }
      rung = false
    },
  }
}

/** Rings on every change of one Rollout until the signal is aborted. A blind watch is no fault here: the ticks go on. */
export async function ringOnChange(
  kube: Kube,
  target: RolloutTarget,
  signal: AbortSignal,
  to: Bell,
): Promise<void> {
  const events = kube.watch<Rollout>(paths.rollouts(target.namespace), {
    fieldSelector: `metadata.name=${target.name}`,
    signal,
  })
  for await (const event of events) {
    if (event.type !== 'fault') to.ring()
  }
}
