import { type Config, region as regionOfConfig } from '../config/index.ts'
import { type LedgerState, regionOf, vetoOf } from '../ledger/index.ts'
import { err, ok, type Result } from '../release/index.ts'
import type { TrainFacts } from './facts.ts'
import { steadyGate } from './gates.ts'
import { refusal, type Wish } from './wish.ts'

export interface FailoverWish {
  readonly region: string
  readonly to: string
  readonly person: string
  readonly reason: string
}

/**
 * T14: another region takes the traffic of one that is out. Only traffic changes: the region that stands in
 * already serves a release that was verified there, and the law of the data lets it.
 */
export function failover(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  wish: FailoverWish,
  now: Date,
): Result<Wish> {
  const { region, to, person, reason } = wish
  const from = regionOfConfig(config, region)
  if (!from.ok) return from
  const target = regionOfConfig(config, to)
  if (!target.ok) return target
  const known = regionOf(state, region)
  if (known?.failover?.to === to) return ok({ events: [], why: `${to} stands in for ${region} already` })
  if (known?.excluded === undefined || known.failover !== undefined) {
    const cause = known?.excluded
      ? `${known.failover?.to} stands in for ${region}.`
      : `${region} is in service.`
    return err(
      refusal('failover-refused', cause, 'Exclude the region first; bring back what was moved before.'),
    )
  }
  const allowed = target.value.standsInFor ?? sameLaw(config, target.value.jurisdiction)
  if (to === region || !allowed.includes(region)) {
    const cause = `${to} may not serve the data of ${region} (${from.value.jurisdiction}).`
    return err(
      refusal('residency', cause, 'Name a region under the same jurisdiction, or set `stands-in-for`.'),
    )
  }
  const standby = regionOf(state, to)
  const why = standby === undefined ? `${to} was never adopted` : unready(state, facts, config, to, now)
  if (why !== undefined) {
    return err(
      refusal('failover-refused', `${to} cannot stand in: ${why}.`, 'Choose another region, or wait.'),
    )
  }
  const event = { type: 'failed-over', region, to, person, reason } as const
  return ok({ events: [event], why: `${to} stands in for ${region}: ${reason}` })
}

function sameLaw(config: Config, jurisdiction: string): readonly string[] {
  return config.train.order.filter((r) => config.environments[r]?.jurisdiction === jurisdiction)
}

/** Steady on something that was verified there, by fresh facts, and not going anywhere itself. */
function unready(
  state: LedgerState,
  facts: TrainFacts,
  config: Config,
  name: string,
  now: Date,
): string | undefined {
  const region = regionOf(state, name)
  if (region?.pins === undefined) return 'its pins are not known'
  if (region.excluded !== undefined) return 'it is out itself'
  if (region.phase !== 'steady') return `it is ${region.phase}`
  const digests = new Set(Object.values(region.pins.workloads))
  const { configSha } = region.pins
  const verified = region.verified.some(
    (v) => digests.size === 1 && digests.has(v.digest) && v.configSha === configSha && !vetoOf(state, v),
  )
  if (!verified) return 'what it runs was not verified there'
  const steady = steadyGate(region, facts.regions.get(name), config, now)
  return steady.verdict === 'pass' ? undefined : steady.why
}
