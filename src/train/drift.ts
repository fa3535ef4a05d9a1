import { type LedgerState, type Pins, regionOf } from '../ledger/index.ts'
import { shortDigest } from '../release/index.ts'
import type { TrainFacts } from './facts.ts'

/** What the pins file of a region says other than the ledger, in one sentence; undefined when they agree. */
export function driftOf(state: LedgerState, facts: TrainFacts, name: string): string | undefined {
  const wanted = regionOf(state, name)?.pins
  if (wanted === undefined) return undefined
  const found = facts.regions.get(name)?.pins
  return pinDifference(name, wanted, found)
}

export function pinDifference(name: string, wanted: Pins, found: Pins | undefined): string | undefined {
  if (found === undefined) return `${name}: the pins file is gone or could not be read`
  if (found.configSha !== wanted.configSha) {
    return `${name}: the configuration is pinned to ${found.configSha.slice(0, 12)}, the ledger says ${wanted.configSha.slice(0, 12)}`
  }
  const names = new Set([...Object.keys(wanted.workloads), ...Object.keys(found.workloads)])
  for (const workload of names) {
    const is = Object.hasOwn(found.workloads, workload) ? found.workloads[workload] : undefined
    const was = Object.hasOwn(wanted.workloads, workload) ? wanted.workloads[workload] : undefined
    if (is === was) continue
    const show = (d: typeof is): string => (d === undefined ? 'nothing' : shortDigest(d))
    return `${name}: ${workload} is pinned to ${show(is)}, the ledger says ${show(was)}`
  }
  return undefined
}
