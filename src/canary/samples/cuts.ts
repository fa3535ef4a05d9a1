import type { Block, Counts, History, PodCounts } from '../judge/types.ts'
import type { PodCounters } from './counters.ts'

/** Names of a metric's cuts while blocks are made: a NUL is in no name of tuesday.yaml. */
const keyOf = (name: string, cut: number) => `${name}\0${cut}`

export function splitCuts(
  metrics: Readonly<Record<string, readonly (readonly PodCounters[])[]>>,
): Readonly<Record<string, readonly PodCounters[]>> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, cuts]) =>
      cuts.map((counters, cut) => [keyOf(name, cut), counters]),
    ),
  )
}

/** A metric with one cut missing is missing: its cuts come from the same scrape. */
export function joinCuts(block: Block, widths: Readonly<Record<string, number>>): Block {
  const metrics: Record<string, readonly Counts[]> = {}
  for (const [name, width] of Object.entries(widths)) {
    const cuts = Array.from({ length: width }, (_, cut) => block.metrics[keyOf(name, cut)]?.[0])
    const whole = cuts.filter((each) => each !== undefined)
    if (whole.length === width) metrics[name] = whole
  }
  return { ...block, metrics, ...(block.pods === undefined ? {} : { pods: joinPods(block.pods, widths) }) }
}

function joinPods(
  pods: Readonly<Record<string, PodCounts>>,
  widths: Readonly<Record<string, number>>,
): Readonly<Record<string, PodCounts>> {
  return Object.fromEntries(
    Object.entries(pods).map(([pod, { arm, metrics }]) => {
      const own = Object.keys(widths).flatMap((name) => {
        const tally = metrics[keyOf(name, 0)]
        return tally === undefined ? [] : [[name, tally] as const]
      })
      return [pod, { arm, metrics: Object.fromEntries(own) }]
    }),
  )
}

export function joinHistory(history: History, widths: Readonly<Record<string, number>>): History {
  return Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [
      name,
      Array.from({ length: width }, (_, cut) => history[keyOf(name, cut)]?.[0] ?? { n: 0, e: 0 }),
    ]),
  )
}
