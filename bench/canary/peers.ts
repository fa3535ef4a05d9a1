import { differs } from './mann-whitney.ts'
import { BLOCK_SECONDS, BLOCKS, type Counts } from './worlds.ts'

/** Seconds from the first request to the end that the rule gives the canary; undefined when it never does. */
export type Peer = (blocks: readonly Counts[]) => number | undefined

const MINUTE = 60 / BLOCK_SECONDS

/**
 * Argo Rollouts' documented check (docs/features/analysis.md): success ratio of the whole Service by irate over 5 min,
 * every 5 min, at least 0.95, failureLimit 3; it fails at the fourth failure, failures add up (analysis/analysis.go).
 */
export const argoDocumented: Peer = (blocks) =>
  argo(blocks, 5 * MINUTE, 3, ({ nc, ec, ns, es }) => 1 - (ec + es) / (nc + ns))

/** The same on the canary alone, every minute. */
export const argoCanary: Peer = (blocks) => argo(blocks, MINUTE, 3, ({ nc, ec }) => 1 - ec / nc)

function argo(
  blocks: readonly Counts[],
  interval: number,
  limit: number,
  success: (last: Counts) => number,
): number | undefined {
  let failures = 0
  for (let at = interval; at <= blocks.length; at += interval) {
    // irate takes the last two samples; NaN fails a comparison.
    const last = blocks[at - 1]
    if (last !== undefined && !(success(last) >= 0.95)) failures++
    if (failures > limit) return at * BLOCK_SECONDS
  }
  return undefined
}

/**
 * Flagger with the tutorials' values: success rate of a minute at least 99 %, every minute, threshold 5; checks add up and
 * it rolls back at the tick after (pkg/controller/scheduler.go). No data is a failed check.
 */
export const flagger: Peer = (blocks) =>
  flaggerChecks(blocks.length, (from, to) => {
    const minute = blocks.slice(from, to)
    const nc = minute.reduce((sum, each) => sum + each.nc, 0)
    const ec = minute.reduce((sum, each) => sum + each.ec, 0)
    return nc > 0 && 1 - ec / nc >= 0.99
  })

export function flaggerChecks(
  length: number,
  passes: (from: number, to: number) => boolean,
): number | undefined {
  let failed = 0
  for (let at = MINUTE; at <= length; at += MINUTE) {
    if (failed >= 5) return at * BLOCK_SECONDS
    if (!passes(at - MINUTE, at)) failed++
  }
  return undefined
}

/** Kayenta's NetflixACAJudge once at the end, on the error ratio of each minute: direction "increase". */
export const kayenta: Peer = (blocks) => {
  const ratios = (n: 'nc' | 'ns', e: 'ec' | 'es') =>
    minutes(blocks).flatMap((minute) => {
      const requests = minute.reduce((sum, each) => sum + each[n], 0)
      return requests === 0 ? [] : [minute.reduce((sum, each) => sum + each[e], 0) / requests]
    })
  return kayentaJudge(ratios('nc', 'ec'), ratios('ns', 'es'))
}

/** Fails where the interval of the shift lies above a quarter of it, and the mean has grown. */
export function kayentaJudge(canary: readonly number[], stable: readonly number[]): number | undefined {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
  if (canary.length === 0 || stable.length === 0) return undefined
  const shift = differs(canary, stable, 0.98)
  if (shift === undefined || shift.lower <= 0.25 * Math.abs(shift.estimate)) return undefined
  return mean(canary) / mean(stable) < 1 ? undefined : BLOCKS * BLOCK_SECONDS
}

export function minutes<T>(blocks: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.floor(blocks.length / MINUTE) }, (_, at) =>
    blocks.slice(at * MINUTE, (at + 1) * MINUTE),
  )
}
