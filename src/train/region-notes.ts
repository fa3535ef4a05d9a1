import { type LedgerState, type NewEvent, regionOf } from '../ledger/index.ts'
import { err, ok, type Result } from '../release/index.ts'
import { refusal, type Wish } from './wish.ts'

interface Said {
  readonly person: string
  readonly reason: string
}

/** T13: the region is not moved forward; the regions after it wait, or go on without it when `skip` is asked for. */
export function hold(
  state: LedgerState,
  region: string,
  { person, reason, skip }: Said & { skip?: boolean },
): Wish {
  const why = `${person} holds ${region}: ${reason}`
  const held = regionOf(state, region)?.hold
  if (held !== undefined && (held.skip ?? false) === (skip ?? false)) {
    return { events: [], why: `${region} is held already` }
  }
  return { events: [{ type: 'held', region, person, reason, ...(skip === true && { skip: true }) }], why }
}

/** Down, or not to be touched. Out is always allowed, also in the middle of a release: it is a fact, not a wish. */
export function exclude(state: LedgerState, region: string, { person, reason }: Said): Wish {
  if (regionOf(state, region)?.excluded !== undefined) return { events: [], why: `${region} is out already` }
  return {
    events: [{ type: 'excluded', region, person, reason }],
    why: `${person} takes ${region} out: ${reason}`,
  }
}

/** Back in service: its traffic has to come back first, so that nothing is shipped to where nobody looks. */
export function include(state: LedgerState, region: string, { person, reason }: Said): Result<Wish> {
  const known = regionOf(state, region)
  if (known?.excluded === undefined) return ok({ events: [], why: `${region} is in service` })
  if (known.failover !== undefined) {
    const cause = `${known.failover.to} still serves the traffic of ${region}.`
    return err(refusal('failover-open', cause, 'Bring the traffic back and record it with `failback` first.'))
  }
  return ok({
    events: [{ type: 'included', region, person, reason }],
    why: `${person} takes ${region} back in: ${reason}`,
  })
}

export function failback(state: LedgerState, region: string, { person, reason }: Said): Wish {
  const events: NewEvent[] = [{ type: 'failed-back', region, person, reason }]
  const open = regionOf(state, region)?.failover !== undefined
  return open
    ? { events, why: `${region} serves its own traffic again: ${reason}` }
    : { events: [], why: `nobody stands in for ${region}` }
}
