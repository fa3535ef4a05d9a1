import { dispersion } from '../calibrate/dispersion.ts'
import type { Block, Counts, History, PodCounts } from '../judge/types.ts'
import type { PodCounters } from './counters.ts'

export interface Arms {
  /** Name prefix of the canary's pods: its ReplicaSet. Empty: there are none. */
  readonly canary: string
  readonly stable: string
}

export interface BlockPlan {
  /** Milliseconds; block k covers (start + k x length, start + (k + 1) x length]. */
  readonly start: number
  readonly lengthMs: number
  readonly arms: Arms
  /** Moments at which the weight changed, as far as known. */
  readonly weightChanges: readonly number[]
}

export function armOf(pod: string, arms: Arms): 'canary' | 'stable' | undefined {
  if (arms.canary !== '' && pod.startsWith(`${arms.canary}-`)) return 'canary'
  if (pod.startsWith(`${arms.stable}-`)) return 'stable'
  return undefined
}

interface Cell {
  n: number
  e: number
  scrapes: number
}

/**
 * Puts each increment into the block of its end time, in both arms alike, since targets are scraped at different
 * moments. Only whole blocks are returned: one is whole when every target that is still scraped has reached its
 * end, or when two more block lengths have passed (a target that is late by more is missing).
 */
export function toBlocks(
  metrics: Readonly<Record<string, readonly PodCounters[]>>,
  plan: BlockPlan,
): readonly Block[] {
  const whole = wholeBlocks(metrics, plan)
  const canaryFirst = firstCanaryBlock(metrics, plan)
  const cells = new Map<string, Cell>()
  const cell = (metric: string, pod: string, block: number): Cell => {
    const key = `${block} ${metric} ${pod}`
    const found = cells.get(key) ?? { n: 0, e: 0, scrapes: 0 }
    cells.set(key, found)
    return found
  }
  for (const [metric, pods] of Object.entries(metrics)) {
    for (const { pod, increments } of pods) {
      for (const { at, total, bad } of increments) {
        const block = indexOf(at, plan)
        if (block < 0 || block >= whole) continue
        const into = cell(metric, pod, block)
        into.n += total
        into.e += bad
        into.scrapes++
      }
    }
  }
  const changed = new Set(plan.weightChanges.map((at) => indexOf(at, plan)))
  return Array.from({ length: whole }, (_, block) => {
    const made = blockOf(metrics, plan, (metric, pod) => cells.get(`${block} ${metric} ${pod}`))
    // Before the first canary scrape there is nothing to compare; that is a start, not a gap.
    return changed.has(block) || block < canaryFirst ? { ...made, excluded: true } : made
  })
}

/** Ends belong to the block they end, so that a scrape at the very end is inside. */
function indexOf(at: number, plan: BlockPlan): number {
  return Math.ceil((at - plan.start) / plan.lengthMs) - 1
}

function blockOf(
  metrics: Readonly<Record<string, readonly PodCounters[]>>,
  plan: BlockPlan,
  cellOf: (metric: string, pod: string) => Cell | undefined,
): Block {
  const counts: Record<string, readonly Counts[]> = {}
  const pods: Record<string, { arm: PodCounts['arm']; metrics: Record<string, { n: number; e: number }> }> =
    {}
  for (const [metric, counters] of Object.entries(metrics)) {
    const sum = { nc: 0, ec: 0, ns: 0, es: 0 }
    const scraped = { canary: 0, stable: 0 }
    for (const { pod } of counters) {
      const arm = armOf(pod, plan.arms)
      const cell = cellOf(metric, pod)
      if (arm === undefined || cell === undefined) continue
      scraped[arm] += cell.scrapes
      sum[arm === 'canary' ? 'nc' : 'ns'] += cell.n
      sum[arm === 'canary' ? 'ec' : 'es'] += cell.e
      const own = pods[pod] ?? { arm, metrics: {} }
      own.metrics[metric] = { n: cell.n, e: cell.e }
      pods[pod] = own
    }
    if (scraped.canary > 0 && scraped.stable > 0) counts[metric] = [sum]
  }
  return { metrics: counts, pods }
}

function wholeBlocks(metrics: Readonly<Record<string, readonly PodCounters[]>>, plan: BlockPlan): number {
  const lasts = Object.values(metrics)
    .flat()
    .flatMap(({ increments }) => increments.at(-1)?.at ?? [])
  const newest = lasts.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY)
  if (newest === Number.NEGATIVE_INFINITY) return 0
  const late = newest - 2 * plan.lengthMs
  const slowest = lasts.filter((at) => at > late).reduce((least, at) => Math.min(least, at), newest)
  return Math.max(0, Math.floor((Math.max(slowest, late) - plan.start) / plan.lengthMs))
}

function firstCanaryBlock(
  metrics: Readonly<Record<string, readonly PodCounters[]>>,
  plan: BlockPlan,
): number {
  let first = Number.POSITIVE_INFINITY
  for (const { pod, increments } of Object.values(metrics).flat()) {
    const at = armOf(pod, plan.arms) === 'canary' ? increments[0]?.at : undefined
    if (at !== undefined) first = Math.min(first, indexOf(at, plan))
  }
  return first
}

/** Stable counts from before the start: the baseline of the first bets, and how widely the pods scatter. */
export function toHistory(
  metrics: Readonly<Record<string, readonly PodCounters[]>>,
  plan: BlockPlan,
): History {
  return Object.fromEntries(
    Object.entries(metrics).map(([metric, pods]) => {
      let n = 0
      let e = 0
      const blocks = new Map<number, Record<string, { n: number; e: number }>>()
      for (const { pod, increments } of pods) {
        if (armOf(pod, plan.arms) !== 'stable') continue
        for (const each of increments) {
          if (each.at > plan.start) break
          n += each.total
          e += each.bad
          const index = indexOf(each.at, plan)
          const block = blocks.get(index) ?? {}
          const own = block[pod] ?? { n: 0, e: 0 }
          block[pod] = { n: own.n + each.total, e: own.e + each.bad }
          blocks.set(index, block)
        }
      }
      const ordered = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block)
      const phi = dispersion(ordered, plan.lengthMs)
      return [metric, [{ n, e, ...(phi === undefined ? {} : { phi }) }]]
    }),
  )
}
