import { setTimeout as sleep } from 'node:timers/promises'
import type { Rig } from '../../rig/index.ts'
import { type Kube, paths, type Rollout } from '../../src/cluster/index.ts'
import type { Stage } from '../../testkit/canary/index.ts'

const POLL_MS = 200

/** Both ends as an onlooker sees them: no judge's own word. */
export interface Follower {
  /** Seconds from the canary's first request to the abort; undefined when it was not aborted within the cap. */
  readonly aborted: Promise<number | undefined>
  stop(): void
}

/** `capSeconds` count from the first request. */
export function follow(rig: Rig, kube: Kube, namespace: string, stage: Stage, capSeconds: number): Follower {
  const stop = new AbortController()
  const aborted = (async () => {
    const first = await firstRequest(rig, stage, stop.signal)
    const cap = AbortSignal.any([stop.signal, AbortSignal.timeout(capSeconds * 1_000)])
    const watched = { fieldSelector: `metadata.name=${stage.name}`, signal: cap }
    for await (const event of kube.watch<Rollout>(paths.rollouts(namespace), watched)) {
      const objects = event.type === 'sync' ? event.objects : event.type === 'fault' ? [] : [event.object]
      if (objects.some(({ status }) => status?.abort === true)) return (performance.now() - first) / 1_000
    }
    return undefined
  })().catch((error: unknown) => {
    if (stop.signal.aborted) return undefined
    throw error
  })
  return { aborted, stop: () => stop.abort() }
}

/** When the load generator's own page first shows a request to the canary. */
async function firstRequest(rig: Rig, { next }: Stage, signal: AbortSignal): Promise<number> {
  for (;;) {
    const page = await fetch(`${rig.loadUrl}/metrics`, { signal })
    const text = await page.text()
    if (text.split('\n').some((line) => line.startsWith('http_requests_total') && line.includes(next)))
      return performance.now()
    await sleep(POLL_MS, undefined, { signal })
  }
}
