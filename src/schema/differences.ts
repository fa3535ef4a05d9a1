import { type LockMode, lockModes, type Prediction } from '../hazards/index.ts'
import type { Measured } from './measure.ts'

export interface Difference {
  /** `more`: the server did what nobody foretold; `less`: it was milder. */
  readonly kind: 'more' | 'less'
  readonly what: string
}

/** How the measured work of a statement differs from the predicted one. Relations by `schema.name`. */
export function differences(predicted: Prediction, measured: Partial<Measured>): readonly Difference[] {
  const found: Difference[] = []
  const { table_locks: locks, rows_scanned: scans } = measured
  if (locks !== undefined)
    for (const name of new Set([...Object.keys(locks), ...Object.keys(predicted.locks)])) {
      const real = rank(locks[name])
      const told = rank(predicted.locks[name])
      if (real !== told)
        found.push({
          kind: real > told ? 'more' : 'less',
          what: `lock on ${name}: ${locks[name] ?? 'none'}, predicted ${predicted.locks[name] ?? 'none'}`,
        })
    }
  const sets: readonly [string, readonly string[] | undefined, readonly string[]][] = [
    ['rewrite of', measured.rewrites, predicted.rewrites],
    ['rebuild of', measured.index_rebuilds, predicted.indexRebuilds],
    ['read of all of', scans === undefined ? undefined : Object.keys(scans), predicted.scans],
  ]
  for (const [verb, real, told] of sets) {
    if (real === undefined) continue
    for (const name of real)
      if (!told.includes(name)) found.push({ kind: 'more', what: `${verb} ${name}, not predicted` })
    for (const name of told)
      if (!real.includes(name)) found.push({ kind: 'less', what: `no ${verb} ${name}, predicted` })
  }
  return found
}

function rank(mode: string | undefined): number {
  return mode === undefined ? -1 : lockModes.indexOf(mode as LockMode)
}
