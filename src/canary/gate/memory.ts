import { viewOf } from '../../cluster/index.ts'
import type { Observed } from './observe.ts'
import type { WeightAt } from './record.ts'

/** Times since when something has been so: all that a look cannot see by itself. */
export interface Memory {
  readonly broken?: Date
  readonly invalid?: Date
  readonly unpausing?: Date
  readonly unobserved?: Date
  /** First ready pod of the new version. */
  readonly ready?: Date
  /** All traffic on the new version, after something was in flight. */
  readonly cutOver?: Date
  readonly seenBefore: boolean
  readonly wasInFlight: boolean
  readonly initial: boolean
  /** When the oldest pod of the new version was made. */
  readonly evidenceStart?: Date
  readonly weights: readonly WeightAt[]
}

export const nothingYet: Memory = { seenBefore: false, wasInFlight: false, initial: false, weights: [] }

export function remember(before: Memory, seen: Observed, ours: boolean, now: Date): Memory {
  const { live } = seen
  const identified = ours && live.identified
  const view = viewOf(live)
  const ready = before.ready ?? (identified && seen.freshReady > 0 ? now : undefined)
  const tookTraffic = ready !== undefined || (view?.stepIndex ?? 0) > 0
  const wasInFlight = before.wasInFlight || (identified && live.inFlight)
  const firstEver = view === undefined ? live.old === undefined : view.stableHash === undefined
  const since = (on: boolean, key: 'broken' | 'invalid' | 'unpausing' | 'unobserved') =>
    on ? { [key]: before[key] ?? now } : {}
  const cutOver =
    before.cutOver ?? (watchedAfter(live.kind) && wasInFlight && seen.servesAll ? now : undefined)
  const evidenceStart = before.evidenceStart ?? (identified ? seen.freshBorn : undefined)
  const weights =
    before.weights.at(-1)?.weight === live.weight
      ? before.weights
      : [...before.weights, { at: now.getTime(), weight: live.weight }]
  return {
    ...since(identified && (seen.crashing || (tookTraffic && seen.freshReady === 0)), 'broken'),
    ...since(view?.invalidSpec !== undefined, 'invalid'),
    ...since(view?.unpausing === true, 'unpausing'),
    ...since(ours && !live.identified, 'unobserved'),
    seenBefore: before.seenBefore || identified,
    wasInFlight,
    initial: before.initial || (identified && live.inFlight && firstEver),
    weights,
    ...(ready === undefined ? {} : { ready }),
    ...(cutOver === undefined || !ours ? {} : { cutOver }),
    ...(evidenceStart === undefined ? {} : { evidenceStart }),
  }
}

/**
 * A canary has a last step with a baseline beside it, and Flagger ends on its own word; the others end with everything
 * on the new version.
 */
const watchedAfter = (kind: Observed['live']['kind']) => kind === 'blue-green' || kind === 'deployment'
