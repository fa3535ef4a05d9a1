import { z } from 'zod'
import { type Ledger, ledgerPaths, stateVersion } from '../../ledger/index.ts'
import type { FleetView } from '../facts.ts'

export function fleetPaths(services: readonly string[]): readonly string[] {
  return services.map((service) => ledgerPaths(service).state)
}

const moving = z.object({
  version: z.int().max(stateVersion),
  regions: z.record(z.string(), z.object({ phase: z.string(), release: z.string().optional() })),
})

/**
 * Whether another service has a region on its way, by its state.json at the very commit that is decided on. Its
 * chain is not verified here: a forged file can only make this service wait or go, never ship anything.
 */
export function fleetOf(ledger: Ledger, services: readonly string[]): ReadonlyMap<string, FleetView> {
  return new Map(
    services.map((service) => [service, viewOf(ledger.snapshot.files.get(ledgerPaths(service).state))]),
  )
}

/** A service without a ledger has never moved. */
function viewOf(text: string | undefined): FleetView {
  if (text === undefined) return { kind: 'quiet' }
  try {
    const parsed = moving.safeParse(JSON.parse(text))
    if (!parsed.success) return { kind: 'unreadable' }
    const found = Object.entries(parsed.data.regions).find(
      ([name, r]) => name !== 'staging' && r.phase !== 'steady',
    )
    return found === undefined ? { kind: 'quiet' } : { kind: 'moving', region: found[0] }
  } catch {
    return { kind: 'unreadable' }
  }
}
