import { readLiveState } from '../../cluster/index.ts'
import { err, type Fault, ok, type Result } from '../../release/index.ts'
import type { GateContext, GateOptions } from '../gate/options.ts'
import { judgePolicy } from '../policy.ts'
import { calibrate } from './calibrate.ts'
import { readPodBlocks } from './history.ts'
import type { Thresholds } from './thresholds.ts'

export type CalibrateContext = Pick<GateContext, 'kube' | 'prometheus' | 'clock' | 'signal'>

export interface CalibrateRun extends Pick<GateOptions, 'target' | 'metrics' | 'judge' | 'blockMs'> {
  readonly environment: string
  readonly historyMs: number
}

/** One placebo rollout is as long as the first weight: half an hour. */
const WINDOW_MS = 30 * 60_000
/** One window is the history of the next, and no window is judged by thresholds that it has helped to set. */
const FEWEST_WINDOWS = 3

/** Placebo rollouts of every stable pod on the service's own past. Reads only. */
export async function calibrateFromHistory(
  { kube, prometheus, clock, signal }: CalibrateContext,
  { target, metrics, judge, blockMs, historyMs, environment }: CalibrateRun,
): Promise<Result<Thresholds>> {
  const { namespace, name, container, kind = 'Rollout' } = target
  const live = await readLiveState(kube, namespace, { name, container, kind }, signal)
  if (!live.ok) return live
  const stable = live.value.inFlight ? live.value.old : live.value.fresh
  if (stable === undefined) return err(tooShort(name, 'it has no version that is released'))
  const now = clock.now()
  const blocks = await readPodBlocks(
    prometheus,
    {
      metrics,
      stable: stable.replicaSet.metadata.name,
      from: new Date(now.getTime() - historyMs),
      clock,
      blockMs,
      created: new Map(
        live.value.pods.map((pod) => [
          pod.metadata.name,
          Date.parse(pod.metadata.creationTimestamp ?? '') || now.getTime(),
        ]),
      ),
    },
    signal,
  )
  if (!blocks.ok) return blocks
  const first = blocks.value.findIndex((block) => Object.keys(block).length > 1)
  const known = first < 0 ? [] : blocks.value.slice(first)
  const size = Math.max(2, Math.round(WINDOW_MS / blockMs))
  const windows = Math.floor(known.length / size)
  if (windows < FEWEST_WINDOWS) {
    const minutes = Math.round((known.length * blockMs) / 60_000)
    return err(
      tooShort(
        name,
        `two pods of it side by side are known for ${minutes} min, ${(FEWEST_WINDOWS * WINDOW_MS) / 60_000} are needed`,
      ),
    )
  }
  const policy = judgePolicy(
    metrics.map((each) => each.name),
    size,
    judge,
  )
  return ok({
    version: 1,
    workload: name,
    environment,
    blockSeconds: blockMs / 1000,
    from: new Date(now.getTime() - known.length * blockMs).toISOString(),
    to: now.toISOString(),
    ...calibrate(policy, known, { blockMs }),
  })
}

function tooShort(workload: string, why: string): Fault {
  return {
    blame: 'world',
    reason: 'canary-history-short',
    cause: `${workload} cannot be calibrated: ${why}.`,
    likely:
      'The version was released a short while ago, it runs one pod, or Prometheus keeps samples for a short time.',
    next: 'Calibrate later, a day after a release; until then the gate judges by its defaults, which are stricter.',
  }
}
